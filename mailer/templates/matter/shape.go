package matter

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// shape is one value of the data.
type shape struct {
	schema     map[string]any
	of         string // Its type.
	more       bool   // The schema says more than type and structure.
	example    any
	said       ast.Node // What gave the example; nil where it is made up.
	key        ast.Node // Its name, of an object's property.
	exemplary  bool     // An example did, and not a default.
	byDefault  any
	optional   bool
	properties map[string]*shape // Of an object.
	items      *shape            // Of an array.
	size       int               // How many values an example has that is made up.
}

// maxExample is the most of these: lists within lists double them again and again.
const maxExample = 10_000

// types are those of JSON that a variable may have, with an example of each.
var types = map[string]any{
	"string": "", "number": 19.5, "integer": 2, "boolean": true, "array": []any{}, "object": map[string]any{},
}

// formats are those of JSON Schema that a mail's data may well have, with an example
// of each.
var formats = map[string]string{
	"date": "2026-11-22", "date-time": "2026-11-22T15:04:05Z", "time": "15:04:05Z", "email": "ada@example.org",
	"uri": "https://example.com/", "uuid": "018f5e2a-7c3b-7d4e-8f60-5a1b2c3d4e5f", "hostname": "example.com",
}

func typeNames() string { return strings.Join(slices.Sorted(maps.Keys(types)), ", ") }

// declared reads the declaration of one value.
func declared(n ast.Node, name string) (*shape, error) {
	switch n := n.(type) {
	case *ast.StringNode:
		return simple(n, name, n.Value)
	case *ast.SequenceNode:
		if len(n.Values) != 1 {
			return nil, at(n, "%s: a list declares its elements by one declaration, not %d", name, len(n.Values))
		}
		return array(n.Values[0], name)
	case *ast.MappingNode, *ast.MappingValueNode:
		return structured(n, name)
	default:
		return nil, at(n, `%s: must be a type (%s), as in "%s: string", or an object with one`, name, typeNames(), name)
	}
}

func simple(n ast.Node, name, of string) (*shape, error) {
	example, ok := types[of]
	if !ok {
		return nil, at(n, "%s: %q is no type: there are %s", name, of, typeNames())
	}
	if of == "string" {
		example = name
	}
	return &shape{of: of, schema: map[string]any{"type": of}, example: example, size: 1}, nil
}

func array(of ast.Node, name string) (*shape, error) {
	items, err := declared(of, name)
	if err != nil {
		return nil, err
	}
	if 2*items.size > maxExample {
		return nil, at(of, "%s: has too many lists within one another", name)
	}
	return &shape{
		of: "array", schema: map[string]any{"type": "array", "items": items.schema}, example: []any{items.example, items.example}, items: items,
		size: 2 * items.size,
	}, nil
}

// namePattern is what a template can write behind a dot.
var namePattern = regexp.MustCompile(`^[\pL_][\pL\pN_]*$`)

// object reads the declarations of an object's fields.
func object(n ast.Node, name string) (*shape, error) {
	all, err := fields(n, name)
	if err != nil {
		return nil, err
	}
	o := &shape{of: "object", properties: map[string]*shape{}, size: 1}
	properties, required, example := map[string]any{}, []string{}, map[string]any{}
	for _, f := range all {
		name, optional := strings.CutSuffix(f.name, "?")
		if !namePattern.MatchString(name) {
			return nil, at(f.key, "%q is not what a template can write behind a dot: letters, digits and _", f.name)
		}
		if o.properties[name] != nil {
			return nil, at(f.key, "%s is declared twice", name)
		}
		value, err := declared(f.value, name)
		if err != nil {
			return nil, err
		}
		value.optional, value.key = value.optional || optional, f.key
		if value.optional {
			value.schema = orNull(value.schema)
		} else {
			required = append(required, name)
		}
		o.properties[name], properties[name], example[name] = value, value.schema, value.example
		o.size += value.size
	}
	o.schema = map[string]any{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
	o.example = example
	return o, nil
}

// orNull allows null for what need not be there.
func orNull(of map[string]any) map[string]any {
	either := maps.Clone(of)
	either["type"] = []any{of["type"], "null"}
	if values, ok := of["enum"].([]any); ok {
		either["enum"] = append(slices.Clone(values), nil)
	}
	return either
}

// structured reads an object of JSON Schema, or of fields.
func structured(n ast.Node, name string) (*shape, error) {
	all, err := fields(n, name)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(f field) bool {
		of, ok := f.value.(*ast.StringNode)
		return ok && f.name == "type" && types[of.Value] != nil
	})
	if i < 0 {
		return object(n, name)
	}
	s, err := simple(all[i].value, name, all[i].value.GetToken().Value)
	for _, f := range all {
		if err != nil {
			return nil, err
		}
		err = s.keyword(f, name)
	}
	if format, ok := s.schema["format"].(string); ok && s.said == nil && formats[format] != "" {
		s.example = formats[format]
	}
	return s, err
}

// keyword reads one keyword of a declaration by JSON Schema.
func (s *shape) keyword(f field, name string) error {
	var inner *shape
	var err error
	switch f.name {
	case "type":
		return nil
	case "properties":
		if inner, err = object(f.value, name); err != nil {
			return err
		}
		maps.Copy(s.schema, inner.schema)
		s.of, s.properties, s.size = inner.of, inner.properties, inner.size
		s.madeUp(inner.example)
		return nil
	case "items":
		if inner, err = array(f.value, name); err != nil {
			return err
		}
		maps.Copy(s.schema, inner.schema)
		s.of, s.items, s.size = inner.of, inner.items, inner.size
		s.madeUp(inner.example)
		return nil
	}
	var value any
	if err := yaml.NodeToValue(f.value, &value); err != nil {
		return at(f.value, "%s: %s cannot be read", name, f.name)
	}
	switch f.name {
	case "example":
		s.example, s.exemplary, s.said = value, true, f.value
	case "default":
		s.byDefault, s.optional = value, true
		s.schema["default"] = value
		if !s.exemplary {
			s.example, s.said = value, f.value
		}
	default:
		s.schema[f.name], s.more = value, true
	}
	return nil
}

// madeUp is an example of what a value has within it, for where none is said.
func (s *shape) madeUp(example any) {
	if s.said == nil {
		s.example = example
	}
}
