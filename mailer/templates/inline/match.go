package inline

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// matcher finds which selectors are about which elements, in one walk through
// the document, at a cost that does not depend on how selectors are built.
type matcher struct {
	byKey map[string][]*compound
	from  map[*html.Node]*tag
	depth int // Of the elements that are open.
	// What was found and what was tried, which is bounded.
	matches, tries int

	elements []*element // In the order of the document; those with a match.
}

// hit is a step that an open element is at, with what the step says of those
// around it.
type hit struct {
	step    *step
	certain bool
	outer   open
}

func newMatcher(rules []*rule, from map[*html.Node]*tag) *matcher {
	m := &matcher{byKey: map[string][]*compound{}, from: from}
	byText := map[string]*compound{}
	for _, r := range rules {
		for _, s := range r.selectors {
			if s.inert {
				continue
			}
			for _, step := range s.steps {
				known := byText[step.text]
				if known == nil {
					known = step.compound
					byText[step.text] = known
					m.byKey[known.key] = append(m.byKey[known.key], known)
				}
				step.compound = known
				known.steps = append(known.steps, step)
			}
		}
	}
	return m
}

func (m *matcher) walk(n *html.Node) error {
	var hits []hit
	if n.Type == html.ElementNode {
		switch n.DataAtom {
		case atom.Head, atom.Style, atom.Script, atom.Template:
			return nil // Nobody sees them.
		default:
		}
		e := newElement(n, m.from[n])
		hits = m.hits(e)
		if len(e.matches) > 0 {
			m.elements = append(m.elements, e)
		}
		if m.matches > maxMatches || m.tries > maxTries {
			return &Error{Reason: "there are too many rules for so many elements; make them fewer, or mark a style block with data-embed"}
		}
	}
	m.depth++
	for i := range hits {
		hits[i].enter(m.depth)
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		if err := m.walk(child); err != nil {
			return err
		}
	}
	for _, h := range hits {
		h.step.open = h.outer
	}
	m.depth--
	return nil
}

// enter makes the step hold for what is below the element.
func (h *hit) enter(depth int) {
	h.outer = h.step.open
	h.step.open = open{
		depth: depth, certainHere: h.certain,
		certain: h.certain || h.outer.certain, possible: true,
	}
}

// hits returns the steps that an element is at.
func (m *matcher) hits(e *element) []hit {
	var hits []hit
	for _, compounds := range m.candidates(e) {
		for _, c := range compounds {
			m.tries++
			certain, possible := c.matches(e)
			if !possible {
				continue
			}
			m.tries += len(c.steps)
			for _, s := range c.steps {
				certain, possible := s.below(certain, m.depth)
				if !possible {
					continue
				}
				if !s.last {
					hits = append(hits, hit{step: s, certain: certain})
					continue
				}
				s.selector.matched = true
				e.matches = append(e.matches, match{s.selector, certain && !s.selector.kept})
				m.matches++
			}
		}
	}
	return hits
}

// below reports whether what is above an element lets a step begin there.
func (s *step) below(here bool, depth int) (certain, possible bool) {
	switch {
	case s.before == nil:
		return here, true
	case s.child:
		above := s.before.open
		return here && above.certainHere && above.depth == depth, above.possible && above.depth == depth
	default:
		return here && s.before.open.certain, s.before.open.possible
	}
}

// candidates are the compounds that an element may match.
func (m *matcher) candidates(e *element) [][]*compound {
	found := [][]*compound{m.byKey[""], m.byKey[strings.ToLower(e.node.Data)]}
	var seen []string
	for _, a := range e.node.Attr {
		switch a.Key {
		case "class":
			for name := range strings.FieldsSeq(a.Val) {
				if !slices.Contains(seen, name) {
					seen = append(seen, name)
					found = append(found, m.byKey["."+name])
				}
			}
		case "id":
			found = append(found, m.byKey["#"+a.Val])
		}
	}
	if !e.openAll && !e.open["class"] && !e.open["id"] {
		return found
	}
	for key, compounds := range m.byKey { // Whatever it may be at run time.
		switch {
		case strings.HasPrefix(key, ".") && (e.openAll || e.open["class"]) && !slices.Contains(seen, key[1:]),
			strings.HasPrefix(key, "#") && (e.openAll || e.open["id"]):
			found = append(found, compounds)
		}
	}
	return found
}
