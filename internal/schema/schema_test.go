package schema_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postroom/postroom/internal/schema"
)

const receipt = `{
	"type": "object", "required": ["name", "items"], "additionalProperties": false,
	"properties": {
		"name": {"type": "string", "minLength": 1, "maxLength": 9},
		"size": {"enum": ["S", "M"]},
		"day": {"type": "string", "format": "date"},
		"code": {"type": "string", "pattern": "^[0-9]+$"},
		"seats": {"type": "integer", "minimum": 1, "maximum": 2.5},
		"note": {"type": ["string", "null"]},
		"items": {
			"type": "array", "minItems": 1, "maxItems": 2,
			"items": {"type": "object", "required": ["price"], "properties": {"price": {"type": "number"}}}
		}
	}
}`

func compile(t *testing.T, text string) *schema.Schema {
	t.Helper()
	s, err := schema.Compile([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func decode(t *testing.T, text string) (data map[string]any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&data); err != nil {
		t.Fatal(err)
	}
	return data
}

func TestCheck(t *testing.T) {
	t.Parallel()
	s := compile(t, receipt)
	for data, want := range map[string][]schema.Fault{
		`{"name":"Ada","items":[{"price":1}],"size":"S","day":"2026-11-20","code":"17","seats":2,"note":null}`: nil,
		`{"name":"Ada","items":[{"price":0.5}],"seats":2.0,"note":"hm"}`:                                       nil,
		`{}`:                         {{"items", "is missing"}, {"name", "is missing"}},
		`{"name":7,"items":[{}, 7]}`: {{"items[0].price", "is missing"}, {"items[1]", "must be an object, not a number"}, {"name", "must be a string, not a number"}},
		`{"name":"","items":[]}`:     {{"items", "must have at least 1 element"}, {"name", "must have at least 1 character"}},
		`{"name":"Ada Lovelace","items":[{"price":1},{"price":1},{"price":1}]}`:      {{"items", "must have at most 2 elements"}, {"name", "must have at most 9 characters"}},
		`{"name":"Ada","items":[{"price":1}],"size":"s3cret","day":"s3cret"}`:        {{"day", `must be written as a date is, as in 2026-11-22 (JSON Schema's format "date")`}, {"size", "must be one of S, M"}},
		`{"name":"Ada","items":[{"price":1}],"code":"s3cret","seats":0}`:             {{"code", "must match ^[0-9]+$"}, {"seats", "must be at least 1"}},
		`{"name":"Ada","items":[{"price":1}],"seats":3,"note":false}`:                {{"note", "must be null or a string, not true or false"}, {"seats", "must be at most 2.5"}},
		`{"name":"Ada","items":[{"price":1}],"colour":1,"ada@example.org":"s3cret"}`: {{"", "has a name that the template does not declare"}, {"colour", "is not declared by the template"}},
		`{"name":"Ada","items":[{"price":1e400}]}`:                                   {{"items[0].price", "is a number that is malformed or too large"}},
	} {
		if diff := cmp.Diff(want, s.Check(decode(t, data))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", data, diff)
		}
	}
}

// TestNothingIsComputedForLong: numbers and depths that would take all memory.
func TestNothingIsComputedForLong(t *testing.T) {
	t.Parallel()
	s := compile(t, `{"properties":{"n":{"type":"integer","multipleOf":3}}}`)
	deep := map[string]any{}
	for range 10_000 {
		deep = map[string]any{"n": deep}
	}
	start := time.Now()
	for _, data := range []map[string]any{
		{"n": json.Number("1e999999999")}, {"n": json.Number("1e-999999999")}, {"n": json.Number("-1e300")}, deep,
	} {
		s.Check(data)
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestAtMostTwentyFaults(t *testing.T) {
	t.Parallel()
	s := compile(t, `{"additionalProperties":{"type":"string"}}`)
	data := map[string]any{}
	for i := range 100 {
		data["v"+strings.Repeat("a", i)] = 1
	}
	if n := len(s.Check(data)); n != 20 {
		t.Errorf("%d faults, want 20", n)
	}
}

func TestCompileRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{`:                                    "unexpected EOF",
		`{"type":"strin"}`:                     "strin",
		`{"$ref":"file:///etc/hostname"}`:      "refers to another schema",
		`{"$ref":"https://example.com/s"}`:     "refers to another schema",
		`{"properties":{"a":{"pattern":"("}}}`: "pattern",
	} {
		if _, err := schema.Compile([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	if _, err := schema.Compile([]byte(`{"$defs":{"a":{"type":"string"}},"properties":{"x":{"$ref":"#/$defs/a"}}}`)); err != nil {
		t.Errorf("a schema that refers to itself: %v", err)
	}
}

// TestGoValues are checked as what they become.
func TestGoValues(t *testing.T) {
	t.Parallel()
	s := compile(t, receipt)
	type item struct {
		Price float32 `json:"price"`
	}
	day := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	fits := map[string]any{"name": "Ada", "items": []item{{1.5}}, "seats": uint8(2), "day": day.Format(time.DateOnly)}
	if got := s.Check(fits); got != nil {
		t.Errorf("%v", got)
	}
	wrong := map[string]any{"name": day, "items": []map[string]string{{"price": "1"}}, "note": func() {}}
	if diff := cmp.Diff([]schema.Fault{{Path: "note", Reason: "cannot be written as JSON"}}, s.Check(wrong)); diff != "" {
		t.Error(diff)
	}
	delete(wrong, "note")
	want := []schema.Fault{
		{Path: "items[0].price", Reason: "must be a number, not a string"},
		{Path: "name", Reason: "must have at most 9 characters"},
	}
	if diff := cmp.Diff(want, s.Check(wrong)); diff != "" {
		t.Error(diff)
	}
}

// TestFormatsAreExemplified: what is shown as an example is one.
func TestFormatsAreExemplified(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"date", "date-time", "time", "duration", "email", "uri", "uuid", "hostname", "ipv4"} {
		s := compile(t, `{"properties":{"x":{"format":"`+format+`"}}}`)
		faults := s.Check(map[string]any{"x": "no s3cret"})
		if len(faults) != 1 {
			t.Errorf("%s: %v", format, faults)
			continue
		}
		_, example, _ := strings.Cut(faults[0].Reason, ", as in ")
		example, _, _ = strings.Cut(example, " ")
		if faults := s.Check(map[string]any{"x": example}); example == "" || len(faults) > 0 {
			t.Errorf("%s: the example %q: %v", format, example, faults)
		}
	}
	other := compile(t, `{"properties":{"x":{"format":"ipv6"}}}`).Check(map[string]any{"x": "s3cret"})
	if want := `must be written as an ipv6 is (JSON Schema's format "ipv6")`; len(other) != 1 || other[0].Reason != want {
		t.Errorf("%v, want %s", other, want)
	}
}
