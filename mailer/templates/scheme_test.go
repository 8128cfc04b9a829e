package templates_test

import (
	"strings"
	"testing"

	"github.com/postroom/postroom/mailer/templates"
)

// A scheme of two values, or of a text and a value, could be javascript: where
// each of them is harmless.
func TestSchemes(t *testing.T) {
	t.Parallel()
	const html, markdown = "a.html", "a.md"
	tests := []struct {
		file, body string
		refused    bool
	}{
		{html, `<a href="{{.a}}:{{.b}}">x</a>`, true},
		{html, `<a href="{{.a}}://{{.b}}/">x</a>`, true},
		{html, `<a href={{.a}}:{{.b}}>x</a>`, true},
		{html, `<a href="{{if .c}}{{.a}}{{else}}http{{end}}://{{.b}}">x</a>`, true},
		{html, `<a href="{{with .a}}{{.}}{{end}}:{{.b}}">x</a>`, true},
		{html, `<a href="{{template "p" .a}}:{{.b}}">x</a>{{define "p"}}{{.}}{{end}}`, true},
		{html, `<a href="java{{.b}}">x</a>`, true},
		{html, `<form action="{{.a}}:{{.b}}"></form>`, true},
		{html, `<noscript><a href="{{.a}}:{{.b}}">x</a></noscript>`, true},
		{html, `<!--[if mso]><v:rect href="{{.a}}:{{.b}}"></v:rect><![endif]-->`, true},
		{markdown, "[x]({{.a}}:{{.b}})", true},
		{markdown, "<{{.a}}://{{.b}}>", true},

		{html, `<a href="{{.a}}">x</a>`, false},
		{html, `<a href="{{if .c}}https{{else}}http{{end}}://{{.b}}/{{.a}}:{{.b}}">x</a>`, false},
		{html, `<a href="{{if .c}}{{.a}}{{else}}https://example.com/{{end}}">x</a>`, false},
		{html, `<a href="{{if .c}}https://a.example/{{else}}https://b.example/{{end}}{{.a}}:{{.b}}">x</a>`, false},
		{html, `<a href="tel:{{.a}}">x</a><a href="{{.a}}/{{.b}}:x">x</a><p title="{{.a}}:{{.b}}">{{.a}}:{{.b}}</p>`, false},
		{markdown, "[x](https://example.com/{{.a}}:{{.b}})", false},
	}
	for _, test := range tests {
		_, err := templates.Load(files{test.file: "---\nsubject: s\nlayout: none\n---\n" + test.body}.fs())
		if refused := err != nil && strings.HasPrefix(err.Error(), test.file+":5: an address has a value in its scheme"); refused != test.refused || err != nil && !refused {
			t.Errorf("%s: %v", test.body, err)
		}
	}
}
