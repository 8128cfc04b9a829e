package templates

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/postroom/postroom/mailer/templates/assemble"
	"github.com/postroom/postroom/mailer/templates/matter"
)

const isMissing = "is missing"

// declaring has a template's parts know what it declares.
func (m *mail) declaring(d *matter.Data) {
	m.data = d
	for _, v := range m.variants {
		for _, p := range []*part{v.subject, v.html, v.text} {
			if p != nil {
				p.data = d
			}
		}
	}
}

// explainUndeclared says of a variable that is missing that no data could have it:
// what is declared is all there, once a part is rendered. What a partial is called
// with is not declared.
func (p *part) explainUndeclared(e *Error, executing string) {
	if p.data == nil || e.Reason != isMissing || !p.hasAllData(executing) {
		return
	}
	if names, closed := p.data.Names(); closed {
		e.Reason = "is not declared; there are " + nearestVariables(e.Variable, names)
	}
}

// hasAllData reports whether a template within a part has all data in its dot, as far
// as it sets none itself: the part does, and what a layout calls by name with a dot.
func (p *part) hasAllData(executing string) bool {
	name, _, _ := strings.Cut(executing, " ") // Behind it stands a number.
	switch name {
	case templateName:
		return true
	case assemble.Content, "subject", "preheader":
		called := regexp.MustCompile(`"` + regexp.QuoteMeta(executing) + `" +\.[ \t]*-?}}`)
		return called.MatchString(p.restored.Text)
	default:
		return false
	}
}

// nearestVariables lists what is declared, first what is most like the wanted one,
// wherever it stands.
func nearestVariables(wanted string, names []string) string {
	last := func(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }
	wanted = brief(last(wanted))
	slices.SortStableFunc(names, func(a, b string) int {
		return cmp.Compare(distance(wanted, last(a)), distance(wanted, last(b)))
	})
	return few(names)
}
