package markdown_test

import "testing"

func TestDefinitions(t *testing.T) {
	t.Parallel()
	check(t, []row{
		{"on a line", "a\n\n{{define \"x\"}}b *c*{{end}}\n\nd", "<p>a</p>\n{{define \"x\"}}b <em>c</em>{{end}}\n<p>d</p>"},
		{"on lines", "{{define \"x\"}}b{{if .c}}c{{end}}{{end}}\n{{define \"y\"}}{{.d}}{{end}}", "{{define \"x\"}}b{{if .c}}c{{end}}{{end}}\n{{define \"y\"}}{{.d}}{{end}}"},
		{"with a call", "{{define \"x\"}}{{template \"y\" .}}!{{end}}", "{{define \"x\"}}{{template \"y\" .}}!{{end}}"},
		{"in a list", "- a\n\n  {{define \"x\"}}b{{end}}\n", "<ul>\n<li>\n<p>a</p>\n{{define \"x\"}}b{{end}}</li>\n</ul>"},
		{"beside text", "a {{define \"x\"}}b{{end}}", "<p>a {{define \"x\"}}b{{end}}</p>"},
		{"before text", "{{define \"x\"}}b{{end}} a", "<p>{{define \"x\"}}b{{end}} a</p>"},
		{"a block, which stays", "{{block \"x\" .}}b{{end}}", "<p>{{block \"x\" .}}b{{end}}</p>"},
	})
}
