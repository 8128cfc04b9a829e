package plain

import (
	"bytes"
	"slices"
)

// endRow sets a row that has been written as blocks the way it reads best.
func (p *page) endRow() {
	if len(p.rows) == 0 || p.deeperRows > 0 {
		p.deeperRows = max(0, p.deeperRows-1)
		return
	}
	p.endCell()
	p.breakTo(2)
	r := p.rows[len(p.rows)-1]
	p.rows = p.rows[:len(p.rows)-1]
	filled := p.filled[:0]
	for _, c := range r.cells {
		if c.start >= 0 {
			filled = append(filled, c)
		}
	}
	p.filled = filled
	if len(p.frames) < r.depth {
		return
	}
	of := &frame{dataEnd: -1}
	if r.depth > 0 && p.frames[r.depth-1].kind == table {
		of = &p.frames[r.depth-1]
	}
	if len(filled) == 0 || len(filled) == 1 && !of.columnsOf(&r) && !isNameless(&r) {
		return
	}
	isOther := func(c pageCell) bool { return !c.link }
	switch {
	case len(filled) > 1 && !slices.ContainsFunc(filled, isOther):
		p.stack(&r, filled)
	case p.isData(filled):
		p.join(&r, filled, of)
	}
}

// isHead reports whether a row is the heads of columns, some of which may be empty.
func isHead(r *pageRow) bool {
	return len(r.cells) > 1 && !slices.ContainsFunc(r.cells, func(c pageCell) bool { return !c.head })
}

// isNameless reports whether a row is heads of which the first is empty: what
// stands below that are names. Other mails have an empty last one, for its width.
func isNameless(r *pageRow) bool { return isHead(r) && r.cells[0].start < 0 }

// columnsOf reports whether a row has a cell for each of a table's heads.
func (f *frame) columnsOf(r *pageRow) bool { return f.columns > 0 && f.columns == len(r.cells) }

// isData reports whether cells are data, which can stand in one line.
func (p *page) isData(cells []pageCell) bool {
	const mostLines = 3
	for i, c := range cells {
		first, more, isLong := bytes.Cut(p.out[c.start:c.end], []byte("\n"))
		if c.block || width(first)-c.addresses > widest {
			return false
		}
		if isLong && (i > 0 || bytes.Count(more, []byte("\n")) > mostLines-2) {
			return false
		}
	}
	return true
}

// join makes a line of a row. Rows of data stand close to each other.
func (p *page) join(r *pageRow, filled []pageCell, of *frame) {
	before := p.out[r.from:filled[0].start]
	if of.dataEnd == r.from {
		before = before[bytes.LastIndexByte(before, '\n'):]
	}
	first, more, isLong := bytes.Cut(p.out[filled[0].start:filled[0].end], []byte("\n"))
	text := p.scratch[:0]
	text = append(text, before...)
	lineStart := len(text)
	inColumns := isHead(r) || of.columnsOf(r)
	empty := 0
	for _, c := range r.cells {
		switch {
		case c.start < 0 && inColumns:
			empty++ // Else the next one would stand below a wrong head.
		case c.start < 0:
		case c.start == filled[0].start:
			text = append(separated(text, lineStart, empty), first...)
			empty = 0
		default:
			text = append(separated(text, lineStart, empty), p.out[c.start:c.end]...)
			empty = 0
		}
	}
	headWidth := width(text[lineStart:])
	if isLong {
		text = append(text, indented(more, lineStart-1-bytes.LastIndexByte(before, '\n'))...)
	}
	p.replace(r.from, text, lineStart)
	if !slices.ContainsFunc(filled, func(c pageCell) bool { return !c.head }) {
		of.columns = 0
		if isHead(r) {
			of.columns = len(r.cells)
		}
		p.rule('-', headWidth)
		p.breaks = 2
	}
	of.dataEnd = len(p.out)
}

// separated is line, ready for its next cell, behind some that are empty. A name
// that ends with a colon is apart from its value.
func separated(text []byte, lineStart, empty int) []byte {
	if len(text) > lineStart && text[len(text)-1] == ':' && empty == 0 {
		return append(text, ' ')
	}
	bars := empty
	if len(text) > lineStart {
		bars++
		text = append(text, ' ')
	}
	for range bars {
		text = append(text, "| "...)
	}
	return text
}

// indented begins a line with each of lines, two spaces behind what its frames
// put before it.
func indented(lines []byte, prefix int) []byte {
	var b []byte
	for one := range bytes.Lines(lines) {
		prefix = min(prefix, len(one))
		b = append(append(b, '\n'), one[:prefix]...)
		b = append(append(b, "  "...), bytes.TrimSuffix(one[prefix:], []byte("\n"))...)
	}
	return b
}

// stack gives each cell of a row a line.
func (p *page) stack(r *pageRow, filled []pageCell) {
	text := p.scratch[:0]
	text = append(text, p.out[r.from:filled[0].end]...)
	for _, c := range filled[1:] {
		at := p.out[:c.start]
		text = append(text, at[bytes.LastIndexByte(at, '\n'):]...)
		text = append(text, p.out[c.start:c.end]...)
	}
	p.replace(r.from, text, filled[0].start-r.from)
}

// replace writes text in the place of what is in out from there on. start is
// where in text the first line begins.
func (p *page) replace(from int, text []byte, start int) {
	p.out = append(p.out[:from], text...)
	p.scratch = text
	if p.link.start > from {
		p.link.start = from + start // A link around the row.
	}
}
