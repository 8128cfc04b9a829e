package templates_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postroom/postroom/mailer/templates"
)

// shop is a set as the guide describes it.
var shop = files{
	"layouts/base.html": `<!DOCTYPE html>
<html lang="{{lang}}" dir="{{dir}}">
<head>
<title>{{template "subject" .}}</title>
<style>
p { margin: 0; }
@media (prefers-color-scheme: dark) { p { color: #fff; } }
</style>
</head>
<body>
<div style="display: none">{{block "preheader" .}}{{end}}</div>
{{template "content" .}}
{{block "foot" .}}<p>Shop Ltd</p>{{end}}
</body>
</html>
`,
	"layouts/base.de.html": `<html lang="{{lang}}"><body>{{template "content" .}}<p>Laden GmbH</p></body></html>`,
	"partials/button.html": "<p><a href=\"{{.url}}\">{{.text}}</a></p>\n",
	"receipt.md": `---
subject: "Your order {{.number}}"
preheader: Tea & more
data:
  number: integer
  url: {type: string, example: "https://shop.example/1"}
  note?: string
  greeting: {type: string, default: Hello}
  items:
    - title: string
---
{{.greeting}} **you**,

{{range .items}}
- {{.title}}
{{end}}

{{if .note}}
> {{.note}}
{{end}}

{{template "button" (dict "text" "See it" "url" .url)}}
`,
	"receipt.de.md": "---\nsubject: Ihre Bestellung {{.number}}\n---\nGuten Tag\n",
	"plain.md":      "---\nsubject: Plain\nlayout: none\n---\nJust *this*.\n",
	"whole.html":    "---\nsubject: Whole\n---\n<html><body><p>{{.x}}</p></body></html>\n",
	"bare.html":     "---\nsubject: Bare\n---\n<p>{{.x}}</p>{{define \"foot\"}}<p>So long</p>{{end}}\n",
	"written.html":  "---\nsubject: Written\n---\n<p>HTML</p>\n",
	"written.txt":   "Text of {{.x}}\n",
	"ar.md":         "---\nsubject: en\n---\nx\n",
	"ar.ar.md":      "---\nsubject: ar\n---\nx\n",
}

func TestPage(t *testing.T) {
	t.Parallel()
	set := load(t, shop)
	c, err := set.Render("receipt", "fr", data(t, `{"number":7,"url":"https://shop.example/?a=1&b=2","items":[{"title":"Tea & <b>"},{"title":"Cup"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if c.Subject != "Your order 7" {
		t.Errorf("subject %q", c.Subject)
	}
	for _, part := range []string{
		`<html lang="en" dir="ltr">`, "<title>Your order 7</title>", `<div style="display: none">Tea &amp; more</div>`,
		`<p style="margin: 0;">Hello <strong>you</strong>,</p>`, `<li>Tea &amp; &lt;b&gt;</li>`, `<li>Cup</li>`,
		`<a href="https://shop.example/?a=1&amp;b=2">See it</a>`, `<p style="margin: 0;">Shop Ltd</p>`,
		"@media (prefers-color-scheme: dark) { p { color: #fff; } }",
	} {
		if strings.Count(c.HTML, part) != 1 {
			t.Errorf("the HTML has not once %s:\n%s", part, c.HTML)
		}
	}
	if strings.Count(c.HTML, "<ul>") != 1 || strings.Contains(c.HTML, "blockquote") || strings.Contains(c.HTML, "q7z") {
		t.Errorf("the HTML:\n%s", c.HTML)
	}
	const text = `Hello you,

- Tea & <b>
- Cup

See it: https://shop.example/?a=1&b=2

Shop Ltd
`
	if diff := cmp.Diff(text, c.Text); diff != "" {
		t.Errorf("the text (-want +got):\n%s", diff)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	set := load(t, shop)
	for _, test := range []struct{ name, locale, has, lacks, text string }{
		{"receipt", "de-AT", `<html lang="de"><body><p>Guten Tag</p>`, "Shop Ltd", "Guten Tag\n\nLaden GmbH\n"},
		{"plain", "", "<p>Just <em>this</em>.</p>", "<html", "Just this.\n"},
		{"whole", "", "<html><body><p>X</p></body></html>", "Shop Ltd", "X\n"},
		{"bare", "", `<p style="margin: 0;">So long</p>`, "Shop Ltd", "X\n\nSo long\n"},
		{"written", "", `<p style="margin: 0;">HTML</p>`, "Text", "Text of X\n"},
		{"ar", "ar", `<html lang="ar" dir="rtl">`, "ltr", "x\n\nShop Ltd\n"},
	} {
		content := map[string]any{"x": "X"}
		if test.name == "receipt" {
			content = map[string]any{"number": 1, "url": "https://shop.example", "items": []any{}}
		}
		c, err := set.Render(test.name, test.locale, content)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if !strings.Contains(c.HTML, test.has) || strings.Contains(c.HTML, test.lacks) || c.Text != test.text {
			t.Errorf("%s in %q:\n%s\n%s\nwant %s", test.name, test.locale, c.HTML, c.Text, test.has)
		}
	}
}

func TestDeclaredData(t *testing.T) {
	t.Parallel()
	set := load(t, shop)
	for text, want := range map[string]string{
		`{"number":1,"url":"https://a.example","items":[]}`:                            "",
		`{"number":1,"url":"https://a.example","items":[],"note":null}`:                "",
		`{"number":1.5,"url":"https://a.example","items":[]}`:                          `template "receipt": variable "number" must be a whole number, not a number`,
		`{"number":1,"url":"https://a.example","items":[{}]}`:                          `template "receipt": variable "items[0].title" is missing`,
		`{"number":1,"url":"https://a.example","items":[],"colour":"s3cret"}`:          `template "receipt": variable "colour" is not declared by the template`,
		`{"number":"x","items":[]}`:                                                    `template "receipt": variable "number" must be a whole number, not a string; url is missing`,
		`{"number":1,"url":"https://a.example","items":[],"ada@example.org":"s3cret"}`: `template "receipt": the data has a name that the template does not declare`,
	} {
		_, err := set.Render("receipt", "", data(t, text))
		if got := errorText(err); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	c, err := set.Render("receipt", "", map[string]any{"number": uint8(7), "url": "https://a.example", "items": []struct {
		Title json.Number `json:"title"`
	}{}})
	if err != nil || c.Subject != "Your order 7" {
		t.Errorf("Go values: %q, %v", c.Subject, err)
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestWhereAnErrorIs has each named by the file and line that it comes from.
func TestWhereAnErrorIs(t *testing.T) {
	t.Parallel()
	set := load(t, files{
		"layouts/base.html": "<body>\n\n{{template \"content\" .}}\n{{.foot}}</body>", "partials/p.html": "\n<b>{{.none}}</b>",
		"a.md": "---\nsubject: a\n---\n# Hi\n\n{{if .one}}\n{{template \"p\" .}}\n{{end}}\n\n| a |\n|---|\n| {{.two}} |\n",
		"b.md": "---\nsubject: b\npreheader: x\n---\n[here]({{.link}})\n",
		"c.md": "---\nsubject: |\n  {{.none}}\n---\nx\n",
		"d.md": "---\nsubject: d\n---\nHi\n", "d.txt": "\n\n{{.none}}\n",
	})
	for _, test := range []struct{ name, data, want string }{
		{"a", `{"one":true,"two":1,"foot":1}`, `partials/p.html:2: variable "none" is missing`},
		{"a", `{"one":false,"foot":1}`, `a.md:12: variable "two" is missing`},
		{"a", `{"one":false,"two":2}`, `layouts/base.html:4: variable "foot" is missing`},
		{"b", `{"link":"javascript:x","foot":1}`, `b.md:5: variable "link" is not a safe link`},
		{"c", `{"foot":1}`, `c.md:3: variable "none" is missing`},
		{"d", `{"foot":1}`, `d.txt:3: variable "none" is missing`},
	} {
		_, err := set.Render(test.name, "", data(t, test.data))
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s %s: %v, want %s", test.name, test.data, err, test.want)
		}
	}
}

func TestLoadRefusesPages(t *testing.T) {
	t.Parallel()
	const front = "---\nsubject: s\n---\n"
	for want, f := range map[string]files{
		"a.md:1: front matter has no end: a line of three dashes, as the first one":                                                                                         {"a.md": "---\nsubject: s\n"},
		"a.md: has no subject: begin it with three lines, ---, subject: Hello and ---, or write a.subject":                                                                  {"a.md": "Hello"},
		"a.md:2: has a subject, and so has a.subject: one is enough":                                                                                                        {"a.md": front + "x", "a.subject": "s"},
		"a.html: stands beside a.md: a mail has its HTML from one of them":                                                                                                  {"a.md": front + "x", "a.html": "x"},
		"a.md:3: \"layuot\" is not known: there are data, lang, layout, preheader, subject and unsubscribe":                                                                 {"a.md": "---\nsubject: s\nlayuot: x\n---\nx"},
		"a.md:3: layout base.html is not there: a layout is named without its folder and its ending, layout: base; there are base, none":                                    {"a.md": "---\nsubject: s\nlayout: base.html\n---\nx"},
		"a.md:3: layout layouts/base is not there: a layout is named without its folder and its ending, layout: base; there are base, none":                                 {"a.md": "---\nsubject: s\nlayout: layouts/base\n---\nx"},
		"a.md:3: layout layouts/big.html is not there: a layout is named without its folder and its ending, layout: big; write layouts/big.html, or name one of base, none": {"a.md": "---\nsubject: s\nlayout: layouts/big.html\n---\nx"},
		"a.md:3: layout big is not there: write layouts/big.html, or name one of base, none":                                                                                {"a.md": "---\nsubject: s\nlayout: big\n---\nx", "layouts/base.html": "{{template \"content\" .}}"},
		"a.de.md: declares data: that stands in a.md alone, for all locales":                                                                                                {"a.md": front + "x", "a.de.md": "---\nsubject: s\ndata: {x: string}\n---\nx"},
		"layouts/base.subject: is not read: layouts and partials have no subject":                                                                                           {"a.md": front + "x", "layouts/base.subject": "x"},
		"a.md:5: template \"nope\" is neither defined in this file nor a partial; there are: button, yes":                                                                   {"a.md": front + "\n{{template \"nope\" .}}", "partials/yes.html": "x"},
		"partials/p.html:2: function \"shout\" not defined":                                                                                                                 {"a.md": front + "{{template \"p\" .}}", "partials/p.html": "\n{{shout .}}"},
		"a.md:4: templates call each other in a loop: content → content":                                                                                                    {"a.md": front + "{{template \"content\" .}}", "layouts/base.html": "{{template \"content\" .}}"},
		"layouts/base.html: leaves the template's body out: write {{template \"content\" .}} where that belongs":                                                            {"a.md": front + "x", "b.md": front + "y", "layouts/base.html": "<body></body>"},
		"layouts/base.txt: leaves the template's body out: write {{template \"content\" .}} where that belongs":                                                             {"a.subject": "s", "a.txt": "x", "layouts/base.txt": "Bye"},
		"layouts/base.html:2: {{.content}} is no variable: the template's body comes with {{template \"content\" .}}":                                                       {"a.md": front + "x", "layouts/base.html": "<body>\n{{.content}}</body>"},
		"a.md:6: {{define \"footer\"}}: nothing calls it; the layout's blocks are: foot, head, preheader":                                                                   {"a.md": front + "x\n\n{{define \"footer\"}}y{{end}}"},
		"a.txt:1: {{define \"foot\"}}: nothing calls it, and there is no layout around this file":                                                                           {"a.subject": "s", "a.txt": "{{define \"foot\"}}x{{end}}y"},
	} {
		_, err := templates.Load(f.fs())
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}

func TestDict(t *testing.T) {
	t.Parallel()
	set := load(t, files{
		"a.subject": "s", "a.txt": `{{define "p"}}{{.a}}{{range .b}}{{.}}{{end}}{{end}}{{template "p" (dict "a" 1 "b" (list 2 .x))}}`,
		"b.subject": "s", "b.txt": `{{with dict "a"}}{{end}}`, "c.subject": "s", "c.txt": `{{with dict 1 2}}{{end}}`,
	})
	if c, err := set.Render("a", "", map[string]any{"x": 3}); err != nil || c.Text != "123" {
		t.Errorf("%q, %v", c.Text, err)
	}
	for name, want := range map[string]string{
		"b": `b.txt:1: dict: takes names and values in turn, as in dict "text" "Pay" "url" .url`,
		"c": "c.txt:1: dict: takes a name before each value; the 1. argument is a number",
	} {
		if _, err := set.Render(name, "", nil); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
}

// TestConditionalComments reach Outlook, with values escaped within them.
func TestConditionalComments(t *testing.T) {
	t.Parallel()
	set := load(t, files{"a.subject": "s", "a.html": `<!-- gone --><p>a</p>
<!--[if mso]><table><tr><td title="{{.x}}">{{.x}}<![endif]-->
<!--[if !mso]><!--><b>{{.x}}</b><!--<![endif]-->`})
	c, err := set.Render("a", "", map[string]any{"x": `--> <i>"`})
	const want = `<p>a</p>
<!--[if mso]><table><tr><td title="--&gt; &lt;i&gt;&#34;">--&gt; &lt;i&gt;&#34;<![endif]-->
<!--[if !mso]><!--><b>--&gt; &lt;i&gt;&#34;</b><!--<![endif]-->`
	if diff := cmp.Diff(want, c.HTML); err != nil || diff != "" {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
	if c.Text != "a\n\n--> <i>\"\n" {
		t.Errorf("text %q", c.Text)
	}
	calling := load(t, files{"a.subject": "s", "a.html": "{{_postroom_condition 0}}"})
	if c, err := calling.Render("a", "", nil); err == nil {
		t.Errorf("called by an author: %q", c.HTML)
	}
}

// Conditions come in many forms. What they hide from browsers stays hidden, and
// what they show is shown.
func TestFormsOfConditions(t *testing.T) {
	t.Parallel()
	for _, source := range []string{
		"<p>a</p><!--[if mso]><b>b</b><![endif]--><p>c</p>",
		"<p>a</p><!--[if gte mso 9]><b>b</b><![endif] --><p>c</p>",
		"<p>a</p><!--[if !mso]><!--><b>b</b><!--<![endif]--><p>c</p>",
		"<p>a</p><!--[if !mso]><!-- --><b>b</b><!-- <![endif]--><p>c</p>",
		"<p>a</p><!--[if !gte mso 9]><!----><b>b</b><!--<![endif]--><p>c</p>",
		"<p>a</p><!--[if !mso]> <!--><b>b</b><!--<![endif]--><p>c</p>",
		"<p>a</p><!--[if !mso]>--><b>b</b><!--<![endif]--><p>c</p>",
		"<p>a</p><![if !mso]><b>b</b><![endif]><p>c</p>",
	} {
		c, err := load(t, files{"a.subject": "s", "a.html": source}).Render("a", "", nil)
		if err != nil || c.HTML != source {
			t.Errorf("%s\nbecame %s, %v", source, c.HTML, err)
		}
	}
	// What is neither a comment nor a tag is no text either.
	c, err := load(t, files{"a.subject": "s", "a.html": `<?xml version="1.0"?><p>a<![CDATA[b]]></ >c &lt;?d <? {{"e"}}></p>`}).Render("a", "", nil)
	const want = `<p>ac &lt;?d &lt;? e></p>`
	if err != nil || c.HTML != want {
		t.Errorf("%s, %v; want %s", c.HTML, err, want)
	}
}

func TestInfo(t *testing.T) {
	t.Parallel()
	set := load(t, shop)
	info, ok := set.Info("receipt")
	if !ok || !cmp.Equal(info.Locales, []string{"de"}) || !json.Valid(info.Schema) {
		t.Errorf("%+v, %v", info, ok)
	}
	c, err := set.Render("receipt", "", info.Example)
	if err != nil || c.Subject != "Your order 2" || strings.Count(c.Text, "\n- title") != 2 {
		t.Errorf("the example: %q, %v", c, err)
	}
	if info, ok := set.Info("plain"); !ok || len(info.Locales) != 0 || info.Schema != nil || info.Example != nil {
		t.Errorf("%+v, %v", info, ok)
	}
	if info, ok := set.Info("none"); ok || info.Name != "" {
		t.Errorf("%+v, %v", info, ok)
	}
}
