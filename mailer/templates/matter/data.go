package matter

import (
	"encoding/json"
	"fmt"

	"github.com/goccy/go-yaml/ast"

	"github.com/postroom/postroom/internal/schema"
)

// Data is what a template declares of its variables.
type Data struct {
	// Schema is a JSON Schema of the data.
	Schema json.RawMessage
	// Example is data that fits it.
	Example map[string]any
	root    *shape
	check   *schema.Schema
}

// Check returns what is wrong with data.
func (d *Data) Check(data map[string]any) []schema.Fault { return d.check.Check(data) }

// Complete puts the defaults into data that Check has nothing against, and nil
// for what need not be there. It changes data, and shares the defaults with it.
func (d *Data) Complete(data map[string]any) { d.root.complete(data) }

// Defaults has each default replaced by what convert makes of it.
func (d *Data) Defaults(convert func(any) (any, error)) error { return d.root.defaults(convert) }

// declaration reads what stands under data.
func declaration(n ast.Node) (*Data, error) {
	root, err := object(n, "data")
	if err != nil {
		return nil, err
	}
	d := &Data{root: root}
	if d.Schema, d.Example, err = rooted(root); err == nil {
		d.check, err = schema.Compile(d.Schema)
	}
	if err != nil {
		return nil, at(n, "data: %v", err)
	}
	for _, fault := range d.Check(d.Example) {
		return nil, at(root.exampleOf(fault.Path, n), "data: the example of %s %s", fault.Path, fault.Reason)
	}
	return d, nil
}

// rooted are schema and example as they would come through the queue.
func rooted(root *shape) (text json.RawMessage, example map[string]any, err error) {
	if text, err = json.Marshal(root.schema); err != nil {
		return nil, nil, fmt.Errorf("write schema: %w", err)
	}
	b, err := json.Marshal(root.example)
	if err == nil {
		err = json.Unmarshal(b, &example)
	}
	return text, example, err
}
