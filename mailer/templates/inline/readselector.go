package inline

import (
	"strings"

	"github.com/andybalholm/cascadia"
	"github.com/tdewolff/parse/v2/css"
)

// maxNested is how deep :is() and its like may be within one another.
const maxNested = 8

// readSelectors reads the words before a rule's block.
func readSelectors(text string, words []word, r *rule, nested int) (selectors []*selector, fault string) {
	dead := false
	for start := 0; start <= len(words); {
		end := start
		for level := 0; end < len(words); end++ {
			if level == 0 && words[end].kind == css.CommaToken {
				break
			}
			level += depth(words[end])
		}
		one := trim(words[start:end])
		if len(one) == 0 {
			return nil, "a selector is missing beside a comma or before {"
		}
		reader := selectorReader{text: text, selector: &selector{rule: r, text: tidySelector(text, one)}, nested: nested}
		if fault := reader.read(one); fault != "" {
			return nil, "this selector cannot be read: " + short(text[one[0].start:one[len(one)-1].end]) + " (" + fault + ")"
		}
		dead = dead || reader.dead
		selectors = append(selectors, reader.selector)
		start = end + 1
	}
	for _, s := range selectors {
		if dead {
			s.kept, s.inert = true, true
		}
		s.stays, s.raised = make([]bool, len(r.declarations)), make([]bool, len(r.declarations))
	}
	return selectors, ""
}

func tidySelector(text string, words []word) string {
	return strings.Join(strings.Fields(text[words[0].start:words[len(words)-1].end]), " ")
}

type selectorReader struct {
	text     string
	selector *selector
	current  strings.Builder // The compound that is being read.
	simples  []simple
	pseudo   bool // The compound has had a pseudo-class or a pseudo-element.
	element  bool // The selector has had a pseudo-element, which comes last.
	child    bool
	tokens   bool // A token touches the compound.
	nested   int  // How many brackets it is in.
	dead     bool // Browsers drop the whole rule for this selector.
	fault    string
}

func (r *selectorReader) read(words []word) string {
	for i := 0; i < len(words) && r.fault == ""; {
		n := 1
		r.dead = r.dead || r.element && !blank(words[i])
		switch w := words[i]; {
		case blank(w):
			for i+n < len(words) && blank(words[i+n]) {
				n++
			}
			if next := i + n; next < len(words) && !r.combines(words[next]) {
				r.end("")
			}
		case r.combines(w):
			r.end(r.text[w.start:w.end])
			for i+n < len(words) && blank(words[i+n]) {
				n++
			}
		case w.kind == css.ColonToken:
			n = r.pseudos(words[i:])
		default:
			n = r.simple(words[i:])
		}
		i += n
	}
	if r.fault == "" {
		r.finish()
	}
	return r.fault
}

func (r *selectorReader) combines(w word) bool {
	if w.kind != css.DelimToken {
		return false
	}
	s := r.text[w.start:w.end]
	return s == ">" || s == "+" || s == "~"
}

// simple reads a name, a class, an ID, or an attribute in brackets.
func (r *selectorReader) simple(words []word) (n int) {
	n = 1
	s := r.text[words[0].start:words[0].end]
	attribute := ""
	switch {
	case words[0].kind == css.IdentToken || s == "*":
		if len(r.simples) > 0 || r.pseudo {
			r.fault = "a name has to come first"
		}
	case words[0].kind == css.HashToken:
		attribute = "id"
	case s == "." && len(words) > 1 && words[1].kind == css.IdentToken:
		attribute, n = "class", 2
	case words[0].kind == css.LeftBracketToken:
		for n < len(words) && words[n-1].kind != css.RightBracketToken {
			n++
		}
		if inside := trim(words[1 : n-1]); len(inside) > 0 {
			attribute = strings.ToLower(r.text[inside[0].start:inside[0].end])
		}
	default:
		r.fault = short(s) + " stands where a name, a class or an ID should"
	}
	whole := r.text[words[0].start:words[n-1].end]
	if r.fault != "" {
		return n
	}
	if hasToken(whole) {
		r.tokens = true
		return n
	}
	sel, err := cascadia.Parse(whole)
	if err != nil {
		r.fault = short(strings.TrimPrefix(err.Error(), "cascadia: "))
		return n
	}
	r.simples = append(r.simples, simple{sel, whole, attribute})
	r.current.WriteString(whole)
	return n
}

// end closes the compound that was read, before a combinator.
func (r *selectorReader) end(combinator string) {
	if len(r.simples) == 0 && !r.pseudo && !r.tokens {
		r.fault = "nothing stands before " + combinator
		return
	}
	s := r.selector
	c := &compound{text: r.current.String(), simples: r.simples, key: keyOf(r.simples, r.current.String())}
	for _, simple := range r.simples {
		s.specificity = s.specificity.Add(simple.Specificity())
	}
	if r.tokens {
		s.kept = true
	}
	step := &step{compound: c, selector: s, child: r.child}
	if len(s.steps) > 0 {
		step.before = s.steps[len(s.steps)-1]
	}
	if combinator == "+" || combinator == "~" {
		s.kept = true // A sibling is not asked for, its parent is the same.
	} else {
		s.steps = append(s.steps, step)
		r.child = combinator == ">"
	}
	r.current.Reset()
	r.simples, r.pseudo, r.tokens = nil, false, false
}

func (r *selectorReader) finish() {
	universal := r.current.String() == "" || r.current.String() == "*"
	r.end("")
	if r.fault != "" {
		return
	}
	s := r.selector
	s.steps[len(s.steps)-1].last = true
	s.kept = s.kept || universal || s.rule.conditional
}
