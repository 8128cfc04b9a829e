package plain_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"text/template"

	"github.com/postroom/postroom/mailer/templates/plain"
)

var (
	actionPattern = regexp.MustCompile(`\{\{.*?\}\}`)
	tokenPattern  = regexp.MustCompile(`q7zaction\d{6}z`)
)

// masked is a source whose actions are cut out: as comments where text may
// stand, else as they are.
type masked struct {
	html    string
	actions map[string]string
}

func mask(source string) masked {
	m := masked{actions: map[string]string{}}
	var b strings.Builder
	from := 0
	for i, at := range actionPattern.FindAllStringIndex(source, -1) {
		token := fmt.Sprintf("q7zaction%06dz", i+1)
		m.actions[token] = source[at[0]:at[1]]
		before := source[:at[0]]
		inTag := strings.LastIndexByte(before, '<') > strings.LastIndexByte(before, '>')
		inComment := strings.LastIndex(before, "<!--") > strings.LastIndex(before, "-->")
		inTitle := strings.Count(before, "<title>") > strings.Count(before, "</title>")
		b.WriteString(source[from:at[0]])
		if inTag || inTitle || inComment {
			b.WriteString(token)
		} else {
			b.WriteString("<!--" + token + "-->")
		}
		from = at[1]
	}
	b.WriteString(source[from:])
	m.html = b.String()
	return m
}

func (m masked) kind(token string) plain.Kind {
	action := m.actions[token]
	word, _, _ := strings.Cut(strings.Trim(action, "{} "), " ")
	switch {
	case word == "if", word == "range", word == "with", word == "define", word == "block":
		return plain.Open
	case word == "else":
		return plain.Else
	case word == "end":
		return plain.End
	case strings.Contains(action, "="), word == "break", word == "continue":
		return plain.Quiet
	default:
		return plain.Output
	}
}

// restore puts the actions back.
func (m masked) restore(source string) string {
	return tokenPattern.ReplaceAllStringFunc(source, func(token string) string { return m.actions[token] })
}

// render goes all the way from a template's HTML to the text of a mail.
func render(t *testing.T, html string, data any) string {
	t.Helper()
	m := mask(html)
	source := m.restore(plain.Text(m.html, m.kind))
	parsed, err := template.New("").Option("missingkey=error").Parse(source)
	if err != nil {
		t.Fatalf("%q: %v", source, err)
	}
	var b strings.Builder
	if err := parsed.Execute(&b, data); err != nil {
		t.Fatalf("%q: %v", source, err)
	}
	return plain.Tidy(b.String())
}
