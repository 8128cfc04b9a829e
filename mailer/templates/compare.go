package templates

import "cmp"

// equal reports whether a is the same as any of the others.
func equal(a any, others ...any) (bool, error) {
	if len(others) == 0 {
		return false, refuse("takes two values or more")
	}
	for _, b := range others {
		if is, err := same(a, b); is || err != nil {
			return is, err
		}
	}
	return false, nil
}

func not(is bool, err error) (bool, error) { return !is, err }

// same compares two values of one kind. Null is the same as null alone.
func same(a, b any) (bool, error) {
	if a == nil || b == nil {
		return a == nil && b == nil, nil
	}
	if x, ok := a.(bool); ok {
		if y, ok := b.(bool); ok {
			return x == y, nil
		}
	}
	c, err := order(a, b)
	return c == 0, err
}

// order compares two numbers or two strings. JSON has one kind of number, and
// so have templates: 2 is 2.0.
func order(a, b any) (int, error) {
	switch x := a.(type) {
	case string:
		if y, ok := b.(string); ok {
			return cmp.Compare(x, y), nil
		}
	case int, int64, float64, decimal:
		i, f, isWhole := split(x)
		switch y := b.(type) {
		case int, int64, float64, decimal:
			j, g, bothWhole := split(y)
			if isWhole && bothWhole {
				return cmp.Compare(i, j), nil
			}
			return cmp.Compare(f, g), nil
		}
	}
	return 0, refuse("cannot compare %s with %s", kind(a), kind(b))
}

// split is a number as int64, if it is whole, and as float64.
func split(n any) (i int64, f float64, isWhole bool) {
	switch n := n.(type) {
	case int:
		return int64(n), float64(n), true
	case int64:
		return n, float64(n), true
	case float64:
		return 0, n, false
	case decimal:
		return 0, n.float(), false
	default:
		return 0, 0, false
	}
}

// kind is what JSON calls the type of a value.
func kind(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case string:
		return "a string"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	default:
		return "a number"
	}
}
