package plain

import "bytes"

// page is a text in the making.
type page struct {
	out []byte

	// What the next text waits for: line breaks, or a space.
	breaks int
	space  bool
	lead   []byte // Or, in preformatted text, the spaces that begin its line.
	// lineStart is where in out the text of the last line begins, behind what
	// its frames put before it.
	lineStart int

	frames []frame
	deeper int // How many more are open than frames may hold.
	// common is how many of the frames have been open since the last text.
	common int

	heading bool
	pre     bool
	preFrom int // Where out ended when preformatted text began.

	link pageLink

	rows       []pageRow
	deeperRows int

	unsaid bool // No said is ahead.

	filled  []pageCell // Of a row at its end: kept for the next one.
	scratch []byte     // The same.
}

// text writes text without white space, and what it waited for before it.
func (p *page) text(s string) {
	p.settle(false)
	switch {
	case p.breaks > 0 || len(p.out) == 0:
		p.beginLine()
		p.out = append(p.out, p.lead...)
	case p.space:
		p.out = append(p.out, ' ')
	}
	p.lead, p.space = p.lead[:0], false
	p.common = len(p.frames)
	p.startCells()
	if p.link.open && p.link.start < 0 {
		p.link.start = len(p.out)
		p.link.whole = len(p.out) == p.lineStart
	}
	p.out = append(p.out, s...)
}

// white takes a space, which counts only between words.
func (p *page) white(s string) {
	switch {
	case p.pre && (p.breaks > 0 || len(p.out) == 0):
		p.lead = append(p.lead, s...)
	case p.pre:
		p.text(s)
	case p.breaks == 0 && len(p.out) > 0:
		p.space = true
	}
}

// breakTo has at least n line breaks before the next text.
func (p *page) breakTo(n int) {
	p.settle(true)
	p.lead, p.space = p.lead[:0], false
	p.breaks = max(p.breaks, n)
}

// breakLine has one more line break before the next text: a <br>, or one that
// a value has in it.
func (p *page) breakLine() {
	if p.pre && len(p.out) == p.preFrom {
		p.lead = p.lead[:0]
		return
	}
	n := p.breaks + 1
	if !p.pre {
		n = min(n, 2)
	}
	p.breakTo(n)
}

func (p *page) beginPre() {
	p.pre, p.preFrom = true, len(p.out)
}

func (p *page) endPre() {
	p.pre = false
	p.breaks = min(p.breaks, 2)
}

// beginLine writes the line breaks that the text waited for, and what its
// frames put before the line.
func (p *page) beginLine() {
	p.trim()
	if p.breaks > 1 {
		p.blockCells()
	}
	if len(p.out) > 0 {
		for p.breaks > 1 {
			p.out = append(p.out, '\n')
			p.prefix(p.frames[:min(p.common, len(p.frames))])
			p.trim()
			p.breaks--
		}
		p.out = append(p.out, '\n')
	}
	p.breaks = 0
	p.prefix(p.frames)
	p.lineStart = len(p.out)
}

// trim takes the spaces from the end of the last line.
func (p *page) trim() {
	p.out = bytes.TrimRight(p.out, " \t")
}
