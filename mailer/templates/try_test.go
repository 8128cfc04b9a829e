package templates_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const orderFront = `---
subject: "Order {{.number}}"
data:
  id: {type: string, example: a1}
  name: string
  number: {type: integer, example: 1041}
---
`

func TestTry(t *testing.T) {
	t.Parallel()
	german := "---\nsubject: Bestellung\n---\nHallo {{.name}},\n\nNummer {{.nubmer}}.\n"
	set := load(t, files{
		"order.md": orderFront + "Order {{.number}} of {{.name}}\n", "order.de.md": german, "order.fr.md": strings.Replace(german, "nubmer", "number", 1),
		"free.txt": "{{.nubmer}}", "free.subject": "Nothing is declared",
		"zero.md": "---\nsubject: \"{{.s}}\"\ndata:\n  s: {type: string, example: \"\"}\n---\nHello\n",
	})
	failed := set.Try()
	got := make([]string, 0, len(failed))
	for _, failure := range failed {
		got = append(got, failure.String())
	}
	want := []string{
		`order in de: with its example, order.de.md:6: variable "nubmer" is not declared; there are number, name, id`,
		`zero: with its example, zero.md: gives an empty subject`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestUndeclared names what there is, but where something else may be there.
func TestUndeclared(t *testing.T) {
	t.Parallel()
	const nested = "---\nsubject: s\ndata:\n  number: integer\n  items:\n    - title: string\n---\n"
	for name, test := range map[string]struct{ page, want string }{
		"in a list":                       {nested + "{{range .items}}{{.titel}}{{end}}", `variable "titel" is not declared; there are items[].title, items, number`},
		"of a list's elements":            {nested + "{{range $i := .items}}{{$i.titel}}{{end}}", `variable "$i.titel" is not declared; there are items[].title, items, number`},
		"by the root":                     {nested + "{{range .items}}{{$.nubmer}}{{end}}", `variable "nubmer" is not declared; there are number, items, items[].title`},
		"what a partial is called with":   {nested + `{{template "p" (dict "a" 1)}}`, `variable "b" is missing (called from a.md:8)`},
		"where an object may have others": {"---\nsubject: s\ndata:\n  who: object\n---\n{{.whom}}", `variable "whom" is missing`},
		"where nothing is declared":       {"---\nsubject: s\n---\n{{.nubmer}}", `variable "nubmer" is missing`},
	} {
		set := load(t, files{"a.md": test.page, "partials/p.html": "{{.b}}"})
		_, err := set.Render("a", "", map[string]any{})
		if strings.Contains(test.page, "number") {
			_, err = set.Render("a", "", map[string]any{"number": 1, "items": []any{map[string]any{"title": "s3cret"}}})
		}
		if strings.Contains(test.page, "who") {
			_, err = set.Render("a", "", map[string]any{"who": map[string]any{}})
		}
		if err == nil || !strings.HasSuffix(err.Error(), ": "+test.want) {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}
