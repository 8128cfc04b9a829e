package templates_test

import (
	"strings"
	"testing"

	"github.com/postroom/postroom/mailer/templates"
)

// refused holds that files are refused for these reasons and no others.
func refused(t *testing.T, f files, want ...string) {
	t.Helper()
	_, err := templates.Load(f.fs())
	if got := errorText(err); got != strings.Join(want, "\n") {
		t.Errorf("%v\ngot:\n%s\nwant:\n%s", f, got, strings.Join(want, "\n"))
	}
}

const inLayout = "<html>\n<head>\n<title>{{lang}} {{template \"subject\" .}}</title>\n</head>\n" +
	"<body dir=\"{{dir}}\"><i>{{lang}}{{block \"preheader\" .}}{{end}}</i>{{dir}} {{template \"content\" .}}\n</body></html>\n"

// TestFaultsOfFirstLines holds that what the parser refuses is told where it stands,
// also in the first line of what a layout or another file has in the middle of one of
// its lines, and once.
func TestFaultsOfFirstLines(t *testing.T) {
	t.Parallel()
	const front = "---\nsubject: s\n---\n"
	for want, f := range map[string]files{
		`a.md:4: function "upper" not defined`:               {"a.md": front + "{{lang}} {{upper .name}}\n"},
		`a.md:2: function "upper" not defined`:               {"a.md": "---\nsubject: '{{dir}} {{upper .name}}'\n---\n{{lang}}\n"},
		`a.md:3: function "upper" not defined`:               {"a.md": "---\nsubject: s\npreheader: '{{upper .name}}'\n---\n{{lang}}\n"},
		`a.subject:1: function "upper" not defined`:          {"a.subject": "{{upper .name}}", "a.md": "{{lang}}"},
		`partials/foot.html:1: function "upper" not defined`: {"a.md": front + "{{lang}} {{template \"foot\" .}}\n", "partials/foot.html": "{{lang}} {{upper .name}}"},
		`layouts/base.html:5: function "upper" not defined`:  {"a.md": front + "x", "layouts/base.html": strings.Replace(inLayout, "{{dir}} ", "{{upper .x}}", 1)},
		`a.md:5: function "upper" not defined`:               {"a.md": front + "{{lang}} {{print\n(upper .name)}}\n"},
		`a.md:4: undefined variable "$x"`:                    {"a.md": front + "{{lang}} {{$y := .z}}{{$y}} {{$x.y}}\n"},
		`a.md:4: unexpected "*" in operand`:                  {"a.md": front + "{{lang}} {{.name *}}\n"},
		`a.md:4: missing value for if`:                       {"a.md": front + "{{lang}} {{if}}{{end}}\n"},
		`a.md:4: {{break}} outside {{range}}`:                {"a.md": front + "{{lang}} {{break}}\n"},
		`a.md:4: function "upper" not defined` + "\n" + `b.md:4: function "lower" not defined`: {
			"a.md": front + "{{upper .x}} {{print \"lower .x\"}}", "b.md": front + "{{/* upper */}}{{\"upper\" | lower 1}}",
		},
	} {
		if f["layouts/base.html"] == "" {
			f["layouts/base.html"] = inLayout
		}
		refused(t, f, strings.Split(want, "\n")...)
	}
}

func TestMeant(t *testing.T) {
	t.Parallel()
	for action, want := range map[string]string{
		`{{name}}`:                         `function "name" not defined: a variable has a dot, {{.name}}`,
		`{{ customer.name }}`:              `function "customer" not defined: a variable has a dot, {{.customer.name}}`,
		`{{if name}}x{{end}}`:              `function "name" not defined: a variable has a dot, .name`,
		`{{eq name "x"}}`:                  `function "name" not defined: a variable has a dot, .name`,
		`{{print (name)}}`:                 `function "name" not defined: a variable has a dot, .name`,
		`{{range $i, $x := items}}{{end}}`: `function "items" not defined: a variable has a dot, .items`,
		`{{upper .name}}`:                  `function "upper" not defined`,
		`{{if upper .name}}{{end}}`:        `function "upper" not defined`,
		`{{mony .x "EUR"}}`:                `function "mony" not defined; there is the function money`,
		`{{dates}}`:                        `function "dates" not defined: a variable has a dot, {{.dates}}; there is the function date`,
		`{{number}}`:                       `number: lacks a value: {{number .x}}; a variable has a dot: {{.number}}`,
		`{{date}}`:                         `date: lacks a value: {{date .x}}; a variable has a dot: {{.date}}`,
		`{{money .x}}`:                     `money: lacks a value: {{money .x}}, with a currency behind it`,
	} {
		refused(t, files{"a.subject": "s", "a.md": "x\n\n" + action}, "a.md:3: "+want)
		refused(t, files{"a.subject": action, "a.md": "x"}, "a.subject:1: "+want)
	}
}
