package markdown

import (
	"bytes"
	"slices"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/postroom/postroom/mailer/templates/actions"
)

// How far a control line is indented says little: people put them at the left
// margin, or under what they belong to. A line that opens stands where the text
// after it stands, and what belongs to it stands in the same place. To Markdown
// this matters within lists alone, where indentation tells what is whose.

// unknown is where nothing follows that would say how a line is meant.
const unknown = -1

// measure returns, for each line, the indentation of the first line after it
// that is neither blank nor one that opens, sets or comments; unknown where it
// is another control line, or none.
func (p *page) measure() []int {
	lines := bytes.SplitAfter(p.source, []byte("\n"))
	after := make([]int, len(lines))
	indent := unknown
	for i, line := range slices.Backward(lines) {
		after[i] = indent
		if util.IsBlank(line) {
			continue
		}
		found := p.controls(line)
		switch {
		case found == nil:
			indent, _ = util.IndentWidth(line, 0)
		case slices.ContainsFunc(found, settles):
			indent = unknown
		}
	}
	return after
}

// settles reports whether an action stands for itself, not for what follows.
func settles(a actions.Action) bool {
	return a.Kind != actions.Open && a.Kind != actions.Assign && a.Kind != actions.Comment
}

// verdict is where a control line stands.
type verdict int

const (
	asIndented verdict = iota
	inside
	outside
)

// judge says whether a control line stands in a list's item.
func (p *page) judge(item ast.Node, reader text.Reader) verdict {
	line, _ := reader.PeekLine()
	found := p.controls(line)
	if found == nil {
		return asIndented
	}
	first := found[0]
	if first.Kind == actions.Else || first.Kind == actions.End {
		return within(p.opened[first.Region], item)
	}
	number, _ := reader.Position()
	column, known := contentColumn(item)
	if settles(first) || !known || number >= len(p.lines) || p.lines[number] == unknown {
		return asIndented
	}
	switch {
	case p.lines[number] >= column:
		return inside
	case first.Kind == actions.Open:
		return outside
	default:
		return asIndented
	}
}

// within says whether an Open stands in an item.
func within(open *control, item ast.Node) verdict {
	if open == nil {
		return asIndented
	}
	for n := open.Parent(); n != nil; n = n.Parent() {
		if n == item {
			return inside
		}
	}
	return outside
}

// contentColumn is where the text of an item begins, from the left margin. In a
// quotation nobody knows.
func contentColumn(item ast.Node) (column int, known bool) {
	for n := item; n != nil; n = n.Parent() {
		switch n := n.(type) {
		case *ast.ListItem:
			column += n.Offset
		case *ast.Blockquote:
			return 0, false
		default:
		}
	}
	return column, true
}
