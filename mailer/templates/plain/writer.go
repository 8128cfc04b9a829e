package plain

import "strings"

// writer is a source in the making.
type writer struct {
	kind func(token string) Kind
	raw  string // What is being read, before references such as &amp; are decoded.

	text     strings.Builder
	controls []control

	open   []element // The elements that are open, outermost first.
	hiding int       // How many of them hide what is in them.
	pre    int       // How many keep white space.
	depth  int       // How many actions wait for their end.
}

// mark writes marks, or an address, as they are.
func (w *writer) mark(s string) { w.text.WriteString(s) }

// words writes text, its tokens included, if it is shown.
func (w *writer) words(s string) {
	if w.hiding > 0 {
		w.conceal(s)
		return
	}
	for {
		before, token, after := w.cut(s)
		if w.pre > 0 {
			w.mark(strings.Map(keepSpace, before))
		} else {
			w.mark(collapse(before, w.atSpace()))
		}
		if token == "" {
			return
		}
		w.token(token, true)
		s = after
	}
}

// atSpace reports whether a space would change nothing here: whatever the data
// is, a space or the beginning of a line precedes.
func (w *writer) atSpace() bool {
	if n := len(w.controls); n > 0 && w.controls[n-1].at == w.text.Len() {
		return false
	}
	s := w.text.String()
	return s == "" || s[len(s)-1] == ' ' || s[len(s)-1] == line || s[len(s)-1] == blank || s[len(s)-1] == newline
}

// conceal takes the tokens of what is not shown.
func (w *writer) conceal(s string) {
	for {
		_, token, after := w.cut(s)
		if token == "" {
			return
		}
		w.token(token, false)
		s = after
	}
}

// cut is cutToken for what was decoded. A token that the source has not is
// text.
func (w *writer) cut(s string) (before, token, after string) {
	before, token, after = cutToken(s)
	if token == "" || strings.Contains(w.raw, token) {
		return before, token, after
	}
	_, token, after = w.cut(after)
	return s[:len(s)-len(token)-len(after)], token, after
}

// token takes a token, which stands in a place that is shown or not.
func (w *writer) token(token string, shown bool) {
	shown = shown && w.hiding == 0
	kind := w.kind(token)
	switch kind {
	case Output:
		if shown {
			w.mark(token)
		}
		return
	case Open:
		w.depth++
	case Else:
		w.reveal()
	case End:
		w.reveal()
		w.depth = max(0, w.depth-1)
	default:
		shown = true
	}
	w.controls = append(w.controls, control{token: token, kind: kind, at: w.text.Len(), shown: shown})
}
