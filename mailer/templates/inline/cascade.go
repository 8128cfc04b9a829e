package inline

import (
	"cmp"
	"slices"

	"github.com/andybalholm/cascadia"
)

// cascade decides what is inlined, and what has to be important in the sheets
// so that the order of any two declarations stays what it was. Families of
// properties are apart from one another.
type cascade struct {
	families families
	stay     map[string]bool // Families of which nothing is inlined.
	animated map[string]bool // Families that @keyframes set.
	asked    map[string]bool // Attributes that selectors ask for.
	groups   []*group
	changed  bool
}

// group is what is said of one family in one element, from the weakest to the
// strongest.
type group struct {
	element *element
	family  string
	entries []entry
	held    bool // Not inlined in this element.
}

// entry is a declaration of a sheet, or of the element's own style.
type entry struct {
	selector *selector // Nil for a style.
	index    int       // Of the declaration in its rule.
	certain  bool
	*declaration
	style *style
}

func (e *entry) raised() bool { return e.selector.raised[e.index] }

// newCascade sorts all declarations into families. What is opaque stays.
func newCascade(rules []*rule, elements []*element, opaque, animated map[string]bool) *cascade {
	c := &cascade{families: families{}, stay: map[string]bool{}, animated: map[string]bool{}, asked: map[string]bool{}}
	for _, r := range rules {
		for _, s := range r.selectors {
			s.asks(c.asked)
		}
	}
	all := declarations(rules, elements)
	for _, d := range all {
		c.families.see(d)
	}
	for _, properties := range []map[string]bool{opaque, animated} {
		for property := range properties {
			c.families.see(&declaration{name: property, unknown: hasToken(property)})
		}
	}
	for _, d := range all {
		d.family = c.families.of(d.name)
	}
	for property := range opaque {
		c.stay[c.families.of(property)] = true
	}
	for property := range animated {
		c.animated[c.families.of(property)] = true
	}
	return c
}

// declarations are those of the sheets and of the elements' own styles, but for
// what a token may make anything of: that stands in each group.
func declarations(rules []*rule, elements []*element) []*declaration {
	var all []*declaration
	for _, r := range rules {
		all = append(all, r.declarations...)
	}
	for _, e := range elements {
		for _, s := range e.styles {
			if !s.unknown {
				all = append(all, s.declaration)
			}
		}
	}
	return all
}

func compareSelectors(a, b *selector) int {
	return cmp.Or(compareSpecificity(a.specificity, b.specificity), cmp.Compare(a.rule.order, b.rule.order))
}

func compareSpecificity(a, b cascadia.Specificity) int {
	switch {
	case a.Less(b):
		return -1
	case b.Less(a):
		return 1
	default:
		return 0
	}
}

// group collects what may clash: families of which something stays in a sheet.
func (c *cascade) group(elements []*element) error {
	contested := c.contested(elements)
	count := 0
	for _, e := range elements {
		c.groupRules(e, contested)
		for _, g := range e.groups {
			g.addStyles()
			slices.SortStableFunc(g.entries, weaker)
			count += len(g.entries)
		}
		if count > maxEntries {
			return &Error{Reason: "the rules that stay in the style blocks touch too many elements; make them fewer, or mark a block with data-embed"}
		}
		c.groups = append(c.groups, e.groups...)
	}
	return nil
}

func (c *cascade) groupRules(e *element, contested map[string]bool) {
	groups := map[string]*group{}
	for _, m := range e.matches {
		for i, d := range m.selector.rule.declarations {
			if d.hack || !contested[d.family] || c.stay[d.family] {
				continue
			}
			g := groups[d.family]
			if g == nil {
				g = &group{element: e, family: d.family}
				groups[d.family] = g
				e.groups = append(e.groups, g)
			}
			g.entries = append(g.entries, entry{selector: m.selector, index: i, certain: m.certain, declaration: d})
		}
	}
}

func (g *group) addStyles() {
	for i := range g.element.styles {
		if s := &g.element.styles[i]; s.unknown || s.family == g.family {
			g.entries = append(g.entries, entry{declaration: s.declaration, style: s})
		}
	}
}

func (c *cascade) contested(elements []*element) map[string]bool {
	found := map[string]bool{}
	for _, e := range elements {
		for _, m := range e.matches {
			if m.certain && e.tag != nil && !m.selector.rule.sheet.frozen {
				continue
			}
			for _, d := range m.selector.rule.declarations {
				found[d.family] = true
			}
		}
	}
	return found
}

// weaker is the order of the cascade: importance, then the element's own
// style, then specificity, then the order in the document.
func weaker(a, b entry) int {
	rank := func(e entry) int {
		switch {
		case e.important && e.style != nil:
			return 3
		case e.important:
			return 2
		case e.style != nil:
			return 1
		default:
			return 0
		}
	}
	if by := cmp.Compare(rank(a), rank(b)); by != 0 || a.style != nil {
		return by
	}
	return compareEntries(&a, &b)
}

func compareEntries(a, b *entry) int {
	return cmp.Or(compareSelectors(a.selector, b.selector), cmp.Compare(a.index, b.index))
}

// inlines reports whether an entry is written into the style attribute.
func (c *cascade) inlines(g *group, e *entry) bool {
	return !g.held && !c.stay[g.family] && g.element.tag != nil && e.style == nil && e.certain && !e.selector.rule.sheet.frozen
}
