package actions_test

import (
	"testing"

	"github.com/postroom/postroom/mailer/templates/actions"
)

func TestAgain(t *testing.T) {
	t.Parallel()
	var table actions.Table
	masked, err := table.Cut("a.html", 1, "<b>{{range .x}}{{if .}}{{.}}{{else}}-{{end}}{{end}}</b>")
	if err != nil {
		t.Fatal(err)
	}
	again, err := table.Again(masked)
	if err != nil {
		t.Fatal(err)
	}
	if got := readable(masked + again); got != "<b>T1T2T3T4-T5T6</b><b>T7T8T9T10-T11T12</b>" {
		t.Errorf("%s", got)
	}
	if a, b := table.Restore(masked).Text, table.Restore(again).Text; a != b {
		t.Errorf("%s, and again %s", a, b)
	}
	regions := map[int]int{0: 0, 1: 1, 3: 1, 4: 1, 5: 0} // Whose end each is.
	all := tokens(again)
	for i, open := range regions {
		if a, _ := table.Action(all[i]); a.Region != all[open] {
			t.Errorf("%s belongs to %s, want %s", a.Text, a.Region, all[open])
		}
	}
}

func TestBlock(t *testing.T) {
	t.Parallel()
	for call, want := range map[string]string{
		`{{template "button" .}}`:                     `{{block "button 1" .}}B{{end}}`,
		"{{- template `b` (dict \"x\" .y) | print }}": `{{block "button 1" (dict "x" .y) | print }}B{{end}}`,
		`{{template "button"}}`:                       `{{block "button 1" nothing}}B{{end}}`,
		`{{ template "button" }}`:                     `{{block "button 1" nothing}}B{{end}}`,
	} {
		var table actions.Table
		masked, err := table.Cut("a.html", 3, call)
		if err != nil {
			t.Fatal(err)
		}
		a, _ := table.Action(masked)
		open, end, err := table.Block(a, "button 1", "nothing")
		if err != nil {
			t.Fatal(err)
		}
		if got := table.Restore(open + "B" + end).Text; got != want {
			t.Errorf("%s: %s, want %s", call, got, want)
		}
		first, _ := table.Action(open)
		last, _ := table.Action(end)
		if first.Region != open || last.Region != open || first.Line != 3 || last.Kind != actions.End {
			t.Errorf("%+v, %+v", first, last)
		}
	}
}

func TestRename(t *testing.T) {
	t.Parallel()
	var table actions.Table
	masked, err := table.Cut("a.html", 1, `{{block "foot" .x | print}}x{{end}}{{if .}}{{end}}`)
	if err != nil {
		t.Fatal(err)
	}
	all := tokens(masked)
	table.Rename(all[0], "foot 2")
	table.Rename(all[2], "foot 2") // It has no name.
	if got := table.Restore(masked).Text; got != `{{block "foot 2" .x | print}}x{{end}}{{if .}}{{end}}` {
		t.Errorf("%s", got)
	}
	if a, _ := table.Action(all[0]); a.Name != "foot 2" {
		t.Errorf("%+v", a)
	}
}
