package inline

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// verify makes sure of what this package promises: the same tokens, and the
// same tree but for style. HTML that is broken enough has trees that depend on
// whether two tags have the same attributes.
func verify(before, after string) error {
	if !slices.Equal(tokenPattern.FindAllString(before, -1), tokenPattern.FindAllString(after, -1)) {
		return &Error{Reason: "inlining would lose or move an action; please report this"}
	}
	old, err := outline(before)
	if err != nil {
		return err
	}
	now, err := outline(after)
	if err != nil {
		return err
	}
	if old != now {
		return &Error{Reason: "the tags are nested so wrongly that inlining would move some; close each element inside the one that it began in"}
	}
	return nil
}

// outline writes a tree in a form to compare: without style blocks, style
// attributes, widths of images, and space.
func outline(source string) (string, error) {
	root, err := parseHTML(source)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.DataAtom == atom.Style && n.Namespace == "" {
			return
		}
		outlineNode(&b, n)
		for child := n.FirstChild; child != nil; child = child.NextSibling {
			walk(child)
		}
		if n.Type == html.ElementNode {
			b.WriteString("\x00>")
		}
	}
	walk(root)
	return b.String(), nil
}

func outlineNode(b *strings.Builder, n *html.Node) {
	switch n.Type {
	case html.ElementNode:
		b.WriteString("\x00<" + n.Namespace + " " + n.Data)
		for _, a := range n.Attr {
			if a.Key != "style" && (a.Key != "width" || n.DataAtom != atom.Img) {
				b.WriteString("\x00" + a.Namespace + " " + a.Key + "\x00" + a.Val)
			}
		}
	case html.TextNode:
		for text := range strings.FieldsSeq(n.Data) {
			b.WriteString(text)
		}
	case html.CommentNode:
		b.WriteString("\x00!" + n.Data)
	default:
	}
}
