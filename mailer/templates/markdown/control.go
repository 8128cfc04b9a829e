package markdown

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/postroom/postroom/mailer/templates/actions"
)

// control is a block: a line of control actions alone. After split it has one.
type control struct {
	ast.BaseBlock
	actions []actions.Action
}

var kindControl = ast.NewNodeKind("Control") //nolint:gochecknoglobals // goldmark numbers its kinds.

func (c *control) Kind() ast.NodeKind            { return kindControl }
func (c *control) IsRaw() bool                   { return true }
func (c *control) Dump(source []byte, level int) { ast.DumpHelper(c, source, level, nil, nil) }
func (c *control) action() actions.Action        { return c.actions[0] }

func isControl(n ast.Node) bool {
	_, ok := n.(*control)
	return ok
}

// controls are the actions of a line that has nothing else, or nil.
func (p *page) controls(line []byte) []actions.Action {
	var found []actions.Action
	for rest := bytes.TrimSpace(line); len(rest) > 0; rest = bytes.TrimSpace(rest[actions.TokenLength:]) {
		if len(rest) < actions.TokenLength {
			return nil
		}
		a, ok := p.table.Action(string(rest[:actions.TokenLength]))
		if !ok || !a.Kind.Controls() {
			return nil
		}
		found = append(found, a)
	}
	return found
}

// controlParser finds such lines wherever a block may begin, and so not in
// code or HTML.
type controlParser struct{ page *page }

func (controlParser) Trigger() []byte             { return []byte{'q'} }
func (controlParser) CanInterruptParagraph() bool { return true }
func (controlParser) CanAcceptIndentedLine() bool { return true }

func (c controlParser) Open(_ ast.Node, reader text.Reader, _ parser.Context) (ast.Node, parser.State) {
	line, _ := reader.PeekLine()
	found := c.page.controls(line)
	if found == nil {
		return nil, parser.NoChildren
	}
	node := &control{actions: found}
	for _, a := range found {
		if a.Kind == actions.Open {
			c.page.open(a, node)
		}
	}
	reader.AdvanceToEOL()
	return node, parser.NoChildren
}

func (controlParser) Continue(ast.Node, text.Reader, parser.Context) parser.State {
	return parser.Close
}

func (controlParser) Close(ast.Node, text.Reader, parser.Context) {}

func (p *page) open(a actions.Action, node *control) {
	if p.opened == nil {
		p.opened = map[string]*control{}
	}
	p.opened[a.Region] = node
}

// split gives each action between blocks a node of its own, and returns the
// nodes that have such among their children.
func (p *page) split(root ast.Node) (parents []ast.Node) {
	for _, c := range find[*control](root) {
		parent := c.Parent()
		if len(parents) == 0 || parents[len(parents)-1] != parent {
			parents = append(parents, parent)
		}
		for _, a := range c.actions {
			parent.InsertBefore(parent, c, &control{actions: []actions.Action{a}})
		}
		parent.RemoveChild(parent, c)
	}
	return unique(parents)
}

// controlRenderer writes an action between blocks as a comment.
type controlRenderer struct{}

func (r controlRenderer) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(kindControl, r.render)
}

func (controlRenderer) render(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if c, ok := node.(*control); ok && entering {
		_, _ = w.WriteString("<!--" + c.action().Token + "-->\n")
		if closesTable(node) {
			_, _ = w.WriteString("</tbody>\n")
		}
	}
	return ast.WalkContinue, nil
}
