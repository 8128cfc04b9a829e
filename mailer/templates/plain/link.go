package plain

import (
	"bytes"
	"strings"
)

// pageLink is the link that is open, or has ended and waits for what follows:
// at the end of a line, its address is set otherwise than in a sentence.
type pageLink struct {
	address string
	open    bool
	waits   bool
	start   int  // Where in out its text begins, -1 before there is any.
	whole   bool // It began its line.
}

func (p *page) beginLink(raw string) {
	p.endLink()
	p.settle(false)
	p.link = pageLink{address: raw, open: true, start: -1}
}

func (p *page) endLink() {
	if p.link.open {
		p.link.open = false
		p.link.waits = p.link.start >= 0
	}
}

// settle writes the address of a link that has ended.
//
// A link that is all of its line reads "Pay now: https://...". Within a line,
// it is "our terms <https://...>", with the brackets that RFC 3986, appendix C,
// has for addresses in text: no full stop can become part of the address. An
// address that is the link's text is written once.
func (p *page) settle(atEnd bool) {
	start := p.link.start
	address := p.takeLink()
	if address == "" {
		return
	}
	label := p.out[start:]
	before := len(p.out)
	switch {
	case bytes.IndexByte(label, '\n') >= 0:
		p.spread(address)
	case !atEnd || !p.link.whole:
		p.out = append(append(append(p.out, " <"...), address...), '>')
	case endsWord(label):
		p.out = append(append(p.out, ": "...), address...)
	default:
		p.out = append(append(p.out, ' '), address...)
	}
	p.countAddress(len(p.out) - before)
}

// spread sets an address below the lines of its link.
func (p *page) spread(address string) {
	breaks := p.breaks
	p.breaks = 1
	p.beginLine()
	p.out = append(p.out, address...)
	p.breaks = breaks
}

// takeLink returns the address that still has to be written, if any. Where the
// link's text is its address, it stays as that.
func (p *page) takeLink() string {
	if !p.link.waits {
		return ""
	}
	p.link.waits = false
	address := readable(p.link.address)
	label := string(p.out[p.link.start:])
	if address == "" || !sameAddress(label, address) {
		return address
	}
	p.out = append(p.out[:p.link.start], address...)
	p.countAddress(len(address))
	return ""
}

// endsWord reports whether a colon can follow s.
func endsWord(s []byte) bool {
	return len(s) > 0 && !strings.ContainsRune(":.!?,;-", rune(s[len(s)-1])) &&
		!bytes.HasSuffix(s, []byte("→")) && !bytes.HasSuffix(s, []byte("»")) && !bytes.HasSuffix(s, []byte("›")) && s[len(s)-1] != '>'
}
