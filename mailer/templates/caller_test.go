package templates_test

import (
	"testing"
)

// TestFaultsNameTheCaller holds that an error in a partial says who called it: a
// button without a link is its caller's fault.
func TestFaultsNameTheCaller(t *testing.T) {
	t.Parallel()
	const front = "---\nsubject: s\nlayout: none\n---\n"
	set := load(t, files{
		"none.md":             front + "x\n\n{{template \"button\"}}\n",
		"lacks.md":            front + "{{template \"button\" (dict \"text\" \"Pay\" \"url\" .url)}}\n\n{{template \"button\" (dict \"text\" \"Pay\")}}\n",
		"nested.html":         front + "<p>\n{{template \"outer\" .}}",
		"own.html":            front + "{{define \"own\"}}{{.x}}{{end}}\n{{template \"own\" .}}",
		"partials/outer.html": "<p>\n{{template \"button\" .}}",
	})
	for name, want := range map[string]string{
		"none":   `built-in/partials/button.html:1: variable "url" is missing (called from none.md:7)`,
		"lacks":  `built-in/partials/button.html:1: variable "url" is missing (called from lacks.md:7)`,
		"nested": `built-in/partials/button.html:1: variable "url" is missing (called from partials/outer.html:2, from nested.html:6)`,
		"own":    `own.html:5: variable "x" is missing`,
	} {
		given := `{"url":"https://shop.example"}`
		if name == "nested" {
			given = `{}`
		}
		if _, err := set.Render(name, "", data(t, given)); errorText(err) != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	// What is wrong in a partial is wrong once, whoever calls it; where it is called
	// may be what is wrong.
	refused(t, files{
		"a.md": front + "{{template \"p\" .}}", "b.md": front + "{{template \"p\" .}}\n\n{{template \"p\" .}}", "partials/p.html": "{{upper .x}}",
	}, `partials/p.html:1: function "upper" not defined`)
	refused(t, files{
		"a.html": front + "<p>\n<a href=\"{{template \"p\" .}}\">x</a>", "partials/p.html": "{{if .x}}/a?b={{end}}{{.url}}",
	}, `partials/p.html:1: {{.url}} appears in an ambiguous context within a URL (called from a.html:6)`)
}
