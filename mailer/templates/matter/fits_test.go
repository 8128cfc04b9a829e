package matter_test

import (
	"maps"
	"slices"
	"testing"
)

const typesOnly = `data:
  name: string
  total: number
  count: integer
  vip: boolean
  coupon?: string
  greeting: {type: string, default: Hello}
  size?: {type: string, enum: [S, M], example: S}
  anything?: {type: array}
  tags: [string]
  numbers: {type: array, items: {type: integer, default: 1}}
  items:
    - title: string
      count: {type: integer, default: 1}
  more: {type: object, properties: {x?: string}}
`

// written is a number that is not whole, of a type that matter does not know.
type written float64

// TestFits holds it to Check, for each way in which one value can be of another
// kind, and that it says so of what is right.
func TestFits(t *testing.T) {
	t.Parallel()
	d := parse(t, typesOnly).Data
	right := map[string]any{
		"name": "a", "total": written(1.5), "count": int64(1), "vip": true, "tags": []any{"a"}, "numbers": []any{int64(1)},
		"items": []any{map[string]any{"title": "a"}}, "more": map[string]any{},
	}
	if !d.Fits(right) {
		t.Error("what is right does not fit")
	}
	names := append(slices.Collect(maps.Keys(right)), "coupon", "greeting", "size", "anything", "undeclared")
	values := []any{
		nil, "text", true, int64(7), written(1.5),
		[]any{},
		[]any{int64(1)},
		[]any{nil},
		[]any{"a"},
		[]any{[]any{}},
		map[string]any{},
		map[string]any{"x": "x"},
		map[string]any{"x": nil},
		map[string]any{"x": int64(1)},
		map[string]any{"y": "x"},
		[]any{map[string]any{"title": "a", "count": int64(2)}},
		[]any{map[string]any{"title": "a", "count": nil}},
		[]any{map[string]any{"title": "a", "count": "2"}},
		[]any{map[string]any{"count": int64(2)}},
		[]any{map[string]any{"title": nil}},
	}
	fits := 0
	for _, name := range names {
		for _, v := range values {
			data := maps.Clone(right)
			data[name] = v
			faults := d.Check(objectInJSON(data))
			switch fit := d.Fits(data); {
			case fit && len(faults) > 0:
				t.Errorf("%s of %v fits, and %v", name, v, faults)
			case fit:
				fits++
			case len(faults) == 0 && name != "size" && name != "anything":
				t.Errorf("%s of %v does not fit, and nothing is wrong with it", name, v)
			}
		}
		data := maps.Clone(right)
		delete(data, name)
		if fit, faults := d.Fits(data), d.Check(objectInJSON(data)); fit != (len(faults) == 0) {
			t.Errorf("without %s: fits %v, and %v", name, fit, faults)
		}
	}
	if fits < len(right) {
		t.Errorf("%d fit: this compares nothing", fits)
	}
}

// objectInJSON and inJSON are a value as encoding/json would have decoded it.
func objectInJSON(data map[string]any) map[string]any {
	object := make(map[string]any, len(data))
	for key, value := range data {
		object[key] = inJSON(value)
	}
	return object
}

func inJSON(v any) any {
	switch v := v.(type) {
	case written:
		return float64(v)
	case []any:
		list := make([]any, len(v))
		for i, element := range v {
			list[i] = inJSON(element)
		}
		return list
	case map[string]any:
		return objectInJSON(v)
	default:
		return v
	}
}
