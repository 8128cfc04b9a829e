package inline

import (
	"strings"

	"github.com/andybalholm/cascadia"
)

// selector is one of a rule's: compounds from left to right, each below the
// one before.
type selector struct {
	rule        *rule
	text        string
	specificity cascadia.Specificity
	steps       []*step
	// kept is set where the source can't tell what is matched: the steps are
	// then fewer, and match more than the selector does.
	kept bool
	// inert selectors set nothing that an inlined declaration could: they are
	// about a pseudo-element, or browsers do not read them.
	inert bool

	matched bool // Some element, or possibly so.
	stays   []bool
	raised  []bool // The declarations that are important now.
}

// step is a compound in its place in a selector.
type step struct {
	*compound
	selector *selector
	before   *step // Nil for the first.
	child    bool  // Directly below the one before.
	last     bool
	open     open
}

// open is what the elements that are open in the walk say of a step.
type open struct {
	depth             int  // Of the innermost that is at the step,
	certainHere       bool // and whether it is for certain.
	certain, possible bool // Whether any is.
}

// compound is "td.pad[align]": what one element is asked for.
type compound struct {
	text    string
	simples []simple
	key     string // "td", ".pad" or "#pad": what an element must have to match.
	steps   []*step
}

type simple struct {
	cascadia.Sel
	text      string
	attribute string // That it asks for, or nothing.
}

// asks notes the attributes that a selector asks for.
func (s *selector) asks(attributes map[string]bool) {
	for _, step := range s.steps {
		for _, simple := range step.simples {
			attributes[simple.attribute] = true
		}
	}
}

// keyOf picks what is rarest among what is asked for.
func keyOf(simples []simple, text string) string {
	if strings.Contains(text, `\`) {
		return ""
	}
	key := ""
	for _, s := range simples {
		switch {
		case strings.HasPrefix(s.text, "#"):
			return s.text
		case strings.HasPrefix(s.text, "."):
			key = s.text
		case s.attribute == "" && key == "" && s.text != "*":
			key = strings.ToLower(s.text)
		}
	}
	return key
}
