package matter

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// unsubscribe reads a URL or a mailto URL, or an object of both.
func unsubscribe(f field) (u Unsubscribe, err error) {
	if _, ok := f.value.(ast.MapNode); ok {
		return ways(f)
	}
	v, err := whole(f)
	if strings.HasPrefix(strings.ToLower(v.Text), "mailto:") {
		u.Mailto = v
	} else {
		u.URL = v
	}
	return u, err
}

func ways(of field) (u Unsubscribe, err error) {
	all, err := fields(of.value, of.name)
	for _, f := range all {
		if err != nil {
			return u, err
		}
		switch f.name {
		case "url":
			u.URL, err = whole(f)
		case "mailto":
			u.Mailto, err = whole(f)
		default:
			err = at(f.key, "unsubscribe: %q is not known: there are mailto and url", f.name)
		}
	}
	return u, err
}
