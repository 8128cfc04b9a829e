package schema

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Schema is what data has to be like. It is safe for concurrent use.
type Schema struct{ compiled *jsonschema.Schema }

// place is a schema's own name; nobody sees it.
const place = "data"

// Compile reads a JSON Schema (draft 2020-12 where it names no other). It may
// refer to parts of itself, and to nothing else.
func Compile(text []byte) (*Schema, error) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("read schema: %w", err)
	}
	c := jsonschema.NewCompiler()
	c.UseLoader(nothingElse{})
	c.AssertFormat()
	if err := c.AddResource(place, document); err != nil {
		return nil, fmt.Errorf("read schema: %w", err)
	}
	compiled, err := c.Compile(place)
	if err != nil {
		return nil, fmt.Errorf("read schema: %w", err)
	}
	return &Schema{compiled}, nil
}

// nothingElse loads no further schemas: neither files nor addresses.
type nothingElse struct{}

var errElsewhere = errors.New("it refers to another schema: a template's has to be whole")

func (nothingElse) Load(string) (any, error) { return nil, errElsewhere }

// Check returns what is wrong with data, sorted by place. Values that are not
// JSON's are taken as encoding/json writes them.
func (s *Schema) Check(data map[string]any) []Fault {
	instance, err := plain(data)
	if err != nil {
		return []Fault{*err}
	}
	broken, ok := errors.AsType[*jsonschema.ValidationError](s.compiled.Validate(instance))
	if !ok {
		return nil
	}
	return faults(broken)
}
