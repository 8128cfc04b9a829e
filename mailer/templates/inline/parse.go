package inline

import (
	"strings"

	"github.com/tdewolff/parse/v2/css"
)

// rule is "selectors { declarations }", and where it stands in its sheet.
type rule struct {
	sheet              *sheet
	order              int // Among all rules of the document.
	start, end         int
	bodyStart, bodyEnd int // Within the braces.
	selectors          []*selector
	declarations       []*declaration
	conditional        bool // Under @media or @supports.
}

// parser reads one sheet into rules. What it can't take apart it leaves alone,
// and notes the properties that this sets.
type parser struct {
	sheet   *sheet
	text    string
	words   []word
	i       int
	lenient bool // There are tokens in it: what can't be read is passed over.

	rules    []*rule
	opaque   map[string]bool // Properties that are set in ways nobody here can weigh.
	animated map[string]bool // Properties that @keyframes set.
}

func (p *parser) fail(offset int, format string, args ...any) error {
	return at(p.sheet.source, p.sheet.offset+offset, "in <style>: "+format, args...)
}

func (p *parser) parse() error {
	if at, reason := broken(p.text, p.words); reason != "" && !p.lenient {
		return p.fail(at, "%s", reason)
	}
	for p.i < len(p.words) {
		if err := p.list(p.sheet.conditional); err != nil {
			return err
		}
		if p.i < len(p.words) { // At a brace that closes nothing.
			if !p.lenient {
				return p.fail(p.words[p.i].start, "there is a } too many")
			}
			p.i++
		}
	}
	return nil
}

// list reads rules until the brace that closes them, or the end.
func (p *parser) list(conditional bool) error {
	for p.i < len(p.words) {
		var err error
		switch w := p.words[p.i]; {
		case w.kind == css.RightBraceToken:
			return nil
		case blank(w) || w.kind == css.CDOToken || w.kind == css.CDCToken || w.kind == css.SemicolonToken:
			p.i++
		case w.kind == css.AtKeywordToken:
			err = p.atRule()
		default:
			err = p.rule(conditional)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// prelude skips what stands before a block, and reports whether there is one.
func (p *parser) prelude(semicolonEnds bool) (found bool) {
	for level := 0; p.i < len(p.words); p.i++ {
		switch w := p.words[p.i]; {
		case level == 0 && w.kind == css.LeftBraceToken:
			return true
		case level <= 0 && (w.kind == css.RightBraceToken || semicolonEnds && w.kind == css.SemicolonToken):
			return false
		default:
			level += depth(w)
		}
	}
	return false
}

func (p *parser) atRule() error {
	start := p.i
	name := strings.ToLower(p.text[p.words[start].start:p.words[start].end])
	if !p.prelude(true) {
		if p.i < len(p.words) && p.words[p.i].kind == css.SemicolonToken {
			p.i++
		}
		return nil
	}
	open := p.words[p.i]
	p.i++
	switch name {
	case "@media", "@supports", "@container", "@document", "@-moz-document":
		if err := p.list(true); err != nil {
			return err
		}
	default:
		body := p.block()
		p.note(name, body)
	}
	if p.i == len(p.words) {
		if p.lenient {
			return nil
		}
		return p.fail(open.start, "the block of %s is not closed", short(p.text[p.words[start].start:open.start]))
	}
	p.i++
	return nil
}

// block skips to the brace that closes the block, and returns what is in it.
func (p *parser) block() []word {
	start := p.i
	for level := 0; p.i < len(p.words); p.i++ {
		if level == 0 && p.words[p.i].kind == css.RightBraceToken {
			break
		}
		level = max(0, level+depth(p.words[p.i]))
	}
	return p.words[start:p.i]
}

// note collects the properties of a block that is not taken apart.
func (p *parser) note(name string, body []word) {
	into := p.opaque
	switch {
	case strings.HasSuffix(name, "keyframes"):
		into = p.animated
	case name == "@font-face" || name == "@page" || name == "@property" || name == "@counter-style" || name == "@font-feature-values" ||
		name == "@font-palette-values" || name == "@viewport" || name == "@-ms-viewport":
		return // They set nothing of an element.
	}
	last := word{}
	for _, w := range body {
		if w.kind == css.ColonToken && (last.kind == css.IdentToken || last.kind == css.CustomPropertyNameToken) {
			into[strings.ToLower(p.text[last.start:last.end])] = true
		}
		if !blank(w) {
			last = w
		}
	}
}

func (p *parser) rule(conditional bool) error {
	start := p.i
	if !p.prelude(false) {
		if p.lenient {
			return nil
		}
		from := p.words[start].start
		return p.fail(from, "there is no { after %q", short(p.text[from:p.words[max(p.i-1, start)].end]))
	}
	head, open := p.words[start:p.i], p.words[p.i]
	if len(head) == 0 && !p.lenient {
		return p.fail(open.start, "a { stands without a selector")
	}
	p.i++
	body := p.block()
	if p.i == len(p.words) {
		if p.lenient {
			return nil
		}
		return p.fail(open.start, "the block of %q is not closed", short(p.text[p.words[start].start:open.start]))
	}
	r := &rule{
		sheet: p.sheet, start: p.words[start].start, end: p.words[p.i].end,
		bodyStart: open.end, bodyEnd: p.words[p.i].start, conditional: conditional,
	}
	p.i++
	whole, err := p.declarations(r, body)
	if err != nil {
		return err
	}
	if !whole {
		p.note("nested", body)
		return nil
	}
	var fault string
	if r.selectors, fault = readSelectors(p.text, head, r, 0); fault != "" && !p.lenient {
		return p.fail(r.start, "%s", fault)
	}
	p.rules = append(p.rules, r)
	return nil
}

// declarations reads the body of a rule. It is not whole if it has more than
// declarations in it, as nested rules.
func (p *parser) declarations(r *rule, body []word) (whole bool, err error) {
	for len(body) > 0 {
		end, even, nested := nextSemicolon(body)
		one := trim(body[:end])
		if nested && (len(one) == 0 || one[0].kind != css.CustomPropertyNameToken) {
			return false, nil
		}
		if len(one) > 0 {
			if d, reason := readDeclaration(p.text, one, even); reason == "" {
				if end < len(body) {
					d.end = body[end].end
				}
				r.declarations = append(r.declarations, d)
			} else if !p.lenient {
				return false, p.fail(one[0].start, "%s", reason)
			}
		}
		body = body[min(end+1, len(body)):]
	}
	return true, nil
}
