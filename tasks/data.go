package tasks

import (
	"bytes"
	"encoding/json"
	"errors"
)

// errNotJSON does not say what encoding/json found: it repeats content.
var errNotJSON = errors.New("does not encode to JSON")

// object turns a template's data, of whatever type the app gave, into one form
// that always encodes the same. What is null in JSON is no data.
func object(data any) (any, error) {
	switch d := data.(type) {
	case nil:
		return nil, nil //nolint:nilnil // No data is no error.
	case map[string]any:
		if d == nil {
			return nil, nil //nolint:nilnil // The same.
		}
		return d, nil // Its keys are sorted as it is encoded.
	}
	b, err := json.Marshal(data)
	if err != nil {
		return nil, errNotJSON
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var decoded any
	if err := dec.Decode(&decoded); err != nil {
		return nil, errNotJSON
	}
	switch m := decoded.(type) {
	case nil, map[string]any:
		return m, nil
	default:
		return nil, errors.New("must be a JSON object")
	}
}
