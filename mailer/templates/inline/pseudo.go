package inline

import (
	"slices"
	"strings"

	"github.com/andybalholm/cascadia"
	"github.com/tdewolff/parse/v2/css"
)

// These depend on the reader, or on where an element stands, and so on data.
var pseudoClasses = []string{
	"active", "any-link", "checked", "default", "defined", "disabled", "empty", "enabled", "first-child", "first-of-type",
	"focus", "focus-visible", "focus-within", "has", "hover", "in-range", "indeterminate", "invalid", "is", "lang",
	"last-child", "last-of-type", "link", "not", "nth-child", "nth-last-child", "nth-last-of-type", "nth-of-type", "only-child",
	"only-of-type", "optional", "out-of-range", "placeholder-shown", "read-only", "read-write", "required", "root", "target",
	"valid", "visited", "where",
}

// These are about no element. A name that is in neither list makes browsers
// drop the whole rule.
var pseudoElements = []string{"after", "before", "first-letter", "first-line", "marker", "placeholder", "selection"}

// pseudos reads a pseudo-class or a pseudo-element, which is left out of what
// is matched: the selector stays in its block.
func (r *selectorReader) pseudos(words []word) (n int) {
	n = 1
	element := len(words) > 1 && words[1].kind == css.ColonToken
	if element {
		n = 2
	}
	if n == len(words) || (words[n].kind != css.IdentToken && words[n].kind != css.FunctionToken) {
		r.fault = "a colon stands without a name"
		return n
	}
	name := strings.ToLower(strings.TrimSuffix(r.text[words[n].start:words[n].end], "("))
	n++
	var arguments []word
	if words[n-1].kind == css.FunctionToken {
		start, level := n, 1
		for n < len(words) && level > 0 {
			level += depth(words[n])
			n++
		}
		if level > 0 {
			r.fault = "a bracket is not closed"
			return n
		}
		arguments = trim(words[start : n-1])
	}
	s := r.selector
	s.kept, r.pseudo = true, true
	switch {
	case element || slices.Contains(pseudoElements, name):
		s.inert, r.element = true, true
		r.dead = r.dead || !slices.Contains(pseudoElements, name)
	case !slices.Contains(pseudoClasses, name):
		r.dead = true
	default:
		s.specificity = s.specificity.Add(r.weight(name, arguments))
	}
	return n
}

// weight is the specificity of a pseudo-class.
func (r *selectorReader) weight(name string, arguments []word) cascadia.Specificity {
	switch name {
	case "where":
		return cascadia.Specificity{}
	case "is", "not", "has":
		var most cascadia.Specificity
		if r.nested == maxNested {
			r.fault = "its brackets are nested too deep"
			return most
		}
		inner, fault := readSelectors(r.text, arguments, &rule{}, r.nested+1)
		r.dead = r.dead || name == "not" && fault != ""
		for _, s := range inner {
			r.dead = r.dead || name == "not" && s.inert
			if most.Less(s.specificity) {
				most = s.specificity
			}
		}
		return most
	default:
		return cascadia.Specificity{0, 1, 0}
	}
}
