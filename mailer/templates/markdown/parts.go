package markdown

import (
	"github.com/yuin/goldmark/ast"

	"github.com/postroom/postroom/mailer/templates/actions"
)

// part is one of the things that stand one after another in a block: another
// block, an action that stands for itself, or a region.
type part struct {
	// first and last are its nodes, from Open to End in a region.
	first, last ast.Node
	region      *region
	// marker is that of the list that this is, or of the one that is all there
	// is in this region; else 0.
	marker byte
	// rows is whether this is rows of a table, and nothing else.
	rows bool
}

// region is what an Open begins, with the parts before and after each Else.
type region struct {
	open     actions.Action
	branches [][]part
}

// parts reads the children of a node.
func (p *page) parts(parent ast.Node) ([]part, error) {
	r := partReader{next: parent.FirstChild()}
	parts, stopped := r.read()
	if stopped != nil {
		return nil, torn(stopped.action())
	}
	if r.unclosed != nil {
		return nil, torn(*r.unclosed)
	}
	return parts, nil
}

type partReader struct {
	next     ast.Node
	unclosed *actions.Action
}

// read reads parts up to an Else or End, or to the end.
func (r *partReader) read() (parts []part, stopped *control) {
	for r.next != nil {
		n := r.next
		r.next = n.NextSibling()
		c, ok := n.(*control)
		switch {
		case !ok:
			parts = append(parts, blockPart(n))
		case c.action().Kind == actions.Open:
			parts = append(parts, r.readRegion(c))
		case c.action().Kind == actions.Else, c.action().Kind == actions.End:
			return parts, c
		default:
			parts = append(parts, part{first: n, last: n})
		}
	}
	return parts, nil
}

func blockPart(n ast.Node) part {
	p := part{first: n, last: n}
	switch n := n.(type) {
	case *ast.List:
		p.marker = n.Marker
	case *rows:
		p.rows = true
	default:
	}
	return p
}

func (r *partReader) readRegion(open *control) part {
	region := &region{open: open.action()}
	for {
		branch, stopped := r.read()
		region.branches = append(region.branches, branch)
		if stopped == nil || stopped.action().Region != region.open.Region {
			r.unclosed = &region.open
			return part{first: open, last: open, region: region}
		}
		if stopped.action().Kind == actions.End {
			return part{first: open, last: stopped, region: region, marker: region.marker(), rows: region.rows()}
		}
	}
}

// marker is that of the list that all blocks in a region are of; else 0. What a
// define holds is printed elsewhere.
func (r *region) marker() (marker byte) {
	if r.open.Keyword == "define" {
		return 0
	}
	for _, branch := range r.branches {
		for _, p := range branch {
			switch {
			case p.neutral():
			case p.marker == 0, marker != 0 && p.marker != marker:
				return 0
			default:
				marker = p.marker
			}
		}
	}
	return marker
}

// rows is whether rows of a table are all that is in a region.
func (r *region) rows() (found bool) {
	if r.open.Keyword == "define" {
		return false
	}
	for _, branch := range r.branches {
		for _, p := range branch {
			if !p.rows && !p.neutral() && !p.calls() {
				return false
			}
			found = found || p.rows
		}
	}
	return found
}

// neutral is whether a part prints nothing, so that it may stand in a list or
// table as well as beside it.
func (p part) neutral() bool {
	c, ok := p.first.(*control)
	return ok && p.region == nil && c.action().Kind != actions.Call
}

func (p part) calls() bool {
	c, ok := p.first.(*control)
	return ok && c.action().Kind == actions.Call
}
