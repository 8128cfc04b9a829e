package inline

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// sheet is a style block.
type sheet struct {
	tag    *tag
	source string // The document.
	text   string // The block's.
	offset int    // Of the text in the document.

	inHead, inBody bool
	frozen         bool // It stays as it is.
	conditional    bool // Its rules hold under a media query alone.
}

// findSheets returns the style blocks with CSS in them.
func findSheets(source string, root *html.Node, from map[*html.Node]*tag) ([]*sheet, error) {
	var sheets []*sheet
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if t := from[n]; n.DataAtom == atom.Style && t != nil {
			if s := newSheet(source, n, t); s != nil {
				sheets = append(sheets, s)
			}
		}
		if n.DataAtom == atom.Template {
			return // Nobody sees it.
		}
		for child := n.FirstChild; child != nil; child = child.NextSibling {
			walk(child)
		}
	}
	walk(root)
	for _, s := range sheets {
		if s.tag.after == s.tag.textEnd {
			return nil, at(source, s.tag.start, "this <style> is not closed")
		}
	}
	return sheets, nil
}

func newSheet(source string, n *html.Node, t *tag) *sheet {
	s := &sheet{tag: t, source: source, text: source[t.end:t.textEnd], offset: t.end}
	s.inHead = n.Parent.DataAtom == atom.Head && n.Parent.Namespace == ""
	s.inBody = n.Parent.DataAtom == atom.Body && n.Parent.Namespace == ""
	if a := t.attribute("type"); a != nil && a.value != "" && !hasToken(a.value) {
		if !strings.EqualFold(strings.TrimSpace(a.value), "text/css") {
			return nil // Not CSS.
		}
	}
	if a := t.attribute("media"); a != nil {
		media := strings.ToLower(strings.TrimSpace(a.value))
		s.conditional = media != "" && media != "all"
	}
	s.frozen = n.Namespace != "" || t.attribute("data-embed") != nil || hasToken(source[t.start:t.textEnd]) || betweenTokens(n)
	return s
}

// betweenTokens reports whether an action stands before and another behind a
// block beside it, so that it may be under a condition.
func betweenTokens(n *html.Node) bool {
	before, behind := false, false
	for sibling := n.PrevSibling; sibling != nil && !before; sibling = sibling.PrevSibling {
		before = sibling.Type == html.CommentNode && hasToken(sibling.Data)
	}
	for sibling := n.NextSibling; sibling != nil && !behind; sibling = sibling.NextSibling {
		behind = sibling.Type == html.CommentNode && hasToken(sibling.Data)
	}
	return before && behind
}
