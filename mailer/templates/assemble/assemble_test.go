package assemble_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/postroom/postroom/mailer/templates/actions"
	"github.com/postroom/postroom/mailer/templates/assemble"
)

// parts are the sources of a document.
type parts struct {
	page, layout    string
	given, partials map[string]string
}

// comments are those that Markdown leaves around an action between blocks.
var comments = strings.NewReplacer("⟨", "<!--", "⟩", "-->")

func document(t *testing.T, p parts) (string, error) {
	t.Helper()
	table := &actions.Table{}
	cut := func(file, source string) string {
		masked, err := table.Cut(file, 1, source)
		if err != nil {
			t.Fatal(err)
		}
		return comments.Replace(masked)
	}
	given := map[string]string{}
	for name, source := range p.given {
		given[name] = cut(name, source)
	}
	masked, err := assemble.Document(assemble.Parts{
		Table: table, Page: cut("page.html", p.page), Layout: cut("base.html", p.layout), LayoutFile: "base.html", Given: given, Nothing: "nothing",
		Partials: slices.Sorted(maps.Keys(p.partials)),
		Partial: func(name string) (string, bool, error) {
			source, ok := p.partials[name]
			return cut(name+".html", source), ok, nil
		},
	})
	return table.Restore(masked).Text, err
}

func TestDocument(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		parts parts
		want  string
	}{
		"a page alone": {parts{page: "Hi {{.name}}"}, "Hi {{.name}}"},
		"a layout": {
			parts{page: "<p>{{.x}}</p>", layout: `<body>{{template "content" .}}</body>`},
			`<body>{{block "content 1" .}}<p>{{.x}}</p>{{end}}</body>`,
		},
		"what is given": {
			parts{layout: `<title>{{template "subject" .}}</title>`, given: map[string]string{"subject": "Hi {{.x}}"}},
			`<title>{{block "subject 1" .}}Hi {{.x}}{{end}}</title>`,
		},
		"a block as it is": {
			parts{layout: `{{block "foot" .}}Bye, {{.x}}{{end}}!`},
			`{{block "foot 1" .}}Bye, {{.x}}{{end}}!`,
		},
		"a block that the page fills": {
			parts{page: `x{{define "foot"}}So long{{end}}`, layout: `{{template "content" .}}{{block "foot" .y}}Bye{{end}}!`},
			`{{block "content 1" .}}x{{end}}{{block "foot 2" .y}}So long{{end}}!`,
		},
		"a partial, twice": {
			parts{page: `{{template "b" .x}}{{template "b"}}`, partials: map[string]string{"b": "<b>{{if .}}{{.}}{{end}}</b>"}},
			`{{block "b 1" .x}}<b>{{if .}}{{.}}{{end}}</b>{{end}}{{block "b 2" nothing}}<b>{{if .}}{{.}}{{end}}</b>{{end}}`,
		},
		"a partial that calls another": {
			parts{page: `{{template "a" .}}`, partials: map[string]string{"a": `[{{template "b" .}}]`, "b": "b"}},
			`{{block "a 2" .}}[{{block "b 1" .}}b{{end}}]{{end}}`,
		},
		"a definition, used twice": {
			parts{page: `{{define "row"}}{{range .}}{{.}}{{end}}{{end}}{{template "row" .a}}{{template "row" .b}}`},
			`{{block "row 1" .a}}{{range .}}{{.}}{{end}}{{end}}{{block "row 2" .b}}{{range .}}{{.}}{{end}}{{end}}`,
		},
		"the page's definition before a partial": {
			parts{page: `{{template "b" .}}{{define "b"}}mine{{end}}`, partials: map[string]string{"b": "theirs"}},
			`{{block "b 1" .}}mine{{end}}`,
		},
		"a layout's definition": {
			parts{page: `{{template "sign" .}}`, layout: `{{define "sign"}}-- {{end}}{{template "content" .}}`},
			`{{block "content 2" .}}{{block "sign 1" .}}-- {{end}}{{end}}`,
		},
		"within ranges and attributes": {
			parts{page: `{{range .x}}<a href="{{template "u" .}}">{{template "u" .}}</a>{{end}}`, partials: map[string]string{"u": "/{{.id}}"}},
			`{{range .x}}<a href="{{block "u 1" .}}/{{.id}}{{end}}">{{block "u 2" .}}/{{.id}}{{end}}</a>{{end}}`,
		},
		"in comments of their own, as Markdown leaves them": {
			parts{
				page: `⟨{{template "b" .}}⟩<p>x</p>⟨{{define "f"}}⟩F⟨{{end}}⟩`, partials: map[string]string{"b": "b"},
				layout: `{{template "content" .}}⟨{{block "f" .}}⟩x⟨{{end}}⟩`,
			},
			`{{block "content 2" .}}{{block "b 1" .}}b{{end}}<p>x</p>{{end}}{{block "f 3" .}}F{{end}}`,
		},
		"whether a block is filled": {
			parts{
				page:   `{{define "foot"}}F{{end}}{{define "blank"}} {{end}}`,
				layout: `{{if defined "foot"}}<b>{{block "foot" .}}{{end}}</b>{{end}}{{if defined "head"}}{{block "head" .}}{{end}}{{end}}{{if not defined "blank"}}{{block "blank" .}}{{end}}{{end}}`,
			},
			`{{if true}}<b>{{block "foot 1" .}}F{{end}}</b>{{end}}{{if false}}{{block "head 2" .}}{{end}}{{end}}{{if true}}{{block "blank 3" .}} {{end}}{{end}}`,
		},
		"a layout that calls the page in a partial's block": {
			parts{page: "x", layout: `{{template "p" .}}`, partials: map[string]string{"p": `{{block "b" .}}{{template "content" .}}{{end}}`}},
			`{{block "p 3" .}}{{block "b 2" .}}{{block "content 1" .}}x{{end}}{{end}}{{end}}`,
		},
		"a block within a block": {
			parts{page: `{{define "in"}}IN{{end}}`, layout: `{{block "out" .}}o{{block "in" .}}i{{end}}{{end}}`},
			`{{block "out 2" .}}o{{block "in 1" .}}IN{{end}}{{end}}`,
		},
	} {
		got, err := document(t, test.parts)
		if err != nil || got != test.want {
			t.Errorf("%s: %v\n%s, want\n%s", name, err, got, test.want)
		}
	}
}

func TestDocumentRefuses(t *testing.T) {
	t.Parallel()
	doubling := map[string]string{"p0": strings.Repeat("x", 100)}
	for i := range 30 {
		call := `{{template "p` + string(rune('0'+i)) + `" .}}`
		doubling["p"+string(rune('0'+i+1))] = call + call
	}
	for want, p := range map[string]parts{
		`page.html:2: template "foot" is neither defined in this file nor a partial; there are: button, head`: {
			page: "\n{{template \"foot\" .}}", partials: map[string]string{"head": "", "button": ""},
		},
		`page.html:1: template "foot" is neither defined in this file nor a partial; there are: no partials`: {page: `{{template "foot" .}}`},
		`b.html:1: templates call each other in a loop: a → b → a`: {
			page: `{{template "a" .}}`, partials: map[string]string{"a": `{{template "b" .}}`, "b": `{{template "a" .}}`},
		},
		`page.html:1: templates call each other in a loop: x → x`:             {page: `{{define "x"}}{{template "x" .}}{{end}}{{template "x" .}}`},
		`base.html:1: templates call each other in a loop: foot → foot`:       {layout: `{{block "foot" .}}{{template "foot" .}}{{end}}`},
		`page.html:1: templates call each other in a loop: content → content`: {page: `{{template "content" .}}`, layout: `{{template "content" .}}`},
		`page.html:2: {{define "x"}}: it is defined twice in this file`:       {page: "{{define \"x\"}}{{end}}\n{{define \"x\"}}{{end}}"},
		`page.html:2: {{define "footer"}}: nothing calls it; the layout's blocks are: foot, head`: {
			page: "x{{define \"foot\"}}{{end}}\n{{define \"footer\"}}y{{end}}", layout: `{{block "head" .}}{{end}}{{template "content" .}}{{block "foot" .}}{{end}}`,
		},
		`page.html:1: {{define "footer"}}: nothing calls it; the layout's blocks are: none`:                 {page: `x{{define "footer"}}y{{end}}`, layout: `{{template "content" .}}`},
		`page.html:1: {{define "foot"}}: nothing calls it, and there is no layout around this file`:         {page: `x{{define "foot"}}y{{end}}`},
		`page.html:1: {{define "content"}}: the file's text is that by itself, without define and its end`:  {page: `{{define "content"}}y{{end}}`, layout: `{{template "content" .}}`},
		`base.html:0: leaves the template's body out: write {{template "content" .}} where that belongs`:    {page: "x", layout: "<body></body>"},
		`base.html:2: {{.content}} is no variable: the template's body comes with {{template "content" .}}`: {page: "x", layout: "<body>\n{{.content}}</body>"},
		`:0: layout and partials come to more than 10 MB`:                                                   {page: `{{template "pN" .}}`, partials: doubling},
	} {
		if _, err := document(t, p); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
