package actions_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template"
	"text/template/parse"

	"github.com/postroom/postroom/mailer/templates/actions"
)

// What was cut and restored is to text/template what it was before.
func FuzzCut(f *testing.F) {
	for _, source := range []string{
		"a {{.x}} b", "{{if .x}}{{.y -}} \n b{{else if .z}}c{{end}}", "a { {{- .x}}", "{ {{- /* */ -}} {{ .x }}{", "{{`}}`}}{{\"\\\"}}\"}}",
		"{{range $i, $x := .x}}{{$i}}{{break}}{{else}}{{end}}{{define \"x\"}}{{end}}{{template \"x\" .}}", "<!--{{.x}}-->", "{{'}}'}}", "{{- - 1}}{{- -1 -}}",
		"{{/**/}}{{- /**/ -}}<!--{{- .x -}} -->{{1 - -}}", "{{(.x).y}} {{{.x}}}", "{{.x\n\n| print 1}}{{$x := 1}}{{$x = 2}}", "{{/* */ -}} {{{", "\\{\\{",
	} {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		trees, parseErr := parseText(source)
		var table actions.Table
		masked, err := table.Cut("a", 1, source)
		if err != nil {
			ours := strings.Contains(strings.ToLower(source), "q7zaction") || strings.Contains(err.Error(), "has one brace in the place of two")
			if parseErr == nil && !ours {
				t.Fatalf("Cut: %v, and text/template takes it", err)
			}
			return
		}
		restored := table.Restore(masked)
		got, err := parseText(restored.Text)
		if (err == nil) != (parseErr == nil) {
			t.Fatalf("%q: %v; restored %q: %v", source, parseErr, restored.Text, err)
		}
		if err == nil && !slices.Equal(trees, got) {
			t.Errorf("%q is %q; restored %q is %q", source, trees, restored.Text, got)
		}
		for _, token := range tokens(masked) {
			if a, ok := table.Action(token); !ok || strings.Count(restored.Text, a.Text[2:]) == 0 {
				t.Errorf("the action of %s is not in %q", token, restored.Text)
			}
		}
		lines, err := table.CutLines("a", 1, source)
		if err != nil {
			t.Fatalf("CutLines: %v", err)
		}
		got, err = parseText(table.Restore(lines).Text)
		if (err == nil) != (parseErr == nil) || err == nil && !slices.Equal(spaceless(trees), spaceless(got)) {
			t.Errorf("%q is %q; by lines it is %q, %v", source, trees, got, err)
		}
	})
}

// parseText parses a source without asking what functions there are, and
// returns its trees as text.
func parseText(source string) ([]string, error) {
	trees := map[string]*parse.Tree{}
	tree := parse.New("a")
	tree.Mode = parse.SkipFuncCheck
	if _, err := tree.Parse(source, "", "", trees); err != nil {
		return nil, err
	}
	// Through template, so that an empty definition does not hide another.
	if _, err := template.New("a").AddParseTree("a", tree); err != nil {
		return nil, err
	}
	text := []string{tree.Root.String()}
	for name, tree := range trees {
		text = append(text, name+": "+tree.Root.String())
	}
	slices.Sort(text)
	return text, nil
}

var spaces = regexp.MustCompile(`[ \t\r\n]+`)

func spaceless(trees []string) []string {
	without := make([]string, len(trees))
	for i, tree := range trees {
		without[i] = spaces.ReplaceAllString(tree, "")
	}
	return without
}
