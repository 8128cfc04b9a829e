package markdown_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template/parse"

	"github.com/google/go-cmp/cmp"

	"github.com/postroom/postroom/mailer/templates/actions"
	"github.com/postroom/postroom/mailer/templates/markdown"
)

// Whatever Markdown there is, each action comes out once, or there is an error;
// and what begins is ended as it was.
func FuzzHTML(f *testing.F) {
	for _, source := range []string{
		"Hello {{.name}},\n{{if .x}}\n- a\n{{else}}\n- b\n{{end}}\n- c\n", "- a\n{{range .x}}\n  - {{.}}\n{{end}}\n- b\n\n  c",
		"| a | b |\n|---|--:|\n{{range .x}}\n| {{.}} | `\\|` |\n{{else}}\n| {{.y}} |\n{{end}}\n| c", "1. a\n{{template \"x\" .}}\n   {{/* */}}\n2. b\n{{$x := 1}}\n3. c",
		"[{{.a}}]({{.b}} \"{{.c}}\") ![{{.a}}]({{.b}}) https://x.y/{{.z}} <https://{{.z}}> {{.m}}@x.y {{.x}}", "> {{if .x}}\n> a\n{{end}}", "```{{.x}}\n{{if .x}}\n```\n{{end}}",
		"[a]: {{.x}}\n\n[a]", "https://x.{{.a}}/b https://x.y{{.z}}. {{if .x}}www.x.y{{end}} a@b.{{.c}} www.{{.a}}.{{.b}}", "{{if .x}}a@x.y{{end}} {{if .y}}b {{end}}c@x.y{{end}}{{.x}}d@x.{{.y}} {{if .x}}@x.y{{end}} www.{{if .x}}a.b/{{end}}c", "<div {{if .x}}a{{end}}>\n{{.y}}\n\n</div>", "<{{.x}}>", "**{{.x}}**{{.y}}_{{.z}}_ ~~{{.x}}~~ `{{.x}}`", "\\{\\{ {{.x}} &#123;{", "{{.x}}\n===\n{{if .y}}\n---\n{{end}}",
		"- {{if .x}}\n  a\n  {{end}}\n- b", "{{range .x}}\n- a\n{{break}}\n{{end}}", "    {{if .x}}\n\ta\n    {{end}}\n", "-\n{{if .x}}\n\n  a\n{{end}}\n- - {{if .y}}\n    {{end}}", "a|b\n-|-\n{{if .x}}|\n{{end}}\n|c", "|\n-|", "| | |\n|---|--:|\n| a | b |",
	} {
		f.Add(source)
	}
	f.Fuzz(checkSource)
}

// pieces are what Markdown with actions is made of.
var pieces = []string{
	"\n", "\n", "\n", "\n\n", "\n\n", "  ", "    ", "text ", "- a", "- ", "* b", "1. c", "> ", "| d | e |", "|---|--:|", "| `\\|` |", "---", "# ", "```", "<div>", "</div>", "<b>",
	"{{if .x}}", "{{if .x}}\n", "{{range .y}}\n", "\n{{with .z}}\n", "{{else}}", "\n{{else}}\n", "{{end}}", "{{end}}", "{{end}}\n", "\n{{end}}\n", "{{.a}}", "{{.b}} ",
	"\n{{template \"t\" .}}\n", "{{/* c */}}\n", "{{break}}", "\n{{define \"d\"}}\n", "*", "_", "~~", "`", "[", "](", "](/u", " 't')", ")", "![", "<https://x.y/", ">", " https://x.y", "/", " www.x.y", " a@x.y", ".", "@x.y", "\\{{", "{", "&amp;",
}

// FuzzLines makes its text of such pieces, one for each byte.
func FuzzLines(f *testing.F) {
	f.Add([]byte{8, 0, 24, 5, 8, 32, 0, 28, 0, 8, 13, 0, 14, 0, 24, 13, 30, 13})
	f.Fuzz(func(t *testing.T, choice []byte) {
		var b strings.Builder
		for _, c := range choice[:min(len(choice), 200)] {
			b.WriteString(pieces[int(c)%len(pieces)])
		}
		source := b.String()
		opened := 0
		var table actions.Table
		for range choice { // Until all that is open is ended.
			if _, err := table.Cut("a.md", 1, source); err == nil || !strings.HasSuffix(err.Error(), "has no {{end}}") {
				break
			}
			opened++
			source += []string{"{{end}}", "\n{{end}}\n"}[opened%2]
		}
		checkSource(t, source)
	})
}

// emptyHead is what goldmark writes and we leave out.
var emptyHead = regexp.MustCompile(`<thead>\n<tr>\n(?:<th(?: align="\w+")?></th>\n)+</tr>\n</thead>\n`)

func checkSource(t *testing.T, source string) {
	t.Helper()
	var table actions.Table
	masked, err := table.CutLines("a.md", 1, source)
	if err != nil {
		return
	}
	before := tokens(masked)
	html, err := markdown.HTML(masked, &table)
	if err != nil {
		if html != "" || !strings.HasPrefix(err.Error(), "a.md:") && !strings.HasPrefix(err.Error(), "line ") {
			t.Errorf("HTML = %q, %v", html, err)
		}
		return
	}
	after := tokens(html)
	if len(before) == 0 {
		if diff := cmp.Diff(emptyHead.ReplaceAllString(plain(t, masked), ""), html); diff != "" {
			t.Errorf("HTML (-goldmark +got):\n%s", diff)
		}
	}
	// Links and pictures have their text behind their address, and bare
	// ones are there twice.
	if !strings.ContainsAny(masked, "[<:@") && !strings.Contains(masked, "www.") && !slices.Equal(before, after) {
		t.Errorf("%q became %q", masked, html)
	}
	slices.Sort(before)
	slices.Sort(after)
	if len(after) < len(before) || !slices.Equal(before, after[:len(before)]) || len(slices.Compact(after)) != len(after) {
		t.Errorf("%q became %q", masked, html)
	}
	restored := table.Restore(html).Text
	if parses(source) && !strings.Contains(source, "$") && !parses(restored) {
		t.Errorf("%q became %q", source, restored)
	}
}

func tokens(masked string) (found []string) {
	for _, token := range actions.Tokens(masked) {
		found = append(found, token)
	}
	return found
}

// parses is whether text/template takes a source.
func parses(source string) bool {
	tree := parse.New("a")
	tree.Mode = parse.SkipFuncCheck
	_, err := tree.Parse(source, "", "", map[string]*parse.Tree{})
	return err == nil
}
