package templates

import (
	"errors"
	"io"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/postroom/postroom/mailer/templates/actions"
)

// inComments puts each token that stands where text may stand into a comment: an
// HTML parser moves text out of a table, and leaves comments where they are.
func inComments(masked string) string {
	var b strings.Builder
	b.Grow(len(masked) + len(masked)/8)
	z := html.NewTokenizer(strings.NewReader(masked))
	raw := false // Within an element that has no comments.
	for {
		kind := z.Next()
		piece := string(z.Raw())
		switch kind {
		case html.ErrorToken:
			b.WriteString(piece)
			if !errors.Is(z.Err(), io.EOF) {
				return masked // It is too large for the parser: others say so.
			}
			return b.String()
		case html.TextToken:
			if !raw {
				piece = commented(piece)
			}
		case html.StartTagToken:
			name, _ := z.TagName()
			raw = rawElements[atom.Lookup(name)]
		case html.EndTagToken:
			raw = false
		default: // Tags without content, comments and the doctype.
		}
		b.WriteString(piece)
	}
}

// rawElements have text alone.
var rawElements = map[atom.Atom]bool{
	atom.Iframe: true, atom.Noembed: true, atom.Noframes: true, atom.Plaintext: true, atom.Script: true, atom.Style: true,
	atom.Textarea: true, atom.Title: true, atom.Xmp: true,
}

func commented(text string) string {
	var b strings.Builder
	done := 0
	for at, token := range actions.Tokens(text) {
		b.WriteString(text[done:at] + "<!--" + token + "-->")
		done = at + actions.TokenLength
	}
	b.WriteString(text[done:])
	return b.String()
}
