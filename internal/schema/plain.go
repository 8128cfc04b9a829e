package schema

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
)

// maxDepth is how deep lists and objects may be within one another.
const maxDepth = 100

// plain is data as it is checked: a copy whose numbers are int64 or float64. One
// that is written with a million zeros would be computed to the last of them.
func plain(data map[string]any) (any, *Fault) { return plainAt(path{}, data) }

func plainAt(at path, v any) (any, *Fault) {
	if len(at) > maxDepth {
		return nil, &Fault{Reason: "is nested too deeply"}
	}
	switch v := v.(type) {
	case json.Number:
		return plainNumber(at, v)
	case []any:
		list := make([]any, len(v))
		for i, element := range v {
			var fault *Fault
			if list[i], fault = plainAt(at.to(strconv.Itoa(i)), element); fault != nil {
				return nil, fault
			}
		}
		return list, nil
	case map[string]any:
		object := make(map[string]any, len(v))
		for key, value := range v {
			var fault *Fault
			if object[key], fault = plainAt(at.to(key), value); fault != nil {
				return nil, fault
			}
		}
		return object, nil
	case nil, bool, string, int, int64, float64:
		return v, nil
	default:
		return throughJSON(at, v)
	}
}

// throughJSON takes any other Go value as it would arrive through the queue.
func throughJSON(at path, v any) (any, *Fault) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, &Fault{at.String(), "cannot be written as JSON"}
	}
	decoder := json.NewDecoder(bytes.NewReader(b))
	decoder.UseNumber()
	var decoded any
	if err := decoder.Decode(&decoded); err != nil {
		return nil, &Fault{at.String(), "cannot be read back from JSON"}
	}
	return plainAt(at, decoded)
}

func plainNumber(at path, n json.Number) (any, *Fault) {
	if i, err := n.Int64(); err == nil {
		return i, nil
	}
	f, err := n.Float64()
	if err != nil || math.IsInf(f, 0) {
		return nil, &Fault{at.String(), "is a number that is malformed or too large"}
	}
	return f, nil
}
