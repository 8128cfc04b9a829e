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
// HTML parser moves text out of a table, and leaves comments where they are. What
// only parsers of HTML take for a comment goes.
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
		case html.CommentToken:
			piece = keptComment(piece)
		default: // Tags without content, and the doctype.
		}
		b.WriteString(piece)
	}
}

// keptComment leaves out what HTML has as a comment though it is none, such as
// <?xml version="1.0"?> before a document: html/template would print it as text.
// One with an action in it stays, to be seen.
func keptComment(piece string) string {
	if strings.HasPrefix(piece, "<!--") || conditional.MatchString(piece) {
		return piece
	}
	for range actions.Tokens(piece) {
		return piece
	}
	return ""
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
