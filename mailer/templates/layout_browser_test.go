//go:build browser

package templates_test

import (
	"testing"

	"github.com/postroom/postroom/internal/browsertest"
)

// wide has, in each place, a word that is wider than any window.
const wide = "---\nsubject: s\n---\n{{define \"head\"}}{{.word}}{{end}}\n{{define \"foot\"}}{{.word}}{{end}}\n" +
	"# {{.word}}\n\n{{.word}}\n\n[{{.word}}](https://shop.example/)\n\n- {{.word}}\n\n> {{.word}}\n\n" +
	"    {{.word}}\n\n`{{.word}}`\n\n| | |\n|---|--:|\n| <b>Tracking</b> | {{.word}} |\n| {{.word}} | 1 |\n\n" +
	"| Link | Price |\n|---|--:|\n| [{{.word}}](https://shop.example/) | <b>€&nbsp;1.617,25</b> |\n\n" +
	"{{template \"button\" (dict \"text\" .word \"url\" \"https://shop.example/\")}}\n"

const wideWord = "https://shop.example/reset?token=eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIn0SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJVadQssw5c"

// A long word is broken, and does not make the mail wider than what it is read in;
// the short one beside it stays in one piece.
func TestBuiltinFitsItsWindow(t *testing.T) {
	t.Parallel()
	c, err := load(t, files{"a.md": wide}).Render("a", "", map[string]any{"word": wideWord})
	if err != nil {
		t.Fatal(err)
	}
	ctx := browsertest.Open(t)
	address := browsertest.Serve(t, map[string]string{"mail": c.HTML})
	for _, window := range []browsertest.Window{{Width: 375, Scheme: "light"}, {Width: 700, Scheme: "dark"}} {
		if over := browsertest.Overflow(ctx, t, window, address("mail")); over > 0 {
			t.Errorf("at %d px the mail runs off by %d px", window.Width, over)
		}
		if heights := browsertest.Measure(ctx, t, window, address("mail"), "td b", "e.offsetHeight"); len(heights) != 2 || max(heights[0], heights[1]) > 24 {
			t.Errorf("at %d px short words are %v px high, more than a line", window.Width, heights)
		}
	}
}
