package matter

// complete fills in an object, and what is within it.
func (s *shape) complete(data any) {
	switch data := data.(type) {
	case map[string]any:
		for name, property := range s.properties {
			if data[name] == nil {
				data[name] = property.byDefault
			} else {
				property.complete(data[name])
			}
		}
	case []any:
		for _, element := range data {
			if s.items != nil {
				s.items.complete(element)
			}
		}
	}
}

func (s *shape) defaults(convert func(any) (any, error)) (err error) {
	if s == nil {
		return nil
	}
	if s.byDefault, err = convert(s.byDefault); err != nil {
		return err
	}
	for _, property := range s.properties {
		if err := property.defaults(convert); err != nil {
			return err
		}
	}
	return s.items.defaults(convert)
}
