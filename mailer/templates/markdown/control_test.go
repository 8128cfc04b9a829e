package markdown_test

import "testing"

func TestControlLines(t *testing.T) {
	t.Parallel()
	check(t, []row{
		{"around paragraphs", "Hello\n{{if .x}}\nyou\n{{else}}\nall\n{{end}}\nBye", "<p>Hello</p>\n{{if .x}}\n<p>you</p>\n{{else}}\n<p>all</p>\n{{end}}\n<p>Bye</p>"},
		{"with trim markers", "Hello\n\n{{- if .x -}}\n\nyou\n\n{{- end -}}\n\nBye", "<p>Hello</p>\n{{if .x}}\n<p>you</p>\n{{end}}\n<p>Bye</p>"},
		{"several on a line", "{{$n := 1}} {{with .x}}{{range .y}}\na\n{{end}}{{end}}", "{{$n := 1}}\n{{with .x}}\n{{range .y}}\n<p>a</p>\n{{end}}\n{{end}}"},
		{
			"of every kind", "{{/* a\n\nb */}}\n{{$x := 1}}\n{{range .y}}\na\n{{break}}\n{{continue}}\n{{end}}\n{{block \"b\" .}}\n{{end}}\n{{template \"c\" .}}",
			"{{/* a\n\nb */}}\n{{$x := 1}}\n{{range .y}}\n<p>a</p>\n{{break}}\n{{continue}}\n{{end}}\n{{block \"b\" .}}\n{{end}}\n{{template \"c\" .}}",
		},
		{"around headings, rules and code", "{{if .x}}\n# a\n{{end}}\n---\n{{if .y}}\n```\nb\n```\n{{end}}", "{{if .x}}\n<h1>a</h1>\n{{end}}\n<hr>\n{{if .y}}\n<pre><code>b\n</code></pre>\n{{end}}"},
		{"around code that is set in", "{{if .x}}\n\n    a\n{{end}}", "{{if .x}}\n<pre><code>a\n</code></pre>\n{{end}}"},
		{"in a quotation", "> a\n> {{if .x}}\n> b\n> {{end}}", "<blockquote>\n<p>a</p>\n{{if .x}}\n<p>b</p>\n{{end}}\n</blockquote>"},
		{"around a quotation", "{{if .x}}\n> b\n{{end}}", "{{if .x}}\n<blockquote>\n<p>b</p>\n</blockquote>\n{{end}}"},
		{"set in", "{{if .x}}\n      {{template \"a\"}}\n   {{end}}\r\nb", "{{if .x}}\n{{template \"a\"}}\n{{end}}\n<p>b</p>"},
		{"a definition", "{{define \"x\"}}\n- a\n{{end}}\n- b", "{{define \"x\"}}\n<ul>\n<li>a</li>\n</ul>\n{{end}}\n<ul>\n<li>b</li>\n</ul>"},
		{"without a line break at the end", "{{if .x}}\na\n{{end}}", "{{if .x}}\n<p>a</p>\n{{end}}"},
	})
}
