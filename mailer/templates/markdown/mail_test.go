package markdown_test

import (
	"bytes"
	"html/template"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"

	"github.com/postroom/postroom/mailer/templates/actions"
	"github.com/postroom/postroom/mailer/templates/markdown"
)

// What html/template makes of the HTML is the mail, and each value is escaped
// for its place.
func TestMail(t *testing.T) {
	t.Parallel()
	const source = `
# Order {{.number}}

Hello {{.name}},
{{- if .late}} we are **sorry**{{end}}.

{{/* The goods. */}}
{{- range .groups}}
## {{.title}}

- Fixed
{{- range .notes}}
- *{{.}}*
{{- else}}
- none
{{- end}}
{{- end}}

| What | Price |
|------|------:|
{{- range .lines}}
| {{.what | printf "%s|%s" "a"}} | {{printf "%.2f" .price}} |
{{- end}}
| All |  |

{{template "button" .}}

[Pay {{.name}}]({{.url}} "{{.name}}") ` + "`{{.name}}`" + ` ![{{.name}}](/{{.number}}.png)
{{define "button"}}
<a href="{{.url}}?q={{.name}}">Pay</a>
{{end}}
`
	const want = `<h1>Order 7</h1>
<p>Hello A&amp;&lt;b&gt;*c*,.</p>
<h2>G</h2>
<ul>
<li>Fixed</li>
<li><em>n1</em></li>
<li><em>[n](2)</em></li>
</ul>
<h2>H</h2>
<ul>
<li>Fixed</li>
<li>none</li>
</ul>
<table>
<thead>
<tr>
<th>What</th>
<th align="right">Price</th>
</tr>
</thead>
<tbody>
<tr>
<td>a|tea</td>
<td align="right">4.50</td>
</tr>
<tr>
<td>All</td>
<td align="right"></td>
</tr>
</tbody>
</table>
<p><a href="https://x.example/a%20b?q=A%26%3cb%3e%2ac%2a">Pay</a></p>
<p><a href="https://x.example/a%20b" title="A&amp;&lt;b&gt;*c*">Pay A&amp;&lt;b&gt;*c*</a> <code>A&amp;&lt;b&gt;*c*</code> <img src="/7.png" alt="A&amp;&lt;b&gt;*c*"></p>`
	masked, err := convert(source)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	data := map[string]any{
		"number": 7, "name": "A&<b>*c*", "late": false, "url": "https://x.example/a b",
		"groups": []any{
			map[string]any{"title": "G", "notes": []string{"n1", "[n](2)"}},
			map[string]any{"title": "H", "notes": nil},
		},
		"lines": []any{map[string]any{"what": "tea", "price": 4.5}},
	}
	if err := template.Must(template.New("mail").Parse(masked)).Execute(&b, data); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Fields(want), strings.Fields(b.String())); diff != "" {
		t.Errorf("mail (-want +got):\n%s\n%s", diff, b.String())
	}
}

// Without actions it is goldmark's.
func TestWithoutActions(t *testing.T) {
	t.Parallel()
	const source = `
Title
=====

1. a

   b
2. c
   - d
     > e

| a | b |
|:-:|---|
| ~~c~~ | ` + "`d \\| e`" + ` |

<div>*f*</div>

<b>g</b> www.x.example [h] "i"...  
j &amp; \* [k](javascript:l)

[h]: /m "n"
`
	got, err := markdown.HTML(source, &actions.Table{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(plain(t, source), got); diff != "" {
		t.Errorf("HTML (-goldmark +got):\n%s", diff)
	}
}

// plain is what goldmark makes of Markdown by itself.
func plain(t *testing.T, source string) string {
	t.Helper()
	var b bytes.Buffer
	table := extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute))
	md := goldmark.New(goldmark.WithExtensions(table, extension.Strikethrough, extension.Linkify), goldmark.WithRendererOptions(html.WithUnsafe()))
	if err := md.Convert([]byte(source), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
