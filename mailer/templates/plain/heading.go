package plain

import "unicode"

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
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul), r >= 0x3000 && r <= 0x303f,
			r >= 0xff01 && r <= 0xff60, r >= 0x1f300:
			n += 2
		default:
			n++
		}
	}
	return n
}
