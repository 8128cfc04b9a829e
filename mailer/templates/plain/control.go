package plain

import "strings"

// control is an action that prints nothing itself.
type control struct {
	token string
	kind  Kind
	at    int // Where it belongs in the text.
	shown bool

	dropped bool
}

// source puts the actions that print nothing into the text.
func (w *writer) source() string {
	dropEmpty(w.controls)
	text := w.text.String()
	var b strings.Builder
	b.Grow(len(text) + len(w.controls)*tokenLength)
	from := 0
	for _, c := range w.controls {
		if c.dropped {
			continue
		}
		b.WriteString(text[from:c.at])
		b.WriteString(c.token)
		from = c.at
	}
	b.WriteString(text[from:])
	return b.String()
}

// block is an action and those that belong to it, up to its end.
type block struct {
	members []int // Of the controls.
	stays   bool
}

// dropEmpty drops the actions of what is not shown. It takes a whole if with
// its else and end, or nothing of it: it stays if one of these is shown, or
// anything stands between them.
func dropEmpty(controls []control) {
	var open []block
	for i := range controls {
		c := &controls[i]
		switch {
		case c.kind == Open:
			open = append(open, block{})
		case c.kind == Quiet:
			for j := range open {
				open[j].stays = true
			}
			continue
		case len(open) == 0: // What it ends began nowhere. The template's parser will say so.
			continue
		}
		b := &open[len(open)-1]
		b.members = append(b.members, i)
		b.stays = b.stays || c.shown
		if c.kind != End {
			continue
		}
		if !b.stays && controls[b.members[0]].at == c.at {
			for _, j := range b.members {
				controls[j].dropped = true
			}
		} else if len(open) > 1 {
			open[len(open)-2].stays = true
		}
		open = open[:len(open)-1]
	}
}
