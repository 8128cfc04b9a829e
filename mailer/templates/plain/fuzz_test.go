package plain_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/postroom/postroom/mailer/templates/plain"
)

// kinds gives each token a kind by its last digit, so that the fuzzer can make
// any nesting of them.
func kinds(token string) plain.Kind { return plain.Kind((token[len(token)-2] - '0') % 5) }

// Whatever the HTML is: actions stand in the text at most once, in their
// order; those that are shown stand there; pairs are whole; and what Tidy makes
// of it has no control characters.
func FuzzText(f *testing.F) {
	const output, open, otherwise, end, quiet = "q7zaction000000z", "q7zaction000001z", "q7zaction000002z", "q7zaction000003z", "q7zaction000004z"
	comment := func(token string) string { return "<!--" + token + "-->" }
	for _, seed := range []string{
		"<p>Hello " + comment(output) + "</p>",
		"<ul>" + comment(open) + "<li>" + comment(output) + "</li>" + comment(otherwise) + "<li>none</li>" + comment(end) + "</ul>",
		"<div hidden>" + comment(open) + comment(output) + "</div>" + comment(end) + comment(quiet),
		`<a ` + open + `href="https://x.org/?a=` + output + `"` + end + `>` + comment(output) + `<img alt="` + output + `"></a>`,
		"<table><tr><th>a<th>b<tr><td>" + comment(output) + "<br>c<td><p>d<p>e<tr><td>f<td>g</table>",
		"<blockquote><ol start=5><li><pre> a\n\n" + comment(output) + "</pre><table><td>x</table></ol></blockquote>",
		"<h1>" + comment(output) + "</h1><h2><a href=b>c</a></h2><hr><style>" + output + "</style><!--[if mso]>" + output,
		"\x01\x02\x03\x04a\x05b\x06\x13\x05\x15\x19\x1bc\x1bd\x1a\x1d=\x1e\x1f",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, html string) {
		// Each token gets a number, and keeps its kind: none comes twice.
		n := 0
		html = tokenPattern.ReplaceAllStringFunc(html, func(token string) string {
			n++
			return "q7zaction" + pad(n%10000) + token[len(token)-2:]
		})
		if rest := tokenPattern.ReplaceAllString(html, "\n"); strings.Contains(rest, "q7z") || strings.Contains(rest, "action0") {
			return // Pieces that become a token where what parts them is not shown. The loader refuses most of them.
		}
		text := plain.Text(html, kinds)
		given, got := tokenPattern.FindAllString(html, -1), tokenPattern.FindAllString(text, -1)
		if n < 10000 {
			checkOrder(t, given, got)
		}
		if balanced(given) && !balanced(got) {
			t.Errorf("pairs are broken: %v of %v", got, given)
		}
		checkTidy(t, text)
		checkTidy(t, html)
	})
}

func pad(n int) string {
	return string([]byte{'0', byte('0' + n/1000), byte('0' + n/100%10), byte('0' + n/10%10), byte('0' + n%10)})
}

// checkOrder reports tokens that came from nowhere, twice, or too early.
func checkOrder(t *testing.T, given, got []string) {
	t.Helper()
	from := 0
	for _, token := range got {
		i := slices.Index(given[from:], token)
		if i < 0 {
			t.Fatalf("%s is out of order: %v of %v", token, got, given)
		}
		from += i + 1
	}
}

func balanced(tokens []string) bool {
	depth := 0
	for _, token := range tokens {
		switch kinds(token) {
		case plain.Open:
			depth++
		case plain.Else:
			if depth == 0 {
				return false
			}
		case plain.End:
			depth--
		default:
		}
		if depth < 0 {
			return false
		}
	}
	return depth == 0
}

func checkTidy(t *testing.T, rendered string) {
	t.Helper()
	text := plain.Tidy(rendered)
	if !utf8.ValidString(text) {
		t.Errorf("Tidy(%q) is no UTF-8: %q", rendered, text)
	}
	if i := strings.IndexFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }); i >= 0 {
		t.Errorf("Tidy(%q) has a control character: %q", rendered, text)
	}
	if strings.HasPrefix(text, "\n") || strings.HasSuffix(text, "\n\n") || (text != "" && !strings.HasSuffix(text, "\n")) {
		t.Errorf("Tidy(%q) = %q, which begins or ends badly", rendered, text)
	}
	for one := range strings.Lines(text) {
		if trimmed := strings.TrimRight(one, " \t\n"); trimmed+"\n" != one {
			t.Errorf("Tidy(%q) has a line that ends with white space: %q", rendered, one)
		}
	}
	if strings.Contains(text, "\n\n\n") && !strings.ContainsRune(rendered, '\x1e') {
		t.Errorf("Tidy(%q) has two empty lines: %q", rendered, text)
	}
}
