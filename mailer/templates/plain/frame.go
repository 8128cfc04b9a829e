package plain

import (
	"slices"
	"strconv"
)

// frame is what puts something before each line within it.
type frame struct {
	kind byte // quote, indent, bullets, numbers, item or table.

	number int // Of a list: its next item's number.

	// An item's bullet or number, which stands before its first line.
	list   int // Which frame its list is, or -1.
	begun  bool
	indent int

	// Of a table: see pageRow.
	dataEnd int
	columns int
}

// maxDepth is how deep frames, and rows, are in one another. What is deeper,
// and no mail that somebody wrote is, is laid out as if it were not.
const maxDepth = 32

func (p *page) enter(f frame) {
	if len(p.frames) == maxDepth {
		p.deeper++
		return
	}
	f.dataEnd = -1
	p.frames = append(p.frames, f)
}

// newItem is an item of the list around it.
func (p *page) newItem() frame {
	for i, f := range slices.Backward(p.frames) {
		switch f.kind {
		case bullets, numbers:
			return frame{kind: item, list: i}
		case table:
			return frame{kind: item, list: -1}
		}
	}
	return frame{kind: item, list: -1}
}

// leave ends the innermost frame of a kind, and those that the data left open
// within it. It ends nothing around an item, a list or a table but that itself.
func (p *page) leave(kind byte) {
	if p.deeper > 0 {
		p.deeper--
		return
	}
	for i, f := range slices.Backward(p.frames) {
		isList := f.kind == bullets || f.kind == numbers
		if f.kind == kind || (kind == bullets && isList) {
			p.frames = p.frames[:i]
			p.common = min(p.common, i)
			return
		}
		if f.kind == table || (isList && kind == item) || (f.kind == item && kind != bullets && kind != table) {
			return
		}
	}
}

// prefix writes what stands before a line within frames.
func (p *page) prefix(frames []frame) {
	for i := range frames {
		switch f := &frames[i]; f.kind {
		case quote:
			p.out = append(p.out, "> "...)
		case indent:
			p.out = append(p.out, "  "...)
		case item:
			if f.begun {
				p.spaces(f.indent)
				continue
			}
			at := len(p.out)
			p.bullet(f.list)
			f.begun, f.indent = true, len(p.out)-at
		}
	}
}

// bullet writes an item's bullet, or its number. Items count once they have
// text, and so data can't make a gap.
func (p *page) bullet(list int) {
	if list < 0 || p.frames[list].kind != numbers {
		p.out = append(p.out, "- "...)
		return
	}
	p.out = strconv.AppendInt(p.out, int64(p.frames[list].number), 10)
	p.out = append(p.out, ". "...)
	p.frames[list].number++
}

func (p *page) spaces(n int) {
	for range n {
		p.out = append(p.out, ' ')
	}
}
