package inline_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/postroom/postroom/internal/othermails"
	"github.com/postroom/postroom/mailer/templates/inline"
)

// large is a document of 1 MB with a thousand rules, of which many match each
// cell, and media rules that contest them.
func large() string {
	var b strings.Builder
	b.WriteString("<!DOCTYPE html><html><head><style>\n")
	for i := range 900 {
		fmt.Fprintf(&b, ".c%d td.x%d { color: #%06x; padding: %dpx; font-size: 14px }\n", i, i%7, i, i%9)
	}
	for i := range 50 {
		fmt.Fprintf(&b, "td { margin: 0 %dpx } ", i)
	}
	b.WriteString("@media (max-width: 400px) {")
	for i := range 50 {
		fmt.Fprintf(&b, ".c%d td { padding: %dpx }\n", i, i)
	}
	b.WriteString("}</style></head><body><table>\n")
	for i := 0; b.Len() < 1_000_000; i++ {
		class := fmt.Sprintf("c%d", i%900)
		if i%50 == 0 {
			class += fmt.Sprintf(" q7zaction%06dz", i)
		}
		fmt.Fprintf(&b, "<tr class=\"%s\"><td class=\"x%d\">tea</td><td align=\"right\" style=\"color: red\">1.00</td></tr>\n", class, i%7)
	}
	b.WriteString("</table></body></html>\n")
	return b.String()
}

func TestLarge(t *testing.T) {
	t.Parallel()
	source := large()
	start := time.Now()
	result, err := inline.CSS(source)
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(start)
	t.Logf("%d bytes became %d in %v", len(source), len(result), took)
	if took > 20*time.Second { // A machine may be slow and busy; the benchmark tells how long it takes.
		t.Errorf("%d bytes took %v", len(source), took)
	}
}

func BenchmarkLarge(b *testing.B) {
	source := large()
	b.SetBytes(int64(len(source)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := inline.CSS(source); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMail inlines a mail of the common size.
func BenchmarkMail(b *testing.B) {
	source := othermails.All(b)["lee-munroe/email"]
	b.ReportAllocs()
	for b.Loop() {
		if _, err := inline.CSS(source); err != nil {
			b.Fatal(err)
		}
	}
}
