package actions

import "strings"

// keepLines takes the trim markers from actions on lines of control actions
// alone.
func keepLines(pieces []piece) {
	for first := 0; first < len(pieces); {
		last := first // The last action that begins on the line where the first ends.
		for last+1 < len(pieces) && pieces[last+1].action && !strings.Contains(pieces[last+1].text, "\n") {
			last++
		}
		if alone(pieces, first, last) {
			for i := first; i <= last; i++ {
				pieces[i].before, pieces[i].after = false, false
			}
		}
		first = last + 1
	}
}

// alone reports whether the pieces from first to last are control actions, and
// nothing but white space is on their line.
func alone(pieces []piece, first, last int) bool {
	for i := first; i <= last; i++ {
		p := pieces[i]
		kind, _, _ := classify(p.inner)
		text := p.text
		if i == first {
			text = text[strings.LastIndexByte(text, '\n')+1:]
		}
		if !p.action || !kind.Controls() || strings.Trim(text, space) != "" {
			return false
		}
	}
	after, _, _ := strings.Cut(pieces[last+1].text, "\n")
	return strings.Trim(after, space) == ""
}
