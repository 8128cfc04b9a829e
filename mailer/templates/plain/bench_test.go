package plain_test

import (
	"strings"
	"testing"

	"github.com/postroom/postroom/mailer/templates/plain"
)

const order = `<table role="presentation" width="600" style="width:100%;max-width:600px"><tr><td style="padding:48px;color:#15181c">
<h2>Your order</h2><p style="margin:0">Thank you, Ada. See <a href="https://example.com/o/1041?a=b">the order</a> or
<a href="https://example.com/help">ask us</a> &ndash; a person will read it.</p><ol><li>first<ul><li>nested</li></ul></li><li>second</li></ol>
<table><tr><th>Item</th><th>Price</th></tr><tr><td>Tea &times; 2<br>green</td><td>4.50</td></tr><tr><td>Cup</td><td>12.00</td></tr></table>
<blockquote>What we wrote to you <b>before</b>, as it was.</blockquote></td></tr></table>
`

func noTokens(string) plain.Kind { return plain.Output }

// Once when templates are loaded: a document of 1 MB.
func BenchmarkText(b *testing.B) {
	html := strings.Repeat(order, 1_000_000/len(order))
	b.SetBytes(int64(len(html)))
	b.ReportAllocs()
	for b.Loop() {
		plain.Text(html, noTokens)
	}
}

// Once for each mail: a text of 10 kB.
func BenchmarkTidy(b *testing.B) {
	var source string
	for len(plain.Tidy(source)) < 10_000 {
		source += plain.Text(order, noTokens)
	}
	b.SetBytes(int64(len(source)))
	b.ReportAllocs()
	for b.Loop() {
		plain.Tidy(source)
	}
}
