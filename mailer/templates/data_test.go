package templates_test

import (
	"encoding/json"
	"html/template"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type item struct {
	Title string  `json:"title"`
	Price float64 `json:"price"`
}

// Secret has a method that no template may call.
func (item) Secret() string { return "s3cret" }

// Go values are what they would be after the queue.
func TestGoValues(t *testing.T) {
	t.Parallel()
	number := 7
	for name, test := range map[string]struct {
		body  string
		value any
		want  string
	}{
		"float":           {"{{.x}}", 1234567.0, "1234567"},
		"fraction":        {"{{.x}}", 0.1, "0.1"},
		"float32":         {"{{.x}}", float32(0.1), "0.1"},
		"small":           {"{{.x}}", 1e-7, "1e-7"},
		"large":           {"{{.x}}", 1e21, "1e&#43;21"},
		"int":             {"{{.x}}", 7, "7"},
		"uint64":          {"{{.x}}", uint64(math.MaxUint64), "18446744073709551615"},
		"pointer":         {"{{.x}}", &number, "7"},
		"number":          {"{{.x}}", json.Number("19.90"), "19.90"},
		"compared":        {"{{gt .x 1.5}}|{{eq .x 2}}", 2.0, "true|true"},
		"struct":          {`{{.x.title}}: {{printf "%.2f" .x.price}}`, item{"a", 2}, "a: 2.00"},
		"structs":         {"{{range .x}}{{.title}}{{end}}", []item{{"a", 1}, {"b", 2}}, "ab"},
		"strings":         {"{{range .x}}{{.}}{{end}}", []string{"a", "b"}, "ab"},
		"map of strings":  {"{{.x.a}}", map[string]string{"a": "b"}, "b"},
		"map of numbers":  {"{{.x.a}}", map[string]int{"a": 1}, "1"},
		"any within":      {"{{range .x}}{{.n}}{{end}}", []map[string]any{{"n": 1.5}}, "1.5"},
		"time":            {"{{.x}}", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), "2026-01-02T03:04:05Z"},
		"bytes":           {"{{.x}}", []byte("abc"), "YWJj"},
		"HTML is no HTML": {"{{.x}}", template.HTML("<b>"), "&lt;b&gt;"},
		"URL is no URL":   {`<a href="/{{.x}}">`, template.URL("a b"), `<a href="/a%20b">`},
		"broken UTF-8":    {"{{.x}}", "a\xffb", "a\uFFFDb"},
		"control":         {"{{.x}}", "a\x00\x01\x1b\u0080b\tc\nd", "ab\tc\nd"},
		"nil":             {"{{if .x}}yes{{end}}", (*item)(nil), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set := load(t, files{"a.subject": "s", "a.html": test.body})
			c, err := set.Render("a", "", map[string]any{"x": test.value})
			if err != nil || c.HTML != test.want {
				t.Errorf("Render = %q, %v, want %q", c.HTML, err, test.want)
			}
		})
	}
}

func TestGoValuesRefused(t *testing.T) {
	t.Parallel()
	set := load(t, files{"a.subject": "s", "a.html": "{{.x}}"})
	cycle := map[string]any{}
	cycle["s3cret"] = cycle
	deep := any("s3cret")
	for range 101 {
		deep = []any{deep}
	}
	for name, test := range map[string]struct {
		value any
		want  string
	}{
		"function":     {func() string { return "s3cret" }, `variable "x" is a func() string, which cannot be written as JSON`},
		"channel":      {make(chan int), `variable "x" is a chan int, which cannot be written as JSON`},
		"NaN":          {math.NaN(), `variable "x" is a float64, which cannot be written as JSON`},
		"within":       {[]any{map[string]any{"a": math.Inf(1)}}, `variable "x" is a float64, which cannot be written as JSON`},
		"no number":    {json.Number("s3cret"), `variable "x" is a number that is malformed or too large`},
		"hexadecimal":  {json.Number("0x10p3"), `variable "x" is a number that is malformed or too large`},
		"too large":    {json.Number("1e400"), `variable "x" is a number that is malformed or too large`},
		"infinite":     {json.Number("Inf"), `variable "x" is a number that is malformed or too large`},
		"cycle":        {cycle, `variable "x" is nested deeper than 100`},
		"deep":         {deep, `variable "x" is nested deeper than 100`},
		"unused field": {struct{ F func() }{}, `variable "x" is a struct { F func() }, which cannot be written as JSON`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := set.Render("a", "", map[string]any{"x": test.value})
			if want := `template "a": ` + test.want; err == nil || err.Error() != want {
				t.Errorf("Render: %v, want %s", err, want)
			}
		})
	}
	_, err := set.Render("a", "", map[string]any{"x": 1, "ada@example.org": math.NaN()})
	if err == nil || strings.Contains(err.Error(), "ada") {
		t.Errorf("Render with a key that is no name: %v", err)
	}
	if _, err := set.Render("a", "", map[string]any{"x": item{"a", 1}}); err == nil {
		t.Error("a struct was printed")
	}
	calling := load(t, files{"a.subject": "s", "a.html": "{{.x.Secret}}"})
	if c, err := calling.Render("a", "", map[string]any{"x": item{"a", 1}}); err == nil {
		t.Errorf("a method was called: %q", c.HTML)
	}
}

func TestRenderLeavesDataAlone(t *testing.T) {
	t.Parallel()
	const text = `{"a":1,"b":[1.5,{"c":2}],"d":{"e":[3]}}`
	given, want := data(t, text), data(t, text)
	set := load(t, files{"a.subject": "s", "a.txt": "{{range .b}}{{print 1}}{{end}}{{.a}}{{range .d.e}}{{.}}{{end}}"})
	if _, err := set.Render("a", "", given); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, given); diff != "" {
		t.Errorf("Render changed the data (-want +got):\n%s", diff)
	}
}
