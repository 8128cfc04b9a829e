package markdown

import (
	"regexp"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"

	"github.com/postroom/postroom/mailer/templates/actions"
)

// place is where an action stands: in which block or inline element, and in
// which part of it, if that is no content.
type place struct {
	node ast.Node
	part string
}

// places holds where each region begins.
type places struct {
	page   *page
	opened map[string]place
}

// checkPlaces holds that each region ends where it begins.
func (p *page) checkPlaces(root ast.Node) error {
	s := places{page: p, opened: map[string]place{}}
	for n := range all(root) {
		if err := s.visit(n); err != nil {
			return err
		}
	}
	return nil
}

func (s *places) visit(n ast.Node) error {
	parent := n.Parent()
	switch n := n.(type) {
	case *control:
		for _, a := range n.actions {
			if err := s.check(a, place{node: parent}); err != nil {
				return err
			}
		}
		return nil
	case *ast.Text:
		return s.read(place{node: parent}, n.Segment.Value(s.page.source))
	case *ast.Link:
		return s.readLink(n, n.Destination, n.Title)
	case *ast.Image:
		return s.readLink(n, n.Destination, n.Title)
	case *ast.RawHTML:
		return s.readHTML(place{n, "tag"}, n.Segments)
	case *ast.HTMLBlock:
		segments := text.NewSegments()
		segments.AppendAll(n.Lines().Sliced(0, n.Lines().Len()))
		if n.HasClosure() {
			segments.Append(n.ClosureLine)
		}
		return s.readHTML(place{node: parent}, segments)
	case *ast.FencedCodeBlock:
		if n.Info != nil {
			if err := s.read(place{n, "language"}, n.Info.Segment.Value(s.page.source)); err != nil {
				return err
			}
		}
		return s.read(place{node: n}, n.Lines().Value(s.page.source))
	case *ast.CodeBlock:
		return s.readCode(n)
	case *ast.LinkReferenceDefinition:
		for _, token := range actions.Tokens(string(n.Lines().Value(s.page.source))) {
			a, _ := s.page.table.Action(token)
			return a.Fault("%s can't stand in the definition of a link, which may be used elsewhere or not at all: "+
				"write [text](link)", a.Short())
		}
	default: // The others have no text of their own.
	}
	return nil
}

func (s *places) readLink(n ast.Node, destination, title []byte) error {
	if err := s.read(place{n, "link"}, destination); err != nil {
		return err
	}
	return s.read(place{n, "title"}, title)
}

// readCode reads a block that is code since it is set in. Right after a control
// line it is set in for another reason, and nobody would see code coming.
func (s *places) readCode(n *ast.CodeBlock) error {
	if c, ok := n.PreviousSibling().(*control); ok && !n.HasBlankPreviousLines() {
		a := c.actions[len(c.actions)-1]
		return a.Fault("the text after %s is set in by four spaces or more, which makes it code in Markdown: "+
			"set it in by less, or put a blank line before code", a.Short())
	}
	return s.read(place{node: n}, n.Lines().Value(s.page.source))
}

// tagPattern is an action in the place of a tag's name.
var tagPattern = regexp.MustCompile(`<[/ ]*(` + actions.TokenPattern + `)`)

func (s *places) readHTML(at place, lines *text.Segments) error {
	html := lines.Value(s.page.source)
	if m := tagPattern.FindSubmatch(html); m != nil {
		if a, ok := s.page.table.Action(string(m[1])); ok {
			return a.Fault("<%s> is neither a link nor text: write [text](%s) for a link, \\<%s> for text", a.Short(), a.Short(), a.Short())
		}
	}
	return s.read(at, html)
}

func (s *places) read(at place, masked []byte) error {
	for _, token := range actions.Tokens(string(masked)) {
		if a, ok := s.page.table.Action(token); ok {
			if err := s.check(a, at); err != nil {
				return err
			}
		}
	}
	return nil
}

// check is for each action in the order of the text.
func (s *places) check(a actions.Action, at place) error {
	if a.Kind == actions.Open {
		s.opened[a.Region] = at
	}
	if a.Region != "" && s.opened[a.Region] != at {
		open, _ := s.page.table.Action(a.Region)
		return torn(open)
	}
	return nil
}
