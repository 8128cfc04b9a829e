package plain_test

import (
	"strings"
	"testing"

	"github.com/postroom/postroom/mailer/templates/plain"
)

// Actions of what is not shown go, and take their end with them.
func TestActionsOfWhatIsNotShown(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ html, want string }{
		"the head":              {"<head><title>{{.a}}</title>{{if .b}}<style>{{.c}}</style>{{end}}</head>{{.d}}", "{{.d}}"},
		"a preheader":           {`<div style="display:none">{{if .a}}{{.b}}{{else}}c{{end}}</div>{{.d}}`, "{{.d}}"},
		"pairs in pairs":        {`{{range .x}}<p hidden>{{if .a}}{{range .b}}{{.}}{{end}}{{end}}</p>{{end}}`, "{{range .x}}{{end}}"},
		"comments":              {"<!--[if mso]>{{.a}}{{if .b}}x{{end}}<![endif]--><!-- {{.c}} -->{{.d}}", "{{.d}}"},
		"attributes":            {`<p {{if .a}}class="{{.b}}"{{end}} id="{{.c}}">{{.d}}</p {{.e}}>`, "{{.d}}"},
		"the name of a tag":     {`<h{{.a}}>{{.b}}</h{{.a}}>`, "{{.b}}"},
		"an image":              {`<img src="{{.a}}" alt="{{.b}}"><img src="{{.c}}" alt="{{.d}}" width=1>`, "{{.b}}"},
		"what is set":           {`<p hidden>{{$x := .a}}{{.b}}</p>{{$x}}`, "{{$x := .a}}{{$x}}"},
		"what is set, in an if": {`<p hidden>{{if .a}}{{$x = .b}}{{end}}</p>`, "{{if .a}}{{$x = .b}}{{end}}"},
		"a fallback for forms":  {`<textarea>{{.a}}</textarea><select>{{range .b}}<option>{{.}}{{end}}</select>`, ""},
		"a tag without end":     {`{{if .a}}b{{end}}<p title="{{.c}}`, "{{if .a}}b{{end}}"},
		"a pair over that edge": {`{{if .a}}b<p title="{{end}}`, "{{if .a}}b{{end}}"},

		"an if ends outside":           {`<div hidden>{{if .a}}{{.b}}</div>c{{end}}`, "{{if .a}}c{{end}}"},
		"an else is inside":            {`{{if .a}}b<div hidden>{{else}}c{{end}}{{.d}}</div>`, "{{if .a}}b{{else}}c{{end}}{{.d}}"},
		"both ends are hidden":         {`<b hidden>{{if .a}}</b>b<b hidden>{{end}}</b>`, "{{if .a}}b{{end}}"},
		"nothing between them":         {`<b hidden>{{if .a}}</b><b hidden>{{end}}</b>c`, "c"},
		"another pair between them":    {`<b hidden>{{if .a}}</b>{{if .b}}{{end}}<b hidden>{{end}}</b>`, "{{if .a}}{{if .b}}{{end}}{{end}}"},
		"over the edge of a tag":       {`<p {{if .a}}class="b">b{{end}}</p>`, "{{if .a}}b{{end}}"},
		"over the edge of an image":    {`<img alt="{{if .a}}b">{{.c}}{{end}}`, "{{if .a}}b{{.c}}{{end}}"},
		"shown, and empty":             {"{{if .a}}{{end}}", "{{if .a}}{{end}}"},
		"hidden in one branch":         {`{{if .a}}<p hidden>b{{else}}<p>{{.c}}{{end}}{{.d}}</p>`, "{{if .a}}{{else}}{{.c}}{{end}}{{.d}}"},
		"hidden until its end":         {`{{if .a}}<p hidden>{{if .b}}{{else}}{{.c}}{{end}}{{.d}}</p>{{end}}`, "{{if .a}}{{end}}"},
		"hidden perhaps":               {`<p {{if .a}}style="display:none"{{end}}>{{.b}}</p><p style="{{if .c}}display:none{{end}}">{{.d}}</p>`, "{{.b}}{{.d}}"},
		"hidden perhaps, at ease":      {`<p {{if .a}} style="display:none" {{end}}>{{.b}}</p>`, "{{.b}}"},
		"an end without a beginning":   {"{{end}}a", "{{end}}a"},
		"a beginning without an end":   {"{{if .a}}b", "{{if .a}}b"},
		"after the end of the page":    {"<html><body>{{if .a}}b</body></html>{{else}}<img alt=c>{{end}}", "{{if .a}}b{{else}}c{{end}}"},
		"between the rows of a table":  {"<table>{{range .a}}x<tr><td>b</td></tr>{{end}}</table>", "{{range .a}}xb{{end}}"},
		"formats that end in disorder": {"<b>{{if .a}}<i></b>b{{end}}</i>", "{{if .a}}b{{end}}"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := mask(test.html)
			got := m.restore(withoutMarks(plain.Text(m.html, m.kind)))
			if got != test.want {
				t.Errorf("Text of %s\n%s, want\n%s", test.html, got, test.want)
			}
		})
	}
}

// What looks like a token, and is none, is text.
func TestTokens(t *testing.T) {
	t.Parallel()
	const html = "q7zaction00001z q7zactionq7zaction000001z q7zaction0000012 Q7ZACTION000001Z q7zaction000002&#122;x"
	var asked []string
	got := plain.Text(html, func(token string) plain.Kind {
		asked = append(asked, token)
		return plain.Output
	})
	if got != strings.ReplaceAll(html, "&#122;", "z") || strings.Join(asked, " ") != "q7zaction000001z" {
		t.Errorf("Text = %q, asked for %v", got, asked)
	}
}

// withoutMarks drops what only Tidy reads.
func withoutMarks(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return -1
		}
		return r
	}, s)
}
