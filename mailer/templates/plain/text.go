package plain

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Text makes the source of a text part from masked HTML. kind says what the
// action behind a token does.
//
// What Text returns is for text/template, once the actions are put back, and
// what that renders is for Tidy. All tokens of what is shown stand in it once
// each, in the order of the HTML.
func Text(masked string, kind func(token string) Kind) string {
	w := &writer{kind: kind}
	rest := strings.ToValidUTF8(masked, "\uFFFD")
	// The tokenizer, and not the parser: a parser's tree has comments, and so
	// actions, in other places than the source where <table> holds text or
	// </html> is not the end.
	for z := html.NewTokenizer(strings.NewReader(rest)); ; {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		w.raw, rest = rest[:len(z.Raw())], rest[len(z.Raw()):]
		w.read(z.Token())
	}
	w.raw = rest
	w.conceal(rest) // A tag without an end, at the end of the file.
	w.close(0)
	return w.source()
}

func (w *writer) read(t html.Token) {
	switch t.Type {
	case html.TextToken:
		w.words(t.Data)
	case html.CommentToken:
		if before, token, after := w.cut(t.Data); token != "" && before == "" && after == "" {
			w.token(token, true)
		} else {
			w.conceal(t.Data)
		}
	case html.StartTagToken, html.SelfClosingTagToken:
		w.start(t)
	case html.EndTagToken:
		w.end(t)
	default:
		w.conceal(t.Data)
	}
}

// start reads a start tag, or what has no end tag.
func (w *writer) start(t html.Token) {
	w.conceal(t.Data)
	name := withoutTokens(t.Data)
	w.close(w.impliedEnds(name))

	isVoid := slices.Contains(void, name)
	e := element{name: name, hidden: slices.Contains(unseen, name) || w.hides(t.Attr), branch: w.depth}
	shown := !e.hidden && w.hiding == 0 && !isPixel(name, t.Attr)
	if shown {
		var open string
		open, e.shut = w.marks(name, t.Attr)
		w.mark(open)
	}
	if !isVoid && len(w.open) < maxOpen {
		w.push(e)
	}
	for _, a := range t.Attr {
		w.conceal(a.Key)
		switch key := withoutTokens(a.Key); {
		case shown && name == "a" && key == "href":
			w.address(a.Val)
		case shown && name == "img" && key == "alt":
			w.words(a.Val)
		default:
			w.conceal(a.Val)
		}
	}
	if shown && isVoid {
		w.mark(e.shut)
	}
}

// end reads an end tag. One that closes nothing has its marks all the same: it
// may be one of two, in the branches of an action. Tidy passes over marks that
// end what did not begin.
func (w *writer) end(t html.Token) {
	w.conceal(t.Data)
	name := withoutTokens(t.Data)
	if i := w.find(name); i >= 0 {
		w.close(i)
	} else if w.hiding == 0 && !slices.Contains(tablePart, name) {
		_, shut := w.marks(name, nil)
		w.mark(shut)
	}
}

// address writes a link's address, which Tidy sets behind the link's text.
// html/template escapes a value behind "?" or "#" for its place: Tidy has to.
func (w *writer) address(href string) {
	w.mark(string(link))
	inQuery := false
	for {
		before, token, after := w.cut(href)
		w.mark(strings.Map(printable, before))
		inQuery = inQuery || strings.ContainsAny(before, "?#")
		switch {
		case token == "":
			w.mark(string(said))
			return
		case inQuery && w.kind(token) == Output:
			w.mark(string(value) + token + string(valueIn))
		default:
			w.token(token, true)
		}
		href = after
	}
}
