//go:build bench

package bench_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	htmltemplate "html/template"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/templates"
)

const (
	renderRows  = 10
	renderTurns = 200 // Of each, in turn, a round.
)

// TestRender makes a mail of a Markdown template with the built-in layout, its
// styles inlined, and a text made of it; beside it html/template makes the same
// HTML, byte for byte, and nothing else.
func TestRender(t *testing.T) { //nolint:paralleltest // Measurements go one after the other.
	set, err := templates.LoadDir("testdata/shop")
	if err != nil {
		t.Fatal(err)
	}
	plain := plainOrder(t, set)
	object, data := order(t)
	content, err := set.Render("order", "", data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(content.HTML, execute(t, plain, object)); diff != "" {
		t.Fatalf("not the same HTML (-ours +plain):\n%s", diff)
	}
	ratios := make([]float64, 0, rounds)
	for range rounds {
		var ours, theirs time.Duration
		for range renderTurns {
			start := time.Now()
			makeMail(t, set, data)
			middle := time.Now()
			execute(t, plain, object)
			ours, theirs = ours+middle.Sub(start), theirs+time.Since(middle)
		}
		ratios = append(ratios, ours.Seconds()/theirs.Seconds())
	}
	slices.Sort(ratios)
	show(t, "render and compose, ours / html/template alone", ratios[rounds/2], "", atMost(4),
		fmt.Sprintf("%d rounds, %.2f to %.2f; Markdown, layout, %d rows, text", rounds, ratios[0], ratios[rounds-1], renderRows))
}

// makeMail renders and composes, as a worker does.
func makeMail(tb testing.TB, set *templates.Set, data map[string]any) {
	tb.Helper()
	content, err := set.Render("order", "", data)
	if err != nil {
		tb.Fatal(err)
	}
	_, err = mailer.Compose(mailer.Draft{
		MailID: "order", From: mailer.Address{Address: sender}, To: []mailer.Address{{Name: "Ada", Address: "ada@example.org"}},
		Content: content, Date: time.Now(),
	})
	if err != nil {
		tb.Fatal(err)
	}
}

func execute(tb testing.TB, t *htmltemplate.Template, data map[string]any) string {
	tb.Helper()
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

// order is the data as an app has it, and as a worker reads it from a payload.
func order(tb testing.TB) (object, decoded map[string]any) {
	tb.Helper()
	items := make([]any, renderRows)
	for i := range items {
		items[i] = map[string]any{"title": "Tea & biscuits, No. " + strconv.Itoa(i), "count": i + 1, "price": "€4.50"}
	}
	object = map[string]any{
		"number": 1000123, "name": "Zoë", "url": "https://shop.example/orders/1000123?from=mail&lang=en", "total": "€247.50", "items": items,
	}
	text, err := json.Marshal(object)
	if err != nil {
		tb.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&decoded); err != nil {
		tb.Fatal(err)
	}
	return object, decoded
}

// conditional is where a comment for Outlook begins or ends.
var conditional = regexp.MustCompile(`<!--\[if mso\]>|<!\[endif\]-->`)

// plainOrder is a template of html/template for the same HTML: ours, with actions
// in the place of values that are nowhere else in it.
func plainOrder(tb testing.TB, set *templates.Set) *htmltemplate.Template {
	tb.Helper()
	content, err := set.Render("order", "", map[string]any{
		"number": 7777777, "name": "NAME", "url": "https://shop.example/URL", "total": "TOTAL",
		"items": []any{map[string]any{"title": "TITLE", "count": 8888888, "price": "PRICE"}},
	})
	if err != nil {
		tb.Fatal(err)
	}
	source := strings.NewReplacer(
		"7777777", "{{.number}}", "NAME", "{{.name}}", "https://shop.example/URL", "{{.url}}", "TOTAL", "{{.total}}",
		"TITLE", "{{.title}}", "8888888", "{{.count}}", "PRICE", "{{.price}}",
	).Replace(content.HTML)
	at := strings.Index(source, "{{.title}}")
	begin := strings.LastIndex(source[:at], "\n<tr>")
	end := at + strings.Index(source[at:], "</tr>\n") + len("</tr>\n")
	source = source[:begin] + "{{range .items}}" + source[begin:end] + "{{end}}" + source[end:]
	// html/template drops comments, and those for Outlook are to stay: so they are values.
	source = conditional.ReplaceAllString(source, "{{keep `$0`}}")
	keep := htmltemplate.FuncMap{"keep": func(s string) htmltemplate.HTML { return htmltemplate.HTML(s) }} //nolint:gosec // The template's own.
	t, err := htmltemplate.New("order").Funcs(keep).Parse(source)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}
