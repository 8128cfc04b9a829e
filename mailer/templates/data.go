package templates

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// maxDepth is how deep lists and objects of the data may be within one another.
const maxDepth = 100

var errDepth = fmt.Errorf("is nested deeper than %d", maxDepth)

// namePattern is what a template can write behind a dot. Other keys may be
// anything, an address for one, and are not quoted in errors.
var namePattern = regexp.MustCompile(`^[\pL_][\pL\pN_]*$`)

// values makes the template's form of data: a copy with nothing in it but nil,
// bool, string, int64, decimal, []any and map[string]any.
func values(template string, data map[string]any) (map[string]any, error) {
	object := make(map[string]any, len(data))
	for key, v := range data {
		var err error
		if object[key], err = value(v, 1); err == nil {
			continue
		}
		e := &Error{Template: template, Variable: key, Reason: err.Error()}
		if !namePattern.MatchString(key) {
			e.Variable, e.Reason = "", "one of the variables "+e.Reason
		}
		return nil, e
	}
	return object, nil
}

func value(v any, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errDepth
	}
	switch v := v.(type) {
	case nil, bool, int64:
		return v, nil
	case int:
		return int64(v), nil
	case string:
		return printing(v), nil
	case json.Number:
		return number(v)
	case []any:
		list := make([]any, len(v))
		for i, element := range v {
			var err error
			if list[i], err = value(element, depth+1); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		object := make(map[string]any, len(v))
		for key, element := range v {
			var err error
			if object[key], err = value(element, depth+1); err != nil {
				return nil, err
			}
		}
		return object, nil
	default:
		return throughJSON(v, depth)
	}
}

// printing is a text without what no mail has: broken UTF-8, and control
// characters but for white space.
func printing(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if !strings.ContainsFunc(s, silent) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if silent(r) {
			return -1
		}
		return r
	}, s)
}

func silent(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) }

// throughJSON takes any other Go value as it would arrive through the queue.
// Nothing that html/template trusts by its type, such as template.HTML, stays
// what it is.
func throughJSON(v any, depth int) (any, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("is a %T, which cannot be written as JSON", v)
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var decoded any
	if err := dec.Decode(&decoded); err != nil {
		return nil, errors.New("cannot be read back from JSON")
	}
	return value(decoded, depth)
}
