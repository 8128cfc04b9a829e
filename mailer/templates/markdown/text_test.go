package markdown_test

import (
	"strings"
	"testing"

	"github.com/postroom/postroom/mailer/templates/actions"
	"github.com/postroom/postroom/mailer/templates/markdown"
)

// row is a piece of Markdown, and the HTML that comes of it when the actions
// are back.
type row struct{ name, source, html string }

// check converts each source. Lines are set in where that is easier to read.
func check(t *testing.T, rows []row) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got, err := convert(row.source)
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.TrimSpace(dedent(row.html)); strings.TrimSpace(got) != want {
				t.Errorf("of\n%s\nbecame\n%s\nwant\n%s", dedent(row.source), got, want)
			}
		})
	}
}

func convert(source string) (string, error) {
	var table actions.Table
	masked, err := table.CutLines("a.md", 1, dedent(source))
	if err != nil {
		return "", err
	}
	html, err := markdown.HTML(masked, &table)
	return table.Restore(html).Text, err
}

// dedent takes the tabs from the beginning of lines, and the first line break.
func dedent(text string) string {
	text = strings.TrimPrefix(text, "\n")
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimLeft(line, "\t")
	}
	return strings.Join(lines, "")
}

func TestActionsInText(t *testing.T) {
	t.Parallel()
	check(t, []row{
		{"a sentence", "Hello {{.name}}, *welcome*!", "<p>Hello {{.name}}, <em>welcome</em>!</p>"},
		{"alone on a line", "{{.name}}", "<p>{{.name}}</p>"},
		{"alone on a line of a paragraph", "Hello\n{{.name}}\n{{.last}} !", "<p>Hello\n{{.name}}\n{{.last}} !</p>"},
		{"with control actions on a line", "{{if .a}}{{.b}}{{end}}", "<p>{{if .a}}{{.b}}{{end}}</p>"},
		{"if in a sentence", "It is {{if .x}}**late**{{else}}early{{end}}.", "<p>It is {{if .x}}<strong>late</strong>{{else}}early{{end}}.</p>"},
		{"over lines of a paragraph", "It is {{if .x}}late\nalready{{end}}.", "<p>It is {{if .x}}late\nalready{{end}}.</p>"},
		{"another template in a sentence", `Yours, {{template "us"}}`, `<p>Yours, {{template "us"}}</p>`},
		{"hard line breaks", "{{.a}}  \n{{.b}}\\\n{{.c}}", "<p>{{.a}}<br>\n{{.b}}<br>\n{{.c}}</p>"},
		{"a heading", "# Order {{.number}} #", "<h1>Order {{.number}}</h1>"},
		{"a heading that is underlined", "{{.title}}\n===", "<h1>{{.title}}</h1>"},
		{
			"emphasis", "**{{.a}}** *{{.b}}* _{{.c}}_ __{{.d}}__ ~~{{.e}}~~ *{{.f}}*s",
			"<p><strong>{{.a}}</strong> <em>{{.b}}</em> <em>{{.c}}</em> <strong>{{.d}}</strong> <del>{{.e}}</del> <em>{{.f}}</em>s</p>",
		},
		{"no emphasis within a word", "_{{.a}}_s b_{{.c}}", "<p>_{{.a}}_s b_{{.c}}</p>"},
		{
			"Markdown in an action", "{{printf \"*%s* [a](b) `c` <b> | \\\"\" .x}} {{`_a_`}} {{index .a \"b_c\"}}_",
			"<p>{{printf \"*%s* [a](b) `c` <b> | \\\"\" .x}} {{`_a_`}} {{index .a \"b_c\"}}_</p>",
		},
		{"a link", "[Pay]({{.url}})", `<p><a href="{{.url}}">Pay</a></p>`},
		{
			"all of a link", `[Pay {{.sum}}](https://x.example/{{.id}}?a={{.a}}&b={{.b}} "For {{.what}}")`,
			`<p><a href="https://x.example/{{.id}}?a={{.a}}&amp;b={{.b}}" title="For {{.what}}">Pay {{.sum}}</a></p>`,
		},
		{"if in a link", "[{{if .a}}A{{else}}B{{end}}]({{if .a}}/a{{else}}/b{{end}})", `<p><a href="{{if .a}}/a{{else}}/b{{end}}">{{if .a}}A{{else}}B{{end}}</a></p>`},
		{"an image", "![{{.alt}}]({{.src}} \"{{.t}}\")", `<p><img src="{{.src}}" alt="{{.alt}}" title="{{.t}}"></p>`},
		{"code", "`{{.a}} **{{.b}}**`", "<p><code>{{.a}} **{{.b}}**</code></p>"},
		{
			"a fence, with control lines", "```{{.lang}}\n{{range .lines}}\n{{.}} **\n{{end}}\n```",
			"<pre><code class=\"language-{{.lang}}\">{{range .lines}}\n{{.}} **\n{{end}}\n</code></pre>",
		},
		{"code that is set in", "    a\n    {{if .x}}\n    b\n    {{end}}\n", "<pre><code>a\n{{if .x}}\nb\n{{end}}\n</code></pre>"},
		{"HTML in a line", `<b title="{{.a}}">{{.b}}</b>`, `<p><b title="{{.a}}">{{.b}}</b></p>`},
		{
			"blocks of HTML", "<table class=\"{{.c}}\">\n{{range .rows}}\n<tr><td>{{.}}\n{{end}}\n</table>\n\n{{.x}}",
			"<table class=\"{{.c}}\">\n{{range .rows}}\n<tr><td>{{.}}\n{{end}}\n</table>\n<p>{{.x}}</p>",
		},
		{
			"HTML with Markdown between", "<div>\n\n{{if .x}}\n\n**a**\n\n{{end}}\n\n</div>",
			"<div>\n{{if .x}}\n<p><strong>a</strong></p>\n{{end}}\n</div>",
		},
		{"HTML over blank lines", "<div>{{if .x}}\n\na\n\n</div>\n{{end}}", "<div>{{if .x}}\n<p>a</p>\n</div>\n{{end}}"},
		{"braces that are text", `\{\{ .x }} &#123;&#123;`, "<p>{ {{- /**/}}{ .x }} { {{- /**/}}{</p>"},
		{"quotes stay", `"{{.a}}" -- '{{.b}}' ...`, `<p>&quot;{{.a}}&quot; -- '{{.b}}' ...</p>`},
	})
}

func TestBareLinks(t *testing.T) {
	t.Parallel()
	check(t, []row{
		{
			"an action in it", "See https://x.example/{{.a}}/{{.b}}.",
			`<p>See <a href="https://x.example/{{.a}}/{{.b}}">https://x.example/{{.a}}/{{.b}}</a>.</p>`,
		},
		{"in angle brackets", "<https://x.example/{{.a}}?b&c>", `<p><a href="https://x.example/{{.a}}?b&amp;c">https://x.example/{{.a}}?b&amp;c</a></p>`},
		{"without a scheme", "www.{{.host}}.example", `<p><a href="http://www.{{.host}}.example">www.{{.host}}.example</a></p>`},
		{"an address", "{{.user}}@x.example", `<p><a href="mailto:{{.user}}@x.example">{{.user}}@x.example</a></p>`},
		{"an address with its scheme", "<mailto:{{.user}}@x.example>", `<p><a href="mailto:{{.user}}@x.example">mailto:{{.user}}@x.example</a></p>`},
		{
			"it ends where a region does", "{{if .a}}see https://x.example/{{.a}}.{{else}}www.x.example{{end}}&amp; *b*",
			`<p>{{if .a}}see <a href="https://x.example/{{.a}}">https://x.example/{{.a}}</a>.{{else}}www.x.example{{end}}&amp; <em>b</em></p>`,
		},
		{
			"right behind the domain", "{{if .a}}or https://x.example{{end}}, or a@x.example{{.b}} (https://x.example{{.path}}?a={{.b}}).",
			`<p>{{if .a}}or <a href="https://x.example">https://x.example</a>{{end}}, or <a href="mailto:a@x.example{{.b}}">a@x.example{{.b}}</a> ` +
				`(<a href="https://x.example{{.path}}?a={{.b}}">https://x.example{{.path}}?a={{.b}}</a>).</p>`,
		},
		{"in the domain", "https://x.{{.top}}/a! www.{{.a}}.{{.b}}", `<p><a href="https://x.{{.top}}/a">https://x.{{.top}}/a</a>! <a href="http://www.{{.a}}.{{.b}}">www.{{.a}}.{{.b}}</a></p>`},
		{
			"an address in a region", "{{if .a}}a@x.example{{end}} {{if .b}}at {{end}}b@x.example {{if .c}}b{{end}}@x.example",
			`<p>{{if .a}}<a href="mailto:a@x.example">a@x.example</a>{{end}} {{if .b}}at {{end}}<a href="mailto:b@x.example">b@x.example</a> ` +
				`{{if .c}}b{{end}}@x.example</p>`,
		},
		{"a region ends in what would be one", "{{if .a}}or https://x{{end}}.example", "<p>{{if .a}}or https://x{{end}}.example</p>"},
		{"an action alone is no link", "{{.url}}", "<p>{{.url}}</p>"},
		{"without actions", "www.x.example <https://x.example>", `<p><a href="http://www.x.example">www.x.example</a> <a href="https://x.example">https://x.example</a></p>`},
		{"in brackets that are text", `Ada \<{{.address}}>`, "<p>Ada &lt;{{.address}}&gt;</p>"},
	})
}
