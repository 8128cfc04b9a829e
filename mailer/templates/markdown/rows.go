package markdown

import (
	"bytes"
	"slices"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// rows is a block: rows of a table that a control line parts from it.
type rows struct{ ast.BaseBlock }

var kindRows = ast.NewNodeKind("Rows") //nolint:gochecknoglobals // goldmark numbers its kinds.

func (r *rows) Kind() ast.NodeKind            { return kindRows }
func (r *rows) Dump(source []byte, level int) { ast.DumpHelper(r, source, level, nil, nil) }

// head is the two lines that make a table.
type head struct{ names, delimiter text.Segment }

// rowParser is goldmark's parser of tables, which are paragraphs at first. It
// finds the rows of a table behind control lines too.
type rowParser struct {
	parser.ParagraphTransformer

	page *page
}

func (r rowParser) Transform(paragraph *ast.Paragraph, reader text.Reader, pc parser.Context) {
	parent, next := paragraph.Parent(), paragraph.NextSibling()
	lines := slices.Clone(paragraph.Lines().Sliced(0, paragraph.Lines().Len()))
	r.ParagraphTransformer.Transform(paragraph, reader, pc)
	made := parent.LastChild()
	if next != nil {
		made = next.PreviousSibling()
	}
	if table, ok := made.(*extast.Table); ok && len(lines) > 1 {
		first := len(lines) - table.ChildCount() - 1
		r.page.keep(table, head{lines[first], lines[first+1]})
		return
	}
	if paragraph.Parent() == nil || !areRows(lines, reader.Source()) {
		return
	}
	if h, ok := r.page.tableBefore(paragraph); ok {
		block := &rows{}
		parent.ReplaceChild(parent, paragraph, block)
		r.read(block, h, lines, reader, pc)
		r.page.keep(block, h)
	}
}

func (p *page) keep(n ast.Node, h head) {
	if p.heads == nil {
		p.heads = map[ast.Node]head{}
	}
	p.heads[n] = h
}

// areRows is whether all lines begin with "|".
func areRows(lines []text.Segment, source []byte) bool {
	for _, line := range lines {
		if !bytes.HasPrefix(bytes.TrimLeft(line.Value(source), " \t"), []byte("|")) {
			return false
		}
	}
	return true
}

// tableBefore is the head of the table that stands before a block, with only
// control lines between.
func (p *page) tableBefore(n ast.Node) (h head, found bool) {
	before := n.PreviousSibling()
	between := false
	for isControl(before) {
		before, between = before.PreviousSibling(), true
	}
	if !between {
		return head{}, false
	}
	h, found = p.heads[before]
	return h, found
}

// read parses rows as goldmark would have done right below the head.
func (r rowParser) read(block *rows, h head, lines []text.Segment, reader text.Reader, pc parser.Context) {
	paragraph := ast.NewParagraph()
	paragraph.Lines().Append(h.names)
	paragraph.Lines().Append(h.delimiter)
	paragraph.Lines().AppendAll(lines)
	alone := ast.NewDocument()
	alone.AppendChild(alone, paragraph)
	r.ParagraphTransformer.Transform(paragraph, reader, pc)
	if table := alone.FirstChild(); table != nil && table.ChildCount() > 1 {
		move(table.FirstChild().NextSibling(), table.LastChild(), block)
	}
}
