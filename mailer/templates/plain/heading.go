package plain

import (
	"unicode"

	eastasian "golang.org/x/text/width"
)

// title begins a heading, or ends it with a line of "=" or "-" under its last
// line, and its link below that.
func (p *page) title(with byte) {
	if with == '+' || !p.heading || p.breaks > 0 || len(p.out) == 0 || p.pre {
		p.heading = with == '+'
		return
	}
	p.heading = false
	address := p.takeLink()
	p.blockCells()
	p.rule(with, width(p.out[p.lineStart:]))
	if address != "" {
		p.breaks = 1
		p.beginLine()
		p.out = append(p.out, address...)
	}
}

// rule underlines the last line.
func (p *page) rule(with byte, width int) {
	const most = 60 // More would break in two on a telephone.
	p.breaks = 1
	p.beginLine()
	for range min(width, most) {
		p.out = append(p.out, with)
	}
}

// width is how many columns a line takes where all letters are equally wide.
func width(s []byte) int {
	n := 0
	for _, r := range string(s) {
		switch {
		case r < 0x300:
			n++
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		default:
			n += columns(r)
		}
	}
	return n
}

// columns is how many one character takes: two for those of East Asia (Unicode
// Standard Annex 11), which pictures are, too.
func columns(r rune) int {
	switch eastasian.LookupRune(r).Kind() {
	case eastasian.EastAsianWide, eastasian.EastAsianFullwidth:
		return 2
	default:
		return 1
	}
}
