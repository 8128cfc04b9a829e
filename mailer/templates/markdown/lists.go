package markdown

import (
	"github.com/yuin/goldmark/ast"

	"github.com/postroom/postroom/mailer/templates/actions"
)

// mendLists makes one list of the lists that control lines have torn apart.
func mendLists(parts []part) error {
	for i := 0; i < len(parts); {
		last, lists := listRun(parts, i)
		switch p := parts[i]; {
		case lists > 1, lists == 1 && p.repeats():
			merge(p.first, parts[last].last)
			i = last + 1
			continue
		case p.region != nil:
			if err := mendRegion(p.region); err != nil {
				return err
			}
		}
		i++
	}
	return nil
}

// listRun is how far a list goes that begins with a part, and of how many parts
// it is, not counting those that print nothing.
func listRun(parts []part, first int) (last, lists int) {
	if parts[first].marker == 0 {
		return first, 0
	}
	for i := first; i < len(parts); i++ {
		switch {
		case parts[i].marker == parts[first].marker:
			last = i
			lists++
		case !parts[i].neutral():
			return last, lists
		}
	}
	return last, lists
}

// repeats is whether this is a range.
func (p part) repeats() bool { return p.region != nil && p.region.open.Keyword == "range" }

func mendRegion(r *region) error {
	// What is repeated is a list, and what stands for an empty one is not: there
	// is no HTML for it that has one list.
	if r.open.Keyword == "range" && len(r.branches) > 1 {
		items := region{open: r.open, branches: r.branches[:1]}
		if items.marker() != 0 {
			return r.open.Fault("%s repeats the items of a list, and has other text after {{else}}: "+
				"make that an item too, or write {{if}} around all, with the range in it, and move {{else}} there", r.open.Short())
		}
	}
	for _, branch := range r.branches {
		if err := mendLists(branch); err != nil {
			return err
		}
	}
	return nil
}

// merge makes one list of the nodes from first to last, which are lists and
// actions. Like one that was written so, it is loose if a part of it is.
func merge(first, last ast.Node) {
	parent := first.Parent()
	list := ast.NewList(0)
	list.IsTight = true
	parent.InsertBefore(parent, first, list)
	for n := first; ; {
		next := n.NextSibling()
		part, ok := n.(*ast.List)
		switch {
		case !ok:
			list.AppendChild(list, n)
		case list.Marker == 0:
			list.Marker, list.Start = part.Marker, part.Start
			fallthrough
		default:
			list.IsTight = list.IsTight && part.IsTight
			move(part.FirstChild(), part.LastChild(), list)
			parent.RemoveChild(parent, part)
		}
		if n == last {
			break
		}
		n = next
	}
	if !list.IsTight {
		loosen(list)
	}
}

// loosen makes paragraphs of the text in a list's items.
func loosen(list *ast.List) {
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		for n := item.FirstChild(); n != nil; {
			next := n.NextSibling()
			if tight, ok := n.(*ast.TextBlock); ok {
				paragraph := ast.NewParagraph()
				if tight.HasChildren() {
					move(tight.FirstChild(), tight.LastChild(), paragraph)
				}
				item.ReplaceChild(item, tight, paragraph)
			}
			n = next
		}
	}
}

// torn is the error for a region that begins in one block and ends in another.
func torn(a actions.Action) error {
	return a.Fault("%s and what belongs to it stand in different blocks: put them all within one paragraph, list item, "+
		"table cell, link or emphasis, or each on a line of its own, around whole blocks", a.Short())
}
