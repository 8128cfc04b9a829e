package markdown

import (
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// listParser and itemParser are goldmark's, save for control lines.
type (
	listParser struct {
		parser.BlockParser

		page *page
	}
	itemParser struct {
		parser.BlockParser

		page *page
	}
)

func (l listParser) Continue(list ast.Node, reader text.Reader, pc parser.Context) parser.State {
	switch l.page.judge(list.LastChild(), reader) {
	case inside:
		return parser.Continue | parser.HasChildren
	case outside:
		return parser.Close
	default:
		return l.BlockParser.Continue(list, reader, pc)
	}
}

func (i itemParser) Continue(item ast.Node, reader text.Reader, pc parser.Context) parser.State {
	switch i.page.judge(item, reader) {
	case inside:
		i.indent(item, reader)
		return parser.Continue | parser.HasChildren
	case outside:
		return parser.Close
	default:
		return i.BlockParser.Continue(item, reader, pc)
	}
}

// indent goes to where the item's text begins in this line, or to where the
// line's does, if that is before.
func (itemParser) indent(item ast.Node, reader text.Reader) {
	line, _ := reader.PeekLine()
	offset := 0
	if n, ok := item.(*ast.ListItem); ok {
		offset = n.Offset
	}
	position, padding := util.IndentPosition(line, reader.LineOffset(), offset)
	if position < 0 {
		position, padding = util.TrimLeftSpaceLength(line), 0
	}
	reader.AdvanceAndSetPadding(position, padding)
}
