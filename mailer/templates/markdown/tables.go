package markdown

import (
	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
)

// mendTables puts rows that control lines have torn off back into their tables,
// and the control lines between them.
func mendTables(parts []part) error {
	for i := 0; i < len(parts); i++ {
		p := parts[i]
		table, ok := p.first.(*extast.Table)
		switch {
		case ok:
			i = extend(table, parts, i)
		case p.rows:
			return strayRows(p)
		case p.region != nil:
			for _, branch := range p.region.branches {
				if err := mendTables(branch); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// extend moves the parts after a table into it, up to the last with rows, and
// returns which that is.
func extend(table *extast.Table, parts []part, at int) (last int) {
	last = at
	for i := at + 1; i < len(parts); i++ {
		p := parts[i]
		if p.rows {
			last = i
		} else if !p.neutral() && !p.calls() {
			break
		}
	}
	if last == at {
		return at
	}
	for n := ast.Node(table).NextSibling(); ; {
		next := n.NextSibling()
		if r, ok := n.(*rows); ok && r.HasChildren() {
			move(r.FirstChild(), r.LastChild(), table)
			r.Parent().RemoveChild(r.Parent(), r)
		} else {
			table.AppendChild(table, n)
		}
		if n == parts[last].last {
			return last
		}
		n = next
	}
}

// closesTable is whether a control action is the last in a table. goldmark ends
// the body of one with its last row.
func closesTable(n ast.Node) bool {
	_, ok := n.Parent().(*extast.Table)
	return ok && n.NextSibling() == nil
}

// strayRows is the error for rows whose table's head is in another region. A
// control line stands before them always.
func strayRows(p part) error {
	n := p.first
	for {
		if c, ok := n.(*control); ok {
			return c.action().Fault("after %s stand rows of a table whose head is in another part of the template: "+
				"put the whole table, or only rows of it, between an action and what ends it", c.action().Short())
		}
		n = n.PreviousSibling()
	}
}
