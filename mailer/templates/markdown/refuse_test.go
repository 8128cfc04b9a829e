package markdown_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/postroom/postroom/mailer/templates/actions"
	"github.com/postroom/postroom/mailer/templates/markdown"
)

func TestRefuses(t *testing.T) {
	t.Parallel()
	const (
		torn = " and what belongs to it stand in different blocks: put them all within one paragraph, list item, table cell, link or emphasis, " +
			"or each on a line of its own, around whole blocks"
		lost = " would not come into the HTML: it stands in a cell for which the table's head has no column, " +
			"behind the language of a block of code, or in a picture's text"
		stray = " stand rows of a table whose head is in another part of the template: " +
			"put the whole table, or only rows of it, between an action and what ends it"
		twice = " can't stand in a link without a text, where it would come out twice: write [text](link)"
		once  = " can't stand in the definition of a link, which may be used elsewhere or not at all: write [text](link)"
		tag   = "<{{.x}}> is neither a link nor text: write [text]({{.x}}) for a link, \\<{{.x}}> for text"
	)
	for _, row := range []struct{ name, source, want string }{
		{"an end in a paragraph", "a\n\n{{if .x}}\nb {{end}}", "3: {{if .x}}" + torn},
		{"an end in another paragraph", "a {{if .x}}b\n\nc{{end}}", "1: {{if .x}}" + torn},
		{"an end in another item", "- {{range .x}}\n  a\n- b {{end}}", "1: {{range .x}}" + torn},
		{"else in another block", "{{if .x}}a\n\n{{else}}\n\nb{{end}}", "1: {{if .x}}" + torn},
		{"an end in a quotation", "{{if .x}}\n> b\n> {{end}}", "1: {{if .x}}" + torn},
		{"across emphasis", "a {{if .x}}**b {{end}}**", "1: {{if .x}}" + torn},
		{"across a link's text", "{{if .x}}[b{{end}}](c)", "1: {{if .x}}" + torn},
		{"from a link's text into the link", "[{{if .x}}b](c{{end}})", "1: {{if .x}}" + torn},
		{"from a link into its title", "[b](c{{if .x}} '{{end}}')", "1: {{if .x}}" + torn},
		{"into what is no link after all", "{{if .x}}*a {{if .y}}* https://x{{.z}}{{end}}.example{{end}}", "1: {{if .y}}" + torn},
		{"into a link's title", "{{if .x}}[b](c '{{end}}')", "1: {{if .x}}" + torn},
		{"into a picture's title", "{{if .x}}![b](c '{{end}}')", "1: {{if .x}}" + torn},
		{"from a paragraph to the end of a block of HTML", "a {{if .x}}\n\n<pre>\nb\n</pre>{{end}}", "1: {{if .x}}" + torn},
		{"across a tag", "<a {{if .x}}href='b'>c{{end}}</a>", "1: {{if .x}}" + torn},
		{"across cells", "| a | b |\n|---|---|\n| {{if .x}}c | d{{end}} |", "3: {{if .x}}" + torn},
		{"a row's actions on its line", "| a |\n|---|\n{{range .x}}| b |\n{{end}}", "3: {{range .x}}" + torn},
		{"a range around items, with other text in its place", "- a\n{{range .x}}\n- b\n{{else}}\n\nc\n{{end}}", "2: {{range .x}} repeats the items of a list, " +
			"and has other text after {{else}}: make that an item too, or write {{if}} around all, with the range in it, and move {{else}} there"},
		{"rows behind their table's region", "{{if .x}}\n| a |\n|---|\n{{end}}\n| b |", "4: after {{end}}" + stray},
		{"rows and text in a region", "| a |\n|---|\n{{if .x}}\n| c |\n\nb\n{{end}}", "3: after {{if .x}}" + stray},
		{"rows in a definition", "| a |\n|---|\n{{define \"r\"}}\n| c |\n{{end}}", `3: after {{define "r"}}` + stray},
		{"text that is set in", "{{if .x}}\n    - a\n{{end}}", "1: the text after {{if .x}} is set in by four spaces or more, " +
			"which makes it code in Markdown: set it in by less, or put a blank line before code"},
		{"from a fence's language into its code", "```{{if .x}}\n{{end}}\n```", "1: {{if .x}}" + torn},
		{"a cell without a column", "| a |\n|---|\n| b | {{.x}} |", "3: {{.x}}" + lost},
		{"a second word of a fence", "```go {{.x}}\n```", "1: {{.x}}" + lost},
		{"a tag in a picture's text", "![<b {{.x}}>](c)", "1: {{.x}}" + lost},
		{"a definition", "[a]\n\n[a]: b?{{.x}}", "3: {{.x}}" + once},
		{"a definition over lines", "[a]: b\n '{{.x}}'", "2: {{.x}}" + once},
		{"a definition's name", "[{{.x}}]: b", "1: {{.x}}" + once},
		{"angle brackets", "a <{{.x}}>", "1: " + tag},
		{"angle brackets on a line", "<{{.x}}>\n", "1: " + tag},
		{"a control action in angle brackets", "<https://{{if .x}}a{{end}}>", "1: {{if .x}}" + twice},
		{"a control action in a bare link", "https://x.example/{{if .x}}a{{end}}", "1: {{if .x}}" + twice},
		{"a control action in a domain", "{{.x}} https://x.{{if .x}}a{{end}}.example", "1: {{if .x}}" + twice},
		{"a token that the source makes", "{{.x}} q7z&#97;ction000001z", "1: {{.x}} would come into the HTML more than once"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			html, err := convert(row.source)
			if fault, ok := errors.AsType[*actions.Error](err); !ok || fault.Error() != "a.md:"+row.want || html != "" {
				t.Errorf("%q, error %v, want a.md:%s", html, err, row.want)
			}
		})
	}
}

// What was not cut as a whole has no end.
func TestRefusesPartOfAText(t *testing.T) {
	t.Parallel()
	var table actions.Table
	masked, err := table.Cut("a.md", 1, "{{if .x}}\na\n{{end}}\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{masked[:actions.TokenLength], masked[actions.TokenLength:]} {
		if _, err := markdown.HTML(part, &table); err == nil || !strings.HasPrefix(err.Error(), "a.md:1: {{if .x}} and") {
			t.Errorf("%q: error %v", part, err)
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	const brackets = `there are more than 500 "[" in a paragraph`
	for _, row := range []struct{ name, source, want string }{
		{"quotations", "a\n" + strings.Repeat(">", 101), "line 2: more than 100 quotations or lists begin in it"},
		{"lists", strings.Repeat("- ", 101) + "a", "line 1: more than 100 quotations or lists begin in it"},
		{"ordered lists", strings.Repeat("1. ", 101) + "a", "line 1: more than 100 quotations or lists begin in it"},
		{"a line across the page", strings.Repeat("- ", 1000) + "\n\n" + strings.Repeat("*", 1000) + "\n", ""},
		{"quotations over lines", strings.Repeat("> a\n", 1000), ""},
		{"brackets", "a\n" + strings.Repeat("[", 501), "line 2: " + brackets},
		{"brackets over lines", strings.Repeat("[a]: b\n", 501), "line 501: " + brackets},
		{"brackets over paragraphs", strings.Repeat("[a]: b\n\n", 2000), ""},
		{"pipes", "a\n\n" + strings.Repeat("\\|\n", 1001), `line 1003: there are more than 1000 "\|" in the text`},
		{
			"cells", strings.Repeat("|a", 500) + "|\n" + strings.Repeat("|-", 500) + "|\n" + strings.Repeat("|x|\n", 1000),
			"line 399: the tables come to more than 200000 cells",
		},
	} {
		_, err := markdown.HTML(row.source, &actions.Table{})
		if got := text(err); got != row.want {
			t.Errorf("%s: error %q, want %q", row.name, got, row.want)
		}
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// An eighth of a megabyte takes an eighth of a second, mostly; the time allowed
// is that of a machine that does much else.
func TestTimeIsBounded(t *testing.T) {
	t.Parallel()
	const size, allowed = 1 << 17, 5 * time.Second
	fill := func(piece string) string { return strings.Repeat(piece, size/len(piece)) }
	for name, source := range map[string]string{
		"prose":           fill("Hello {{.name}}, *a* [link]({{.url}}), https://x.example/{{.id}}\n\n"),
		"one paragraph":   fill("Hello *{{.name}}*\n"),
		"links":           fill("https://x.example/{{.a}} "),
		"one link":        "https://x.example/" + fill("{{.a}}"),
		"ranges":          fill("{{range .x}}\n- {{.a}}\n{{end}}\n"),
		"rows":            "| a | b |\n|---|---|\n" + fill("{{range .x}}\n| {{.a}} | {{.b}} |\n{{end}}\n"),
		"regions":         strings.Repeat("- a\n{{range .x}}\n", 4000) + strings.Repeat("{{end}}\n", 4000),
		"regions in text": strings.Repeat("{{if .x}}", 8000) + strings.Repeat("{{end}}", 8000),
		"lists in lists":  nestedLists(350),
		"comments":        "- a\n" + fill("{{/* a */}}\n") + "  b\n",
		"brackets":        fill(strings.Repeat("[a](", 499) + "\n\n"),
		"quotations":      fill(strings.Repeat(">", 100) + "a\n"),
		"cells":           strings.Repeat("|a", 60) + "|\n" + strings.Repeat("|-", 60) + "|\n" + strings.Repeat("|\n", 3000),
		"pipes":           "| a |\n|---|\n" + strings.Repeat("| `\\|` |\n", 1000),
	} {
		began := time.Now()
		if _, err := convert(source); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		took := time.Since(began)
		t.Logf("%s: %d bytes in %v", name, len(source), took.Round(time.Millisecond))
		if took > allowed {
			t.Errorf("%s: %d bytes take %v", name, len(source), took)
		}
	}
}

func nestedLists(depth int) string {
	var b strings.Builder
	for i := range depth {
		b.WriteString(strings.Repeat("  ", i) + "- a\n")
	}
	return b.String()
}
