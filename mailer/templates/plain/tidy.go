package plain

import (
	"strings"
	"unicode/utf8"
)

// Tidy lays out what text/template made of a source from Text: lines and empty
// lines, numbers, indentation, links, rows of tables. No empty line follows
// another, except in preformatted text; no line ends with a space; the text
// ends with one line break, unless it is empty.
//
// It reads the text once, and is meant to run for each mail. It is not for
// text that somebody wrote by hand: spaces that follow one another become one.
func Tidy(rendered string) string {
	p := page{out: make([]byte, 0, len(rendered)+len(rendered)/8)}
	for s := strings.ToValidUTF8(rendered, "\uFFFD"); s != ""; {
		n := plainPrefix(s)
		if n > 0 {
			p.text(s[:n])
			s = s[n:]
			continue
		}
		s = p.special(s)
	}
	p.endLink()
	p.settle(true)
	p.trim()
	if len(p.out) > 0 {
		p.out = append(p.out, '\n')
	}
	return string(p.out)
}

// plainPrefix is how much of s is text and nothing else: words, with one space
// between them.
func plainPrefix(s string) int {
	for i := range len(s) {
		switch c := s[i]; {
		case c > ' ' && c < 0x7f:
		case c == ' ' && i > 0 && i+1 < len(s) && s[i+1] > ' ' && s[i+1] < 0x7f:
		case c > 0x7f && (c != 0xc2 || s[i+1] >= 0xa0): // Behind 0xc2 may be control characters.
		default:
			return i
		}
	}
	return len(s)
}

// special takes the white space or the mark at the beginning of s, and returns
// what follows it.
func (p *page) special(s string) string {
	switch c := s[0]; c {
	case link, numbers:
		if p.unsaid {
			break
		}
		about, after, ok := strings.Cut(s[1:], string(said))
		switch {
		case !ok:
			p.unsaid = true // Nor will any that follows end: only data can do this.
		case c == link:
			p.beginLink(about)
			return after
		default:
			p.enter(frame{kind: numbers, number: number(about)})
			return after
		}
	case heading:
		if len(s) > 1 && strings.IndexByte("+=-", s[1]) >= 0 {
			p.title(s[1])
			return s[2:]
		}
	case '\r':
		if !strings.HasPrefix(s, "\r\n") {
			p.breakLine()
		}
	case ' ', '\t':
		p.white(s[:1])
	case '\v', '\f':
		p.white(" ")
	default:
		p.mark(c)
	}
	_, n := utf8.DecodeRuneInString(s) // Two bytes for a control character behind ASCII.
	return s[n:]
}

// mark does what a mark asks for. A control character that is none is dropped.
func (p *page) mark(c byte) {
	switch c {
	case line:
		p.breakTo(1)
	case blank:
		p.breakTo(2)
	case newline, '\n':
		p.breakLine()
	case linkEnd:
		p.endLink()
	case quote, indent, bullets, table:
		p.enter(frame{kind: c})
	case item:
		p.enter(p.newItem())
	case quoteEnd:
		p.leave(quote)
	case inEnd:
		p.leave(indent)
	case listEnd:
		p.leave(bullets)
	case itemEnd:
		p.leave(item)
	case tableEnd:
		p.leave(table)
	case row:
		p.beginRow()
	case cell, headCell:
		p.beginCell(c == headCell)
	case rowEnd:
		p.endRow()
	case pre:
		p.beginPre()
	case preEnd:
		p.endPre()
	}
}

// number is the first number of a list, 1 where it has none.
func number(s string) int {
	const most = 1_000_000
	n := 0
	for _, c := range []byte(s) {
		if c < '0' || c > '9' || n > most {
			return 1
		}
		n = 10*n + int(c-'0')
	}
	if s == "" {
		return 1
	}
	return n
}
