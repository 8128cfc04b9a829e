package preview_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/templates"
	"github.com/postroom/postroom/mailer/templates/preview"
)

var date = time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)

// literal is a renderer that gives what it is.
type literal mailer.Content

func (l literal) Render(string, string, map[string]any) (mailer.Content, error) {
	return mailer.Content(l), nil
}

func warningsOf(t *testing.T, c mailer.Content, bulk bool) []string {
	t.Helper()
	p, err := preview.Of(literal(c), preview.Request{Template: "x", Bulk: bulk, Date: date})
	if err != nil {
		t.Fatal(err)
	}
	return p.Warnings
}

// Each warning, in words that hold, and what comes close to it and is none.
func TestWarnings(t *testing.T) {
	t.Parallel()
	const ok = `<p style="float: left; display: flex; background: url('https://example.com/b.png')">Hi</p>`
	many := strings.Repeat("<p>0123456789</p>\n", 6000)
	for name, row := range map[string]struct {
		html string
		want []string
	}{
		"nothing":              {ok, nil},
		"image without alt":    {`<img src="https://example.com/a.png"><img src="https://example.com/a.png">`, []string{`image without alt: https://example.com/a.png: say what it shows, or alt="" where it only decorates`}},
		"images without alt":   {imgs(7), []string{`image without alt: https://a.example/0, https://a.example/1, https://a.example/2, https://a.example/3, https://a.example/4 and 2 more: say what it shows, or alt="" where it only decorates`}},
		"image with alt":       {`<img src="https://example.com/a.png" alt=""><img src="https://example.com/b.png" alt="b">`, nil},
		"link without scheme":  {`<a href="example.com">a</a><a href="www.example.com/x">b</a><a href="/path">c</a><a href="//example.com">d</a><a href="">e</a>`, []string{`address without a scheme: example.com, www.example.com/x, /path, //example.com, "": it leads nowhere from a mail; begin it with https://`}},
		"link with a scheme":   {`<a href="https://example.com">a</a><a href="mailto:a@example.com">b</a><a href="#top">c</a><a href="TEL:+49">d</a><a name="top">e</a>`, nil},
		"image without scheme": {`<img src="images/a.png" alt="">`, []string{`address without a scheme: images/a.png: it leads nowhere from a mail; begin it with https://`}},
		"image by http":        {`<img src="http://example.com/a.png" alt="">`, []string{"image by http: http://example.com/a.png: many readers load images over https only"}},
		"image in the HTML":    {`<img src="data:image/png;base64,AAAA" alt="">`, []string{"image in a data: address: Gmail does not show it; attach it and show it by cid:"}},
		"image of no part":     {`<img src="cid:logo" alt="">`, []string{"image that the mail does not have: cid:logo"}},
		"clipped":              {many, []string{"the HTML has 114000 bytes: Gmail clips it at 104448, and shows the rest behind a link"}},
		"removed elements":     {`<link rel="stylesheet" href="https://example.com/a.css"><svg><circle/></svg><video src="https://example.com/v.mp4"></video><script>1</script>`, []string{"Gmail removes <link>, <svg>, <video>, <script>"}},
		"a link that is none":  {`<link rel="icon" href="https://example.com/a.ico">`, nil},
		"dropped in attribute": {`<p style="position: absolute; TOP: 0; color: red">a</p><p style="position: relative; --x: 1">b</p>`, []string{"Gmail drops these styles: position, top, --x"}},
		"dropped in block":     {head(`p::before { content: "x" } @import url("a.css"); @font-face { font-family: x } li:first-child, p:not(.x) { box-shadow: none; margin: 0 -4px } div { display: grid }`), []string{"Gmail drops these styles: ::before, @import, @font-face, :first-child, :not and 3 more"}},
		"kept in block":        {head(`a:hover { color: red } u + .body p { color: red } @media (prefers-color-scheme: dark) { p { color: #fff } } p { margin: 0 4px; mso-hide: all; -webkit-text-size-adjust: 100% }`), nil},
		"for Outlook":          {`<!--[if mso]><v:rect style="position: absolute"><![endif]--><p>Hi</p>`, nil},
		"newer color":          {`<p style="color: rgb(0 128 0 / 1)">a</p>`, []string{"Gmail drops the whole style attribute or rule with rgb(…) in it: write colors with commas, or as #rrggbb"}},
		"older color":          {`<p style="color: rgba(0, 128, 0, .5)">a</p>`, nil},
		"at-rule in at-rule":   {head(`@media (max-width: 600px) { @font-face { font-family: x } }`), []string{"Gmail drops these styles: @font-face", "Gmail drops a whole <style> with an at-rule inside another: @font-face"}},
		"style in the body":    {`<body><p>a</p><style>p { color: red }</style></body>`, []string{"Gmail drops a <style> in the body: put it into the head"}},
		"many styles":          {head(strings.Repeat("p{color:red}\n", 1261)), []string{"the <style> blocks have 16393 bytes: Gmail drops the one that goes beyond 16384"}},
		"just enough styles":   {head(strings.Repeat("p{color:red}\n", 1260)), nil},
		"broken styles":        {head(`p { color: red; } } @media { ` + `a { b`), nil},
	} {
		got := warningsOf(t, mailer.Content{Subject: "Hi", Text: "Hi\n", HTML: row.html}, false)
		if diff := cmp.Diff(append([]string{}, row.want...), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func imgs(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `<img src="https://a.example/%d">`, i)
	}
	return b.String()
}

func head(css string) string {
	return "<!DOCTYPE html><html><head><style>" + css + "</style></head><body><p>Hi</p></body></html>"
}

func TestWarningsBesideTheHTML(t *testing.T) {
	t.Parallel()
	const noText = "no text part: some readers show only that, and filters miss it"
	const noWay = "no unsubscribe: bulk mail needs an https address by which its reader leaves with one click (RFC 8058)"
	for name, row := range map[string]struct {
		content mailer.Content
		bulk    bool
		want    []string
	}{
		"no text":       {mailer.Content{Subject: "Hi", HTML: "<p>Hi</p>"}, false, []string{noText}},
		"blank text":    {mailer.Content{Subject: "Hi", HTML: "<p>Hi</p>", Text: " \n"}, false, []string{noText}},
		"text alone":    {mailer.Content{Subject: "Hi", Text: "Hi"}, false, []string{}},
		"long subject":  {mailer.Content{Subject: strings.Repeat("é", 71), Text: "Hi"}, false, []string{"the subject has 71 characters: Gmail shows some 70 of them on a desktop, telephones 33 to 48"}},
		"short subject": {mailer.Content{Subject: strings.Repeat("é", 70), Text: "Hi"}, false, []string{}},
		"bulk":          {mailer.Content{Subject: "Hi", Text: "Hi"}, true, []string{noWay}},
	} {
		if diff := cmp.Diff(row.want, warningsOf(t, row.content, row.bulk)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// What comes with Postroom is not warned of, in any lane but bulk.
func TestBuiltinHasNoWarnings(t *testing.T) {
	t.Parallel()
	set := templates.Builtin()
	for _, name := range set.Names() {
		info, _ := set.Info(name)
		for _, bulk := range []bool{false, true} {
			p, err := preview.Of(set, preview.Request{Template: name, Data: info.Example, Bulk: bulk, Date: date})
			if err != nil {
				t.Fatal(err)
			}
			if bulk != (len(p.Warnings) == 1) || len(p.Warnings) > 1 {
				t.Errorf("%s, bulk %v: %q", name, bulk, p.Warnings)
			}
			if p.Letter.HTML != p.HTML || p.Letter.Text != p.Text || p.Letter.Field("Subject") != p.Subject || p.Message.Size() == 0 {
				t.Errorf("%s: the letter is not the content:\n%s\n%s", name, p.Letter.HTML, p.Letter.Text)
			}
		}
	}
}

func TestErrorsAreTheRenderers(t *testing.T) {
	t.Parallel()
	_, err := preview.Of(templates.Builtin(), preview.Request{Template: "nope", Date: date})
	if !errors.Is(err, mailer.ErrNoTemplate) {
		t.Error(err)
	}
	_, err = preview.Of(templates.Builtin(), preview.Request{Template: "welcome", Date: date})
	if err == nil || !strings.Contains(err.Error(), `variable "name" is missing`) {
		t.Error(err)
	}
}

// The page has all that a mail says as text, whatever it says.
func TestPageEscapes(t *testing.T) {
	t.Parallel()
	set, err := templates.Load(fstest.MapFS{"x.html": {Data: []byte("---\nsubject: '<script>alert(1)</script>'\n---\n<p>{{.x}}</p><img src=\"https://example.com/a\">")}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := preview.Of(set, preview.Request{Template: "x", Data: map[string]any{"x": `"><script>alert(2)</script>`}, Date: date})
	if err != nil {
		t.Fatal(err)
	}
	page, err := p.Page()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(page), "<script") {
		t.Errorf("a script is in\n%s", page)
	}
	for _, want := range []string{"&lt;script&gt;alert(1)", "image without alt: https://example.com/a", `sandbox="allow-popups`, "default-src 'none'"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("%q is not in\n%s", want, page)
		}
	}
}

// TestPageHasTheHeader in the order and the spelling of the mail.
func TestPageHasTheHeader(t *testing.T) {
	t.Parallel()
	p, err := preview.Of(templates.Builtin(), preview.Request{Template: "welcome", Data: map[string]any{"name": "Zoë"}, Date: date})
	if err != nil {
		t.Fatal(err)
	}
	page, err := p.Page()
	if err != nil {
		t.Fatal(err)
	}
	var eml strings.Builder
	if _, err := p.Message.WriteTo(&eml); err != nil {
		t.Fatal(err)
	}
	header, _, _ := strings.Cut(eml.String(), "\r\n\r\n")
	rest, seen := string(page), 0
	for line := range strings.SplitSeq(header, "\r\n") {
		name, _, ok := strings.Cut(line, ":")
		if !ok || strings.HasPrefix(line, " ") {
			continue
		}
		var found bool
		if _, rest, found = strings.Cut(rest, `<th scope="row">`+name+"</th>"); !found {
			t.Fatalf("%s is not where the mail has it:\n%s", name, page)
		}
		seen++
	}
	if seen < 5 || !strings.Contains(string(page), "<td>Welcome, Zoë</td>") {
		t.Errorf("%d fields of the mail were looked for:\n%s", seen, page)
	}
}
