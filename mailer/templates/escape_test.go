package templates_test

import (
	"bytes"
	"encoding/json"
	"errors"
	htmltemplate "html/template"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/postroom/postroom/mailer/templates"
)

// places are all places of HTML in which a mail may have a value.
var places = map[string]string{
	"text":            `<p>{{.x}}</p>`,
	"title":           `<title>{{.x}}</title>`,
	"textarea":        `<textarea>{{.x}}</textarea>`,
	"attribute":       `<p title="{{.x}}">a</p>`,
	"single quotes":   `<p title='{{.x}}'>a</p>`,
	"no quotes":       `<p title={{.x}}>a</p>`,
	"part of a value": `<p class="a {{.x}} b">a</p>`,
	"link":            `<a href="{{.x}}">a</a>`,
	"unquoted link":   `<a href={{.x}}>a</a>`,
	"path":            `<a href="https://example.org/{{.x}}">a</a>`,
	"query":           `<a href="https://example.org/?q={{.x}}&amp;r=1">a</a>`,
	"fragment":        `<a href="#{{.x}}">a</a>`,
	"image":           `<img src="{{.x}}" alt="{{.x}}">`,
	"srcset":          `<img srcset="{{.x}}" alt="">`,
	"action":          `<form action="{{.x}}"></form>`,
	"style attribute": `<p style="color: {{.x}}">a</p>`,
	"style url":       `<p style="background: url('{{.x}}')">a</p>`,
	"style element":   `<style>p { color: {{.x}} }</style>`,
	"style string":    `<style>p { font-family: "{{.x}}" }</style>`,
	"script":          `<script>var x = {{.x}};</script>`,
	"script string":   `<script>var x = "{{.x}}";</script>`,
	"linked data":     `<script type="application/ld+json">{"name": {{.x}}}</script>`,
	"handler":         `<p onclick="f({{.x}})">a</p>`,
	"attribute name":  `<p {{.x}}="a">a</p>`,
	"comment":         `<!-- {{.x}} --><p>a</p>`,
	"printed":         `<p title="{{printf "%s" .x}}">{{.x | html}}</p>`,
	"urlquery":        `<a href="/?q={{.x | urlquery}}">a</a>`,
	"partial":         `{{define "p"}}{{.}}{{end}}<a href="{{template "p" .x}}" title="{{template "p" .x}}">{{template "p" .x}}</a>`,
	"partial, deep":   `{{define "p"}}{{template "q" .}}{{end}}{{define "q"}}{{.}}{{end}}<p style="width: {{template "p" .x}}"><a href={{template "p" .x}}>a</a></p>`,
	"in a list":       `<ul>{{range .l}}<li><a href="{{.}}">{{.}}</a></li>{{end}}</ul>`,
}

// shape is a page without its texts and values: its elements, with the names
// of their attributes, one within the other.
func shape(tb testing.TB, page string) []string {
	tb.Helper()
	root, err := html.Parse(strings.NewReader(asOutlook.Replace(page)))
	if err != nil {
		tb.Fatal(err)
	}
	var out []string
	for n := range root.Descendants() {
		switch n.Type {
		case html.ElementNode:
			names := []string{n.Data}
			for _, a := range n.Attr {
				names = append(names, a.Key)
			}
			out = append(out, strings.Join(names, " "))
		case html.CommentNode:
			out = append(out, "<!---->")
		default: // Texts may differ.
		}
	}
	return out
}

// asOutlook has a page shown as Outlook does, which reads what is in its comments.
var asOutlook = strings.NewReplacer("<!--[if mso]>", "", "<![endif]-->", "")

// links are the values of all attributes that a click or a look follows.
func links(tb testing.TB, page string) []string {
	tb.Helper()
	root, err := html.Parse(strings.NewReader(asOutlook.Replace(page)))
	if err != nil {
		tb.Fatal(err)
	}
	var out []string
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			if slices.Contains([]string{"href", "src", "srcset", "action", "formaction", "background"}, a.Key) {
				out = append(out, a.Val)
			}
		}
	}
	return out
}

// scheme is what a browser takes for the scheme of a link: it drops control
// characters and spaces first.
func scheme(link string) string {
	link = strings.Map(func(r rune) rune {
		if r <= ' ' {
			return -1
		}
		return r
	}, link)
	before, _, ok := strings.Cut(link, ":")
	if !ok || strings.ContainsAny(before, "/?#") {
		return ""
	}
	return strings.ToLower(before)
}

// staysWithin checks that a value changes no place but its own, or is refused.
func staysWithin(tb testing.TB, sets map[string]*templates.Set, value string) {
	tb.Helper()
	for place, set := range sets {
		want, err := set.Render("a", "", map[string]any{"x": "abc", "l": []any{"abc"}})
		if err != nil {
			tb.Fatalf("%s: %v", place, err)
		}
		got, err := set.Render("a", "", map[string]any{"x": value, "l": []any{value}})
		if err != nil {
			e, ok := errors.AsType[*templates.Error](err)
			if !ok || e.Line < 1 || e.Variable == "" && !strings.Contains(e.Reason, "{{.}}") {
				tb.Errorf("%s: %q: the error names no place: %v", place, value, err)
			}
			continue
		}
		wantShape := shape(tb, want.HTML)
		if place == "attribute name" {
			wantShape = shape(tb, `<p `+strings.ToLower(printing(value))+`="a">a</p>`)
			if len(wantShape) != 4 {
				tb.Errorf("%s: %q gave %q", place, value, got.HTML)
			}
		}
		if diff := cmp.Diff(wantShape, shape(tb, got.HTML)); diff != "" {
			tb.Errorf("%s: %q gave %q\n%s", place, value, got.HTML, diff)
		}
		if strings.Contains(got.HTML, "ZgotmplZ") && !strings.Contains(value, "ZgotmplZ") {
			tb.Errorf("%s: %q was filtered without an error: %q", place, value, got.HTML)
		}
		for _, link := range links(tb, got.HTML) {
			if !slices.Contains([]string{"", "http", "https", "mailto"}, scheme(link)) {
				tb.Errorf("%s: %q gave the link %q", place, value, link)
			}
		}
		if place == "linked data" {
			_, rest, _ := strings.Cut(got.HTML, ">")
			if data, _, _ := strings.Cut(rest, "<"); !json.Valid([]byte(data)) {
				tb.Errorf("%s: %q gave %q", place, value, got.HTML)
			}
		}
	}
}

// printing is a value without the control characters that no mail has.
func printing(value string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, value)
}

func placeSets(tb testing.TB) map[string]*templates.Set {
	tb.Helper()
	sets := map[string]*templates.Set{}
	for place, body := range places {
		sets[place] = load(tb, files{"a.subject": "s", "a.html": body})
	}
	return sets
}

var hostile = []string{
	`<script>alert(1)</script>`, `</script><script>alert(1)</script>`, `</title></textarea></style><img src=x onerror=alert(1)>`,
	`" onmouseover="alert(1)`, `' onmouseover='alert(1)`, `x onmouseover=alert(1)`, "`><b>", `-->`, `]]>`, `<!--<script>`,
	`javascript:alert(1)`, ` JaVaScRiPt:alert(1)`, "java\nscript:alert(1)", "\x01javascript:alert(1)", `vbscript:x`,
	`data:text/html,<script>alert(1)</script>`, `//evil.example`, `https://example.org/?a=1&b="2"`, `mailto:a@example.org`,
	`expression(alert(1))`, `red;} body{display:none`, `url(javascript:alert(1))`, `\"+alert(1)+\"`, `${alert(1)}`, "\u2028alert(1)",
	"\x00", "\x03a", `&lt;script&gt;`, `&#x6a;avascript:alert(1)`, `onclick`, `style`, `{{.y}}`, `ZgotmplZ`, ``, ` `, `/`, `a b c`, `1`, `𝒳`,
}

func TestDataStaysWithin(t *testing.T) {
	t.Parallel()
	sets := placeSets(t)
	for _, value := range hostile {
		staysWithin(t, sets, value)
	}
}

func FuzzDataStaysWithin(f *testing.F) {
	sets := placeSets(f)
	for _, value := range hostile {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) { staysWithin(t, sets, value) })
}

// A mail with a dead link is not sent: html/template alone would send it with
// "#ZgotmplZ" in it.
func TestUnsafeIsAnError(t *testing.T) {
	t.Parallel()
	const link = `is not a safe link: it may begin with https:, http: or mailto:, or have no scheme; ` +
		`any other scheme has to stand in the template, as in href="tel:{{.phone}}"`
	tests := []struct{ name, body, value, variable, reason string }{
		{"javascript", "<a href=\"{{.x}}\">", "javascript:s3cret()", "x", link},
		{"unquoted", "<a href={{.x}}>", "javascript:s3cret()", "x", link},
		{"another scheme", "<a href=\"{{.x}}\">", "myapp://reset?token=s3cret", "x", link},
		{"through a pipe", `<a href="{{.x | printf "%s"}}">`, "tel:s3cret", "x", link},
		{"image", "<img src='{{.x}}'>", "data:text/html,s3cret", "x", link},
		{"srcset", "<img srcset='{{.x}}'>", "javascript:s3cret 2x", "x", link},
		{"refresh", `<meta http-equiv="refresh" content="1; url={{.x}}">`, "javascript:s3cret", "x", link},
		{"style url", `<p style="background: url({{.x}})">`, "javascript:s3cret", "x", link},
		{"style", `<p style="width: {{.x}}">`, "expression(s3cret)", "x", "is not safe in a style: colours, words, numbers and lengths are"},
		{"empty without quotes", `<p title={{.x}}>`, "", "x", `is empty, in an attribute without quotes: put quotes around it, as in title="{{.title}}"`},
		{"empty link without quotes", `<a href={{.x}}>`, "", "x", `is empty, in an attribute without quotes: put quotes around it, as in title="{{.title}}"`},
		{"attribute name", `<p {{.x}}="1">`, "onclick", "x", "is not safe as the name of an attribute or element"},
		{"partial", "{{define \"p\"}}<a href=\"{{.}}\">{{end}}{{template \"p\" .x}}", "javascript:s3cret", "", "{{.}} " + link},
		{"partial as link", `{{define "p"}}{{.x}}{{end}}<a href="{{template "p" .}}">`, "javascript:s3cret", "x", link},
		{"partial as unquoted link", `{{define "p"}}{{.}}{{end}}<a href={{template "p" .x}}>`, "javascript:s3cret", "", "{{.}} " + link},
		{"block as link", `<a href="{{block "p" .}}{{.x}}{{end}}">`, "javascript:s3cret", "x", link},
		{"partial as link and as text", `{{define "p"}}{{.x}}{{end}}{{template "p" .}}<a title="{{template "p" .}}" href='{{template "p" .}}'>`, "javascript:s3cret", "x", link},
		{"partials in one another", `{{define "p"}}{{template "q" .}}{{end}}{{define "q"}}{{template "r" .}}{{end}}{{define "r"}}{{.x}}{{end}}<img src="{{template "p" .}}">`, "javascript:s3cret", "x", link},
		{"partial in a range", `{{define "p"}}{{.}}{{end}}{{range $i, $_ := .l}}<a href="{{template "p" .}}">{{end}}`, "javascript:s3cret", "", "{{.}} " + link},
		{"partial in a style", `{{define "p"}}{{.x}}{{end}}<style>p { width: {{template "p" .}} }</style>`, "expression(s3cret)", "x", "is not safe in a style: colours, words, numbers and lengths are"},
		{"partial as attribute name", `{{define "p"}}{{.x}}{{end}}<p {{template "p" .}}="1">`, "onclick", "x", "is not safe as the name of an attribute or element"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			set := load(t, files{"a.subject": "s", "a.html": "<p>\n" + test.body})
			_, err := set.Render("a", "", map[string]any{"x": test.value, "l": []any{test.value}})
			got, ok := errors.AsType[*templates.Error](err)
			if !ok {
				t.Fatalf("Render: %v", err)
			}
			want := &templates.Error{Template: "a", File: "a.html", Line: 2, Variable: test.variable, Reason: test.reason}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	for body, value := range map[string]string{
		`<a href="{{.x}}">`: "https://example.org/?a=b&c=d#e", `<a href='{{.x}}'>`: "mailto:a@example.org", `<a href={{.x}}>`: "/path",
		`<a href="tel:{{.x}}">`: "+49 30 1234", `<img src="cid:{{.x}}">`: "logo@example.org", `<p style="color: {{.x}}">`: "#ff0000",
		`<p style="width: {{.x}}">`: "50px", `<p>{{.x}}`: "#ZgotmplZ",
		`{{define "p"}}{{.}}{{end}}<a href="{{template "p" .x}}" title='{{template "p" .x}}'>`: "https://example.org/",
	} {
		if _, err := load(t, files{"a.subject": "s", "a.html": body}).Render("a", "", map[string]any{"x": value}); err != nil {
			t.Errorf("%s with %q: %v", body, value, err)
		}
	}
}

// Gmail reads linked data in mails: numbers have to be numbers there.
func TestLinkedData(t *testing.T) {
	t.Parallel()
	set := load(t, files{"a.subject": "s", "a.html": `<script type="application/ld+json">{"price": {{.n}}, "count": {{.i}}, "name": {{.s}}}</script>`})
	c, err := set.Render("a", "", data(t, `{"n":19.99,"i":3,"s":"</script>"}`))
	want := `<script type="application/ld+json">{"price": 19.99 , "count": 3 , "name": "\u003c/script\u003e"}</script>`
	if got := strings.ReplaceAll(c.HTML, "  ", " "); err != nil || got != want {
		t.Errorf("linked data = %s, %v, want %s", got, err, want)
	}
}

// TestTextIsEscapedAsByHTMLTemplate compares values between elements, for which
// the escaper is called with a guard, with html/template alone.
func TestTextIsEscapedAsByHTMLTemplate(t *testing.T) {
	t.Parallel()
	const source = "<p>{{.v}} {{printf \"%v\" .v}}</p>"
	set := load(t, files{"a.subject": "s", "a.html": source})
	plain := htmltemplate.Must(htmltemplate.New("").Parse(source))
	for _, v := range []any{
		"", "a", "<b>&amp;</b>", `"'+` + "`=\\/", "<!-- x -->", "\u2028\ufeff\u00a0", "日本語 & 🎉", "{{.v}}", "]]>", "&#39;", "\t\n\r",
		7, -7, 1.5, 1e300, true, false,
	} {
		var want bytes.Buffer
		if err := plain.Execute(&want, map[string]any{"v": v}); err != nil {
			t.Fatal(err)
		}
		c, err := set.Render("a", "", map[string]any{"v": v})
		if err != nil || c.HTML != want.String() {
			t.Errorf("%v: %q, %v, want %q", v, c.HTML, err, &want)
		}
	}
}
