package actions_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postroom/postroom/mailer/templates/actions"
)

// readable writes tokens as T1, T2 and so on.
func readable(masked string) string {
	for _, token := range tokens(masked) {
		number := strings.TrimLeft(token[len("q7zaction"):actions.TokenLength-1], "0")
		masked = strings.ReplaceAll(masked, token, "T"+number)
	}
	return masked
}

func tokens(masked string) []string {
	var found []string
	for _, token := range actions.Tokens(masked) {
		found = append(found, token)
	}
	return found
}

func TestCut(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, source, masked, restored string
	}{
		{"text alone", "Hello\n", "Hello\n", "Hello\n"},
		{"empty", "", "", ""},
		{"outputs", "Hello {{.name}}, {{ .day }}!", "Hello T1, T2!", "Hello {{.name}}, {{ .day }}!"},
		{"side by side", "{{.a}}{{.b}}", "T1T2", "{{.a}}{{.b}}"},
		{"before a digit", "{{.a}}5z", "T15z", "{{.a}}5z"},
		{"quotes", `a{{printf "}}\"" .x}}b`, `aT1b`, `a{{printf "}}\"" .x}}b`},
		{"raw quotes over lines", "a{{print `}}\n\\`}}b", "aT1b", "a{{print `}}\n\\`}}b"},
		{"a character", `a{{printf "%c" '\''}}{{'}'}}b`, `aT1T2b`, `a{{printf "%c" '\''}}{{'}'}}b`},
		{"a comment", "a{{/* }} ' \" */}}b", "aT1b", "a{{/* }} ' \" */}}b"},
		{"over lines", "a{{.x\n|\nprint}}b", "aT1b", "a{{.x\n|\nprint}}b"},
		{"trimming before", "a \r\n\t {{- .x}} b", "aT1 b", "a{{ .x}} b"},
		{"trimming after", "a {{.x -}} \n b", "a T1b", "a {{.x }}b"},
		{"trimming both", "a {{- .x -}} b", "aT1b", "a{{ .x }}b"},
		{"trimming between two", "a {{.x -}}  {{- .y}} b", "a T1T2 b", "a {{.x }}{{ .y}} b"},
		{"trimming by a comment", "a {{- /* c */ -}} b", "aT1b", "a{{/* c */}}b"},
		{"no marker", "a {{-1}} b", "a T1 b", "a {{-1}} b"},
		{"a marker, then a minus", "a {{- -1 -}} b", "aT1b", "a{{ -1 }}b"},
		{"a brace before what trims", "a{ {{- .x}}", "a{T1", "a{ {{-  .x}}"},
		{"single braces", "a{b}{c} }} {", "a{b}{c} }} {", "a{b}{c} }} {"},
		{"a comment of HTML", "<!--{{.x}}--><!-- {{.x}}-->", "<!--T1T2--><!-- T3-->", "<!--{{/**/}}{{.x}}--><!-- {{.x}}-->"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var table actions.Table
			masked, err := table.Cut("a.html", 1, row.source)
			if err != nil {
				t.Fatal(err)
			}
			if got := readable(masked); got != row.masked {
				t.Errorf("masked = %q, want %q", got, row.masked)
			}
			if got := table.Restore(masked).Text; got != row.restored {
				t.Errorf("restored = %q, want %q", got, row.restored)
			}
		})
	}
}

func TestCutLines(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, source, masked string
	}{
		{"lines of control actions", "Items:\n\n{{- range .items -}}\n- {{.}}\n  {{- end -}}  \nBye", "Items:\n\nT1\n- T2\n  T3  \nBye"},
		{"several on a line", "{{if .x}}a\n{{- end -}} {{- if .x -}}\nb{{end}}", "T1a\nT2 T3\nbT4"},
		{"first and last", "{{- if .x -}}\nb\n{{- end -}}", "T1\nb\nT2"},
		{"beside text", "a\n{{- if .x}} b\n{{- end}}.", "aT1 bT2."},
		{"what prints", "a\n{{- .x -}}\nb", "aT1b"},
		{"what prints, before a line", "a {{.x -}}\n{{/* c */}}\nb", "a T1T2\nb"},
		{"a call", "a\n{{- template \"b\" . -}}\nb", "a\nT1\nb"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var table actions.Table
			masked, err := table.CutLines("a.md", 1, row.source)
			if err != nil {
				t.Fatal(err)
			}
			if got := readable(masked); got != row.masked {
				t.Errorf("masked = %q, want %q", got, row.masked)
			}
		})
	}
}

func TestActions(t *testing.T) {
	t.Parallel()
	const source = `{{/* c */}}
{{$n := 1}}{{$n = 2}}{{$n}}
{{if .a}}{{else if .b}}{{else}}{{end}}
{{range $i, $x := .c}}{{break}}{{continue}}{{end -}}
{{with .d}}{{block "e f" .}}{{end}}{{end}}
{{define ` + "`g`" + `}}{{template "h\"" .}}{{end}}{{iffy}}{{.end}}`
	var table actions.Table
	if _, err := table.Cut("other.html", 1, "{{.x}}"); err != nil {
		t.Fatal(err)
	}
	masked, err := table.Cut("a.html", 5, source)
	if err != nil {
		t.Fatal(err)
	}
	const a, b, c, d, e, f = "q7zaction000006z", "q7zaction000010z", "q7zaction000014z", "q7zaction000015z", "q7zaction000018z", ""
	want := []actions.Action{
		{Text: "{{/* c */}}", Line: 5, Kind: actions.Comment},
		{Text: "{{$n := 1}}", Line: 6, Kind: actions.Assign},
		{Text: "{{$n = 2}}", Line: 6, Kind: actions.Assign},
		{Text: "{{$n}}", Line: 6, Kind: actions.Output},
		{Text: "{{if .a}}", Line: 7, Kind: actions.Open, Keyword: "if", Region: a},
		{Text: "{{else if .b}}", Line: 7, Kind: actions.Else, Keyword: "else", Region: a},
		{Text: "{{else}}", Line: 7, Kind: actions.Else, Keyword: "else", Region: a},
		{Text: "{{end}}", Line: 7, Kind: actions.End, Keyword: "end", Region: a},
		{Text: "{{range $i, $x := .c}}", Line: 8, Kind: actions.Open, Keyword: "range", Region: b},
		{Text: "{{break}}", Line: 8, Kind: actions.Break, Keyword: "break", Region: f},
		{Text: "{{continue}}", Line: 8, Kind: actions.Continue, Keyword: "continue"},
		{Text: "{{end }}", Line: 8, Kind: actions.End, Keyword: "end", Region: b},
		{Text: "{{with .d}}", Line: 9, Kind: actions.Open, Keyword: "with", Region: c},
		{Text: `{{block "e f" .}}`, Line: 9, Kind: actions.Open, Keyword: "block", Name: "e f", Region: d},
		{Text: "{{end}}", Line: 9, Kind: actions.End, Keyword: "end", Region: d},
		{Text: "{{end}}", Line: 9, Kind: actions.End, Keyword: "end", Region: c},
		{Text: "{{define `g`}}", Line: 10, Kind: actions.Open, Keyword: "define", Name: "g", Region: e},
		{Text: `{{template "h\"" .}}`, Line: 10, Kind: actions.Call, Keyword: "template", Name: `h"`},
		{Text: "{{end}}", Line: 10, Kind: actions.End, Keyword: "end", Region: e},
		{Text: "{{iffy}}", Line: 10, Kind: actions.Output},
		{Text: "{{.end}}", Line: 10, Kind: actions.Output},
	}
	got := make([]actions.Action, 0, len(want))
	for i, token := range tokens(masked) {
		action, ok := table.Action(token)
		if !ok || action.Token != token {
			t.Fatalf("Action(%q) = %v, %v", token, action, ok)
		}
		got = append(got, action)
		if i < len(want) {
			want[i].File, want[i].Token = "a.html", token
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("actions (-want +got):\n%s", diff)
	}
}

func TestCutRefuses(t *testing.T) {
	t.Parallel()
	const reserved = `has "q7zaction" in it, a word that stands for actions while a template is read`
	for _, row := range []struct{ source, want string }{
		{"a\n{{.x", "7: an action is not closed: it ends with }}"},
		{"a\n\n{{.x}", "8: an action is not closed: it ends with }}"},
		{"{{.x}}\n\nHello {.name}, {{.y}}\n", `8: {.name} has one brace in the place of two: write {{.name}}, or {{"{.name}"}} for the text itself`},
		{"{{.x}}\n\nHello { .a.b_1 }}", `8: { .a.b_1 } has one brace in the place of two: write {{.a.b_1}}, or {{"{ .a.b_1 }"}} for the text itself`},
		{"**{{.x** {{.y}}", "6: an action is not closed: it ends with }}"},
		{"a\n{{.x\n\n{{end}}", "7: an action is not closed: it ends with }}"},
		{"a\n{{.x}\n{{.y}}", "7: an action is not closed: it ends with }}"},
		{"a\n{{.x, it's yours\n{{.y}}", "7: an action, or a ' in it, is not closed: an action ends with }}"},
		{"<a href=\"{{.x\">y</a>\n{{.y}}", "6: an action, or a \" in it, is not closed: an action ends with }}"},
		{"{{if .x\n{{.y}}\n{{end}}", "6: an action is not closed: it ends with }}"},
		{"{{\n}}{{\"}}", "7: an action has a \" that is not closed"},
		{"{{\"a\n\"}}", "6: an action, or a \" in it, is not closed: an action ends with }}"},
		{"{{\"a\\\n\"}}", "6: an action, or a \" in it, is not closed: an action ends with }}"},
		{"{{'}}", "6: an action has a ' that is not closed"},
		{"{{`}}\n", "6: an action has a ` that is not closed"},
		{"{{/* }}", "6: a comment is not closed: it ends with */}}"},
		{"{{/* */ }}", "6: a comment ends before its action does: write {{/* … */}}"},
		{"\nq7zaction", "7: " + reserved},
		{"\n\nQ7ZActioN000001z", "8: " + reserved},
		{"{{.x}}\n{{end}}", "7: {{end}} belongs to nothing: no if, range, with, block or define is open"},
		{"{{if .x}}{{end}}\n{{else}}", "7: {{else}} belongs to nothing: no if, range, with, block or define is open"},
		{"{{define \"x\"}}\n{{else}}{{end}}", `7: {{else}} belongs to nothing: {{define "x"}} in line 6 has no else`},
		{"{{range .x}}\n{{if .y}}\n{{end}}", "6: {{range .x}} has no {{end}}"},
		{"{{range .x}}\n{{if\n.y}}", "7: {{if .y}} has no {{end}}"},
		{"{{if " + strings.Repeat(".x ", 30) + "}}", "6: {{if " + strings.Repeat(".x ", 18) + ".…}} has no {{end}}"},
	} {
		var table actions.Table
		first, err := table.Cut("b.html", 1, "{{.first}}")
		if err != nil {
			t.Fatal(err)
		}
		_, err = table.Cut("a.html", 6, row.source)
		if fault, ok := errors.AsType[*actions.Error](err); !ok || fault.Error() != "a.html:"+row.want {
			t.Errorf("Cut(%q): %v, want %s", row.source, err, row.want)
		}
		second, err := table.Cut("b.html", 1, "{{.second}}")
		if err != nil || readable(second) != "T2" || table.Restore(first).Text != "{{.first}}" {
			t.Errorf("after the error the table is another: %q, %v", second, err)
		}
	}
}

// TestCutTakesBraces holds that braces of style sheets and of text are left alone.
func TestCutTakesBraces(t *testing.T) {
	t.Parallel()
	for _, source := range []string{
		"@media print{.a{color:red}}", ".a{.5em}", "p{margin:.5em}", `{"a":.5}`, "{name} {} {.} {. a} {.a b} {a.b}", `{{"{.name}"}}`, "{{/* {.name} */}}", "{-.a}", `\{.name}`,
	} {
		var table actions.Table
		if _, err := table.Cut("a.html", 1, source); err != nil {
			t.Errorf("Cut(%q): %v", source, err)
		}
	}
}

func TestTableIsBounded(t *testing.T) {
	t.Parallel()
	table := actions.NearlyFull()
	masked, err := table.Cut("a.html", 1, "{{.}}")
	if err != nil || masked != "q7zaction999999z" {
		t.Fatalf("Cut = %q, %v", masked, err)
	}
	const want = "b.html:2: there are more than 999999 actions"
	if _, err := table.Cut("b.html", 1, "\n{{.}}"); err == nil || err.Error() != want {
		t.Errorf("Cut: %v, want %s", err, want)
	}
	if _, err := table.Copy(masked); err == nil || !strings.HasSuffix(err.Error(), "more than 999999 actions") {
		t.Errorf("Copy: %v", err)
	}
}

func TestCopy(t *testing.T) {
	t.Parallel()
	var table actions.Table
	masked, err := table.Cut("a.html", 1, "{{.x}}{{if .y}}{{end}}")
	if err != nil {
		t.Fatal(err)
	}
	cut := tokens(masked)
	again, err := table.Copy(cut[0])
	if err != nil || again == cut[0] {
		t.Fatalf("Copy = %q, %v", again, err)
	}
	if got := table.Restore(again + masked).Text; got != "{{.x}}{{.x}}{{if .y}}{{end}}" {
		t.Errorf("restored = %q", got)
	}
	for _, token := range []string{cut[1], cut[2], "", "q7zaction000009z"} {
		if _, err := table.Copy(token); err == nil {
			t.Errorf("Copy(%q) gave no error", token)
		}
	}
}
