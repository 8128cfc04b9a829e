package actions

import "strings"

const openTag, closeTag = "<!--", "-->"

// Restore puts the actions in the place of their tokens, bare ones and those in
// a comment of their own: <!--q7zaction000012z-->. All else stays text: a "{{"
// in it is written so that text/template prints it.
func (t *Table) Restore(masked string) Restored {
	w := writer{}
	w.text.Grow(len(masked) + len(masked)/4)
	done := 0
	for at, token := range Tokens(masked) {
		a, ok := t.Action(token)
		if !ok {
			continue
		}
		text, end := masked[done:at], at+TokenLength
		if strings.HasSuffix(text, openTag) && strings.HasPrefix(masked[end:], closeTag) {
			text, end = text[:len(text)-len(openTag)], end+len(closeTag)
		}
		w.write(text)
		w.put(a)
		done = end
	}
	w.write(masked[done:])
	return Restored{Text: w.text.String(), spans: w.spans}
}

// writer writes a template's source. Braces of the text never become a part of
// an action's: a trim marker, which trims only the space before it, parts them.
type writer struct {
	text  strings.Builder
	spans []span
	// brace is whether the last byte is a "{" of the text.
	brace bool
}

// nothing is a comment, which prints nothing, and parts two braces.
const nothing = " {{- /**/}}"

func (w *writer) write(text string) {
	for text != "" {
		if w.brace && text[0] == '{' {
			w.text.WriteString(nothing)
		}
		end := strings.Index(text, left) + 1 // After the first brace of two.
		if end == 0 {
			end = len(text)
		}
		w.text.WriteString(text[:end])
		w.brace = text[end-1] == '{'
		text = text[end:]
	}
}

func (w *writer) put(a Action) {
	begin := w.text.Len()
	if w.brace {
		w.text.WriteString(" {{- " + strings.TrimPrefix(a.Text, left))
	} else {
		w.text.WriteString(a.Text)
	}
	w.spans = append(w.spans, span{begin, w.text.Len(), a})
	w.brace = false
}
