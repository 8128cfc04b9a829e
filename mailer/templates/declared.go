package templates

import (
	"encoding/json"
	"iter"

	"github.com/postroom/postroom/internal/schema"
	"github.com/postroom/postroom/mailer/templates/matter"
)

// check holds data in the templates' form against what is declared, and fills in
// what need not be there.
func (m *mail) check(name string, data map[string]any) error {
	if m.data == nil {
		return nil
	}
	if !m.data.Fits(data) {
		asJSON, _ := inJSON(data).(map[string]any)
		if faults := m.data.Check(asJSON); len(faults) > 0 {
			return told(name, faults)
		}
	}
	m.data.Complete(data)
	return nil
}

// told is an error of the first fault, with some of the others.
func told(name string, faults []schema.Fault) *Error {
	const most = 5
	e := &Error{Template: name, Variable: faults[0].Path, Err: undeclared(faults)}
	for i, fault := range faults[:min(len(faults), most)] {
		if i > 0 {
			e.Reason += "; " + fault.Path + " "
		} else if fault.Path == "" {
			e.Reason = "the data "
		}
		e.Reason += fault.Reason
	}
	return e
}

// undeclared is all that is wrong with data that is not what a template declares,
// for who names fields in another way.
type undeclared []schema.Fault

func (undeclared) Error() string { return "the data is not what the template declares" }

// DataFaults are where, such as "items[2].price", empty for all of it; and what.
func (u undeclared) DataFaults() iter.Seq2[string, string] {
	return func(yield func(path, reason string) bool) {
		for _, fault := range u {
			if !yield(fault.Path, fault.Reason) {
				return
			}
		}
	}
}

// inJSON is a value of the templates' form as encoding/json would have decoded it.
func inJSON(v any) any {
	switch v := v.(type) {
	case decimal:
		return json.Number(v)
	case []any:
		list := make([]any, len(v))
		for i, element := range v {
			list[i] = inJSON(element)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for key, element := range v {
			object[key] = inJSON(element)
		}
		return object
	default:
		return v
	}
}

// declared takes over what a default declares.
func declared(d *matter.Data) (*matter.Data, error) {
	if d == nil {
		return nil, nil //nolint:nilnil // Nothing is declared.
	}
	err := d.Defaults(func(v any) (any, error) { return value(v, 1) })
	return d, err
}
