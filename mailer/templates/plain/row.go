package plain

import "slices"

// pageRow is a row of a table, whose cells are written one below the other,
// as blocks, until its end shows how it reads best:
//
//   - cells of a line each are data, and become one line: "Tea | 4.50". Where
//     the first has more lines, these follow: a name, and a few words on it;
//   - cells that are a link each, the buttons of a bar, have a line each;
//   - all else is layout, and stays as it is.
//
// So a table needs no role="presentation" to be taken for layout, and one that
// has it may still hold names and prices side by side.
type pageRow struct {
	from  int // Where out ended before it.
	depth int // How many frames it is in.
	cells []pageCell
}

type pageCell struct {
	start, end int  // Its text, in out. start is -1 before there is any.
	block      bool // It has more than a few lines of words in it.
	addresses  int  // How much of it is addresses.
	link       bool // It is a link and nothing else.
	head       bool
	done       bool
}

// widest is how wide a cell of data can be. What is wider is prose.
const widest = 60

func (p *page) beginRow() {
	p.breakTo(2)
	n := len(p.rows)
	if n == maxDepth {
		p.deeperRows++
		return
	}
	p.rows = slices.Grow(p.rows, 1)[:n+1]
	p.rows[n] = pageRow{from: len(p.out), depth: len(p.frames), cells: p.rows[n].cells[:0]}
}

func (p *page) beginCell(head bool) {
	if len(p.rows) == 0 || p.deeperRows > 0 || p.inTableOf(&p.rows[len(p.rows)-1]) {
		p.breakTo(2)
		return
	}
	p.endCell()
	p.breakTo(2)
	r := &p.rows[len(p.rows)-1]
	if len(p.frames) > r.depth {
		p.frames = p.frames[:r.depth] // A list that nobody ended.
		p.common = min(p.common, r.depth)
	}
	r.cells = append(r.cells, pageCell{start: -1, head: head})
}

// inTableOf reports whether the page is in a table within a row's cell, outside
// of that table's own rows.
func (p *page) inTableOf(r *pageRow) bool {
	return len(p.frames) > r.depth &&
		slices.ContainsFunc(p.frames[r.depth:], func(f frame) bool { return f.kind == table })
}

// current returns the cell that is open, if any.
func (r *pageRow) current() *pageCell {
	if len(r.cells) == 0 || r.cells[len(r.cells)-1].done {
		return nil
	}
	return &r.cells[len(r.cells)-1]
}

func (p *page) endCell() {
	r := &p.rows[len(p.rows)-1]
	c := r.current()
	if c == nil {
		return
	}
	c.link = c.start >= 0 && p.link.waits && p.link.start == c.start
	p.settle(true)
	c.end, c.done = len(p.out), true
}

// startCells notes where the text of cells begins.
func (p *page) startCells() {
	for i := len(p.rows) - 1; i >= 0; i-- {
		c := p.rows[i].current()
		if c == nil || c.start >= 0 {
			break
		}
		c.start, c.block = len(p.out), p.pre || len(p.frames) > p.rows[i].depth
	}
}

// blockCells notes that the cells in which there is text have blocks in them.
func (p *page) blockCells() {
	for i := range p.rows {
		if c := p.rows[i].current(); c != nil && c.start >= 0 {
			c.block = true
		}
	}
}

func (p *page) countAddress(n int) {
	if len(p.rows) == 0 {
		return
	}
	if c := p.rows[len(p.rows)-1].current(); c != nil {
		c.addresses += n
	}
}
