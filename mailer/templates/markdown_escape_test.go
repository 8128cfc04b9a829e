package templates_test

import (
	"maps"
	"testing"

	"github.com/postroom/postroom/mailer/templates"
)

// markdownPlaces are those of Markdown, of Outlook's comments, and those that
// inlining styles and assembling make, in which a mail may have a value.
var markdownPlaces = map[string]files{
	"text":         {"a.md": "{{.x}}"},
	"emphasis":     {"a.md": "**{{.x}}** _{{.x}}_ ~~{{.x}}~~ `{{.x}}`"},
	"heading":      {"a.md": "# {{.x}}\n\n{{.x}}\n===\n"},
	"link":         {"a.md": "[{{.x}}]({{.x}} \"{{.x}}\")"},
	"single title": {"a.md": "[a](https://example.org/ '{{.x}}')"},
	"angle link":   {"a.md": "[a](<{{.x}}>)"},
	"path":         {"a.md": "[a](https://example.org/{{.x}}?{{.x}}#{{.x}})"},
	"auto link":    {"a.md": "<https://example.org/{{.x}}> https://example.org/{{.x}} www.example.org/{{.x}} a{{.x}}@example.org <a{{.x}}@example.org>"},
	"picture":      {"a.md": "![a]({{.x}} \"{{.x}}\")\n\n![{{.x}}](https://example.org/a.png)"},
	"code":         {"a.md": "```\n{{.x}}\n```\n\n    {{.x}}\n"},
	"language":     {"a.md": "```{{.x}}\na\n```\n"},
	"list":         {"a.md": "{{range .l}}\n- [{{.}}]({{.}})\n{{end}}\n\n1. {{.x}}\n"},
	"table":        {"a.md": "| {{.x}} |\n|---|\n{{range .l}}\n| [{{.}}]({{.}}) `{{.}}` |\n{{end}}\n"},
	"quotation":    {"a.md": "> {{.x}}\n"},
	"HTML":         {"a.md": "<div title=\"{{.x}}\" style=\"color: {{.x}}\"><a href='{{.x}}'>{{.x}}</a></div>\n\na <b title={{.x}}>{{.x}}</b>\n"},
	"entity":       {"a.md": "&{{.x}}; &#{{.x}}; \\{{.x}}"},
	"partial":      {"a.md": `{{template "p" .x}}` + "\n\n[a]({{template \"p\" .x}})\n\n<p title=\"{{template \"p\" .x}}\">\n", "partials/p.md": "{{.}}", "partials/p.html": "{{.}}"},
	"inlined":      {"a.html": `<style>p { color: red; background: url("https://example.org/") }</style><p style="width: {{.x}}" class="{{.x}}">{{.x}}</p>`},
	"sheet":        {"a.html": `<style>p { color: {{.x}} } a::after { content: "{{.x}}" }</style><p>a</p>`},
	"Outlook":      {"a.html": `<!--[if mso]><v:rect href="{{.x}}" title='{{.x}}' style="width:{{.x}}">{{.x}}<![endif]--><![if !mso]><p title={{.x}}>{{.x}}</p><![endif]>`},
}

func markdownSets(tb testing.TB) map[string]*templates.Set {
	tb.Helper()
	sets := map[string]*templates.Set{}
	for place, f := range markdownPlaces {
		all := maps.Clone(f)
		all["a.subject"], all["layouts/base.html"] = "s", `{{template "content" .}}`
		sets[place] = load(tb, all)
	}
	return sets
}

func TestDataStaysWithinMarkdown(t *testing.T) {
	t.Parallel()
	sets := markdownSets(t)
	for _, value := range hostile {
		staysWithin(t, sets, value)
	}
}

func FuzzDataStaysWithinMarkdown(f *testing.F) {
	sets := markdownSets(f)
	for _, value := range hostile {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) { staysWithin(t, sets, value) })
}
