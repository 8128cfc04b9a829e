package tasks

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
)

// errNotJSON does not say what encoding/json found: it repeats content.
var errNotJSON = errors.New("does not encode to JSON")

// object turns a template's data, of whatever type the app gave, into one form
// that always encodes the same. What is null in JSON is no data.
func object(data any, p *problems) any {
	switch d := data.(type) {
	case nil:
		return nil
	case map[string]any:
		if d == nil {
			return nil
		}
		return d // Its keys are sorted as it is encoded.
	}
	b, err := json.Marshal(data)
	if err != nil {
		p.addf("data", "%v", errNotJSON)
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var decoded any
	if err := dec.Decode(&decoded); err != nil {
		p.addf("data", "%v", errNotJSON)
		return nil
	}
	switch m := decoded.(type) {
	case nil:
		return nil
	case map[string]any:
		// JSON that the app gave as it was, and that says a name twice.
		*p = append(*p, wrongNames(slices.Concat([]byte(`{"data":`), b, []byte(`}`)), payloadNames)...)
		return m
	default:
		p.addf("data", "must be a JSON object")
		return nil
	}
}
