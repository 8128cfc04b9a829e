package templates

import (
	"maps"
	"text/template"
)

// functions are what a part may call beside the built-in functions of
// text/template, some of which they replace.
func (p *part) functions() template.FuncMap {
	all := template.FuncMap{
		guardPrint: printable,
		guardHTML:  printableHTML,
		guardRange: rangeable,
		guardPairs: rangeableInPairs,
		guardSafe:  safe,
		nothing:    func() any { return nil },
		condition:  p.comments.at,
		"printf":   printf,
		"eq":       equal,
		"ne":       func(a, b any) (bool, error) { return not(same(a, b)) },
		"lt":       func(a, b any) (bool, error) { c, err := order(a, b); return c < 0, err },
		"le":       func(a, b any) (bool, error) { c, err := order(a, b); return c <= 0, err },
		"gt":       func(a, b any) (bool, error) { c, err := order(a, b); return c > 0, err },
		"ge":       func(a, b any) (bool, error) { c, err := order(a, b); return c >= 0, err },
		"dict":     dict,
		"list":     func(elements ...any) []any { return elements },
		"lang":     func() string { return p.language.String() },
		"dir":      func() string { return direction(p.language) },
	}
	maps.Copy(all, p.formatters())
	return all
}

// dict makes an object of names and values, for a call that passes more than one.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, refuse("takes names and values in turn, as in dict \"text\" \"Pay\" \"url\" .url")
	}
	object := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, refuse("takes a name before each value; the %d. argument is %s", i+1, kind(pairs[i]))
		}
		object[name] = pairs[i+1]
	}
	return object, nil
}
