package matter_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/postroom/postroom/internal/schema"
	"github.com/postroom/postroom/mailer/templates/matter"
)

func TestSplit(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text, front, body string
		line              int
		ok                bool
	}{
		"none":                 {"Hello\n", "", "Hello\n", 1, true},
		"nothing":              {"", "", "", 1, true},
		"both":                 {"---\nsubject: a\n---\nHello\n", "subject: a\n", "Hello\n", 4, true},
		"Windows":              {"---\r\nsubject: a\r\n---\r\nHello\r\n", "subject: a\r\n", "Hello\r\n", 4, true},
		"empty":                {"---\n---\nHello", "", "Hello", 3, true},
		"no body":              {"---\na: b\n---", "a: b\n", "", 4, true},
		"no end":               {"---\na: b\n", "", "---\na: b\n", 1, false},
		"a rule further down":  {"Hello\n---\nWorld\n---\n", "", "Hello\n---\nWorld\n---\n", 1, true},
		"a rule in the body":   {"---\na: b\n---\nHello\n\n---\nx", "a: b\n", "Hello\n\n---\nx", 4, true},
		"more dashes than one": {"----\na: b\n----\n", "", "----\na: b\n----\n", 1, true},
	} {
		front, body, line, ok := matter.Split(test.text)
		if front != test.front || body != test.body || line != test.line || ok != test.ok {
			t.Errorf("%s: %q, %q, %d, %v", name, front, body, line, ok)
		}
	}
}

func parse(t *testing.T, front string) matter.Matter {
	t.Helper()
	m, err := matter.Parse(front)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestParse(t *testing.T) {
	t.Parallel()
	got := parse(t, `subject: Welcome, {{.name}}
preheader: "{{ printf \"%s\" .name }}: hello"
layout: none
`)
	want := matter.Matter{
		Subject: matter.Value{"Welcome, {{.name}}", 2}, Preheader: matter.Value{`{{ printf "%s" .name }}: hello`, 3},
		Layout: matter.Value{"none", 4},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for text, want := range map[string]string{
		"subject: 2026": "2026", "subject: true": "true", "subject: |\n  Hello,\n  you": "Hello,\nyou",
		"subject: \"Order #1\" # a remark": "Order #1", "subject: '#1' # a": "#1", "subject: | # a\n  Hi #5": "Hi #5",
		"subject: Hello#1": "Hello#1", "subject: Hello\n# a remark\nlayout: none # a": "Hello", "subject: Hello\r\n# a remark\r\n": "Hello",
		"subject: Hello\n\n  # a remark\nlayout: none": "Hello", "subject:\n  # a remark\n  Hello": "Hello",
		"subject: >\n  Hello,\n  you\n": "Hello, you", "subject: 'It''s here'": "It's here", "subject: 09:30": "09:30",
	} {
		if got := parse(t, text).Subject.Text; got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if line := parse(t, "layout: a\nsubject: |\n  Hello\n").Subject.Line; line != 4 {
		t.Errorf("a block begins in line %d, want 4", line)
	}
	for _, nothing := range []string{"", "\n", "# only a remark\n"} {
		if diff := cmp.Diff(matter.Matter{}, parse(t, nothing)); diff != "" {
			t.Errorf("%q: %s", nothing, diff)
		}
	}
}

const declared = `data:
  name: string
  total: {type: number, minimum: 0, example: 21.50}
  greeting: {type: string, default: Hello}
  coupon?: string
  size?: {type: string, enum: [S, M], example: S}
  tags: [string]
  items:
    - title: string
      count: {type: integer, default: 1}
  customer: {vip: boolean, type: {type: string, enum: [a, b], example: a}}
  more: {type: object, properties: {x: string}}
  list: {type: array, maxItems: 3, items: number}
`

func TestData(t *testing.T) {
	t.Parallel()
	d := parse(t, declared).Data
	want := map[string]any{
		"name": "name", "total": 21.5, "greeting": "Hello", "coupon": "coupon", "size": "S", "tags": []any{"tags", "tags"},
		"items":    []any{map[string]any{"title": "title", "count": 1.0}, map[string]any{"title": "title", "count": 1.0}},
		"customer": map[string]any{"vip": true, "type": "a"}, "more": map[string]any{"x": "x"}, "list": []any{19.5, 19.5},
	}
	if diff := cmp.Diff(want, d.Example); diff != "" {
		t.Errorf("the example (-want +got):\n%s", diff)
	}
	if faults := d.Check(d.Example); faults != nil {
		t.Errorf("the example: %v", faults)
	}
	if _, err := schema.Compile(d.Schema); err != nil {
		t.Errorf("%s: %v", d.Schema, err)
	}
	for text, want := range map[string][]schema.Fault{
		`{"name":"Ada","total":1,"tags":[],"items":[{"title":"Tea"}],"customer":{"vip":false,"type":"b"},"more":{"x":""},"list":[]}`: nil,
		`{"name":"Ada","total":-1,"tags":[],"items":[],"customer":{"vip":false,"type":"b"},"more":{"x":""},"list":[],"coupon":null,"size":null}`: {
			{Path: "total", Reason: "must be at least 0"},
		},
		`{"name":null,"total":1,"tags":[1],"items":[{"count":1.5}],"customer":{"vip":1,"type":"c"},"more":{},"list":[1,2,3,4],"x":1}`: {
			{Path: "customer.type", Reason: "must be one of a, b"},
			{Path: "customer.vip", Reason: "must be true or false, not a number"},
			{Path: "items[0].count", Reason: "must be null or a whole number, not a number"},
			{Path: "items[0].title", Reason: "is missing"},
			{Path: "list", Reason: "must have at most 3 elements"},
			{Path: "more.x", Reason: "is missing"},
			{Path: "name", Reason: "must be a string, not null"},
			{Path: "tags[0]", Reason: "must be a string, not a number"},
			{Path: "x", Reason: "is not declared by the template"},
		},
	} {
		if diff := cmp.Diff(want, d.Check(decoded(t, text)), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func decoded(t *testing.T, text string) (data map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &data); err != nil {
		t.Fatal(err)
	}
	return data
}

// TestExampleOfAWhole is what is shown, and not one that is made up of what is within.
func TestExampleOfAWhole(t *testing.T) {
	t.Parallel()
	got := parse(t, `data:
  early: {type: array, example: [a, b, c], items: {type: string}}
  late: {type: array, items: {type: string, example: x}, example: [a]}
  empty: {type: array, example: [], items: string}
  default: {type: array, default: [a], items: string}
  made: {type: array, items: {type: string, example: x}}
  who:
    type: object
    example: {name: Ada}
    properties: {name: string, age?: integer}
`).Data.Example
	want := map[string]any{
		"early": []any{"a", "b", "c"}, "late": []any{"a"}, "empty": []any{}, "default": []any{"a"}, "made": []any{"x", "x"},
		"who": map[string]any{"name": "Ada"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestComplete(t *testing.T) {
	t.Parallel()
	d := parse(t, declared).Data
	err := d.Defaults(func(v any) (any, error) {
		if v == "Hello" {
			return "Good day", nil
		}
		return v, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	data := decoded(t, `{"name":"Ada","items":[{"title":"Tea"},{"title":"Cup","count":2}]}`)
	d.Complete(data)
	want := map[string]any{
		"name": "Ada", "items": []any{map[string]any{"title": "Tea", "count": uint64(1)}, map[string]any{"title": "Cup", "count": 2.0}},
		"greeting": "Good day", "coupon": nil, "size": nil, "total": nil, "tags": nil, "customer": nil, "more": nil, "list": nil,
	}
	if diff := cmp.Diff(want, data); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	failing := errors.New("no")
	if err := d.Defaults(func(any) (any, error) { return nil, failing }); !errors.Is(err, failing) {
		t.Errorf("Defaults: %v", err)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for front, want := range map[string]string{
		"subject: {{.name}}, hello":        "line 2: the front matter is no YAML: could not find flow map content; a value that begins with {{ stands in quotes",
		"a: b\nsubject: x":                 `line 2: "a" is not known: there are data, lang, layout, preheader, subject and unsubscribe`,
		"subject: a\nsubject: b":           `line 3: the front matter is no YAML: mapping key "subject" already defined`,
		"- subject":                        "line 2: the front matter must have a name and a colon in each line",
		"subject":                          "line 2: the front matter must have a name and a colon in each line",
		"subject:\n  a: b":                 "line 3: subject must be a text",
		"layout: a\nsubject:":              "line 3: subject must be a text",
		"subject: &x a":                    "line 2: YAML's anchors, aliases and tags are not read",
		"subject: a\nlayout: *x":           "",
		"data: {name: strin}":              `line 2: name: "strin" is no type: there are array, boolean, integer, number, object, string`,
		"data:\n  x: 7":                    "line 3: x: must be a type",
		"data:\n  x: [string, number]":     "line 3: x: a list declares its elements by one declaration, not 2",
		"data:\n  first-name: string":      `line 3: "first-name" is not what a template can write behind a dot`,
		"data:\n  a: string\n  a?: string": "line 4: a is declared twice",
		"data:\n  b: string\n  a: {type: string, example: 7}":                                      "line 4: data: the example of a must be a string, not a number",
		"data:\n  b: string\n  a:\n    type: string\n    default: 7":                               "line 6: data: the example of a must be null or a string, not a number",
		"data:\n  b: string\n  a: {type: string, enum: [c]}":                                       "line 4: data: the example of a must be one of c",
		"data:\n  b:\n    - c: string\n      d: {type: string, example: 7}":                        "line 5: data: the example of b[0].d must be a string, not a number",
		"data:\n  b:\n    type: array\n    example: [{d: a}, {d: 7}]\n    items:\n      d: string": "line 5: data: the example of b[1].d must be a string, not a number",
		"data:\n  b: {type: object, properties: {c: string},\n    example: {c: 7}}":                "line 4: data: the example of b.c must be a string, not a number",
		"data:\n  a: {type: string, example: 7}":                                                   "line 3: data: the example of a must be a string, not a number",
		"data:\n  a: {type: string, pattern: '('}":                                                 "line 3: data: read schema",
		"data:\n  a: {type: string, enum: [b, c]}":                                                 "line 3: data: the example of a must be one of b, c",
		"data:\n  a: {type: string, enum: [&b [x], *b]}":                                           "line 3: YAML's anchors, aliases and tags are not read",
		"data: {x: " + strings.Repeat("[", 14) + "string" + strings.Repeat("]", 14) + "}":          "line 2: x: has too many lists within one another",
		"data:\n  x: " + strings.Repeat("{a: ", 3000):                                              "line 3: the front matter has more than 32 brackets or lists open",
		"data:\n  x:\n    " + strings.Repeat("- ", 30_000) + "string":                              "line 4: the front matter has more than 32 brackets or lists open",
		strings.Repeat("# a remark\n", 10_000):                                                     "line 2: the front matter is larger than 64 kB",
	} {
		_, err := matter.Parse(front)
		if fault, ok := errors.AsType[*matter.Error](err); !ok || !strings.HasPrefix(fault.Error(), want) {
			t.Errorf("%.60q: %v, want %s", front, err, want)
		}
	}
}

// TestParseRefusesRemarks holds that no remark takes a part of what a mail shows.
func TestParseRefusesRemarks(t *testing.T) {
	t.Parallel()
	for front, want := range map[string]string{
		"subject: Order #{{.number}}":             `line 2: subject: YAML takes what stands behind " #" for a remark: put the text in quotes`,
		"layout: a\nsubject: Order {{.n}} #1":     `line 3: subject: YAML takes what stands behind " #"`,
		"subject: Order\n  for you #5\nlayout: a": `line 2: subject: YAML takes what stands behind " #"`,
		"subject: 2026 # a remark":                `line 2: subject: YAML takes what stands behind " #"`,
		"subject: #1":                             `line 2: subject must be a text; one that begins with # stands in quotes`,
		"preheader: a\t#1\r\n":                    `line 2: preheader: YAML takes what stands behind " #"`,
		"unsubscribe: https://x.org #a":           `line 2: unsubscribe: YAML takes what stands behind " #"`,
		"unsubscribe:\n  url: https://x.org #a":   `line 3: url: YAML takes what stands behind " #"`,
	} {
		_, err := matter.Parse(front)
		if fault, ok := errors.AsType[*matter.Error](err); !ok || !strings.HasPrefix(fault.Error(), want) {
			t.Errorf("%q: %v, want %s", front, err, want)
		}
	}
}

// TestParseHints holds that what people meet first is told with what to do.
func TestParseHints(t *testing.T) {
	t.Parallel()
	const (
		quotes  = "put the text in quotes, all of it: "
		single  = "put the text in quotes, all of it, and in single ones"
		indents = "look at its indentation"
		tab     = "a tab stands at its front: indent with spaces"
	)
	for front, want := range map[string]string{
		"subject: Order: {{.n}}":      "line 2: " + quotes,
		"layout: a\nsubject: Order:":  "line 3: " + quotes,
		"subject: 'it's'":             "line 2: " + quotes,
		"subject: \"say \"hi\" now\"": "line 2: " + single,
		"subject: \"Hi\" {{.n}}":      "line 2: " + single,
		"subject: [Shop] Hi":          "line 2: " + quotes,
		"subject: @you":               "line 2: " + quotes,
		"subject: `x`":                "line 2: " + quotes,
		"subject: %x":                 "line 2: " + quotes,
		"subject: > x\n":              "line 2: " + quotes,
		"subject: - x":                "line 2: " + quotes,
		"subject: & x":                "line 2: " + quotes,
		"subject: * x":                "line 2: put a text that begins with &, * or ! in quotes",
		"subject: [Shop]":             "line 2: one that begins with [ or { stands in quotes",
		"data:\n  a: {type: string}\nsubject: {{.n}}: x\r\n": "line 4: a value that begins with {{ stands in quotes",
		"subject: a\n  preheader: b":                         "line 2: " + indents,
		" subject: a\npreheader: b":                          "line 3: " + indents,
		"data:\n   a: string\n  b: string":                   "line 4: " + indents,
		"data:\n  a:\n  - b: string\n   c: string":           "line 5: " + indents,
		"subject: a\n\tpreheader: b":                         "line 3: " + tab,
		"data:\n\tname: string":                              "line 3: " + tab,
		"\tsubject: a":                                       "line 2: " + tab,
		"subject:a\nlayout: b":                               "line 2: a space stands behind the colon",
	} {
		_, err := matter.Parse(front)
		line, hint, _ := strings.Cut(want, ": ")
		if fault, ok := errors.AsType[*matter.Error](err); !ok || !strings.HasPrefix(fault.Error(), line+": ") || !strings.Contains(fault.Error(), hint) {
			t.Errorf("%q: %v, want %s", front, err, want)
		}
	}
	for _, front := range []string{"data: {a: {type: string}", "subject: a\nsubject: b", "subject: a\nsubject: 'it''s: \"x\"' # y"} {
		if _, err := matter.Parse(front); err == nil || strings.Contains(err.Error(), ";") {
			t.Errorf("%q: %v", front, err)
		}
	}
}
