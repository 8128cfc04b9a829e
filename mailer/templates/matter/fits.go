package matter

// Fits reports whether data surely is what is declared: that is quick, where the
// schema says nothing but types. Of all other data Check has to say. Whole
// numbers are int64, and any others are of a type that Fits need not know.
func (d *Data) Fits(data map[string]any) bool { return d.root.fits(data) }

func (s *shape) fits(v any) bool {
	if s.more {
		return false
	}
	switch v := v.(type) {
	case nil:
		return false
	case string:
		return s.of == "string"
	case bool:
		return s.of == "boolean"
	case int64:
		return s.of == "integer" || s.of == "number"
	case []any:
		return s.of == "array" && s.fitList(v)
	case map[string]any:
		return s.of == "object" && s.fitObject(v)
	default:
		return s.of == "number"
	}
}

func (s *shape) fitList(list []any) bool {
	if s.items == nil {
		return len(list) == 0
	}
	for _, element := range list {
		if !s.items.fits(element) {
			return false
		}
	}
	return true
}

func (s *shape) fitObject(object map[string]any) bool {
	known := 0
	for name, property := range s.properties {
		v, ok := object[name]
		if ok {
			known++
		}
		if v == nil && !property.optional || v != nil && !property.fits(v) {
			return false
		}
	}
	return known == len(object)
}
