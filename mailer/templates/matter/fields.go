package matter

import (
	"github.com/goccy/go-yaml/ast"
)

// field is one of an object of YAML.
type field struct {
	name       string
	key, value ast.Node
}

// fields are those of an object, in order. what names it in errors.
func fields(n ast.Node, what string) ([]field, error) {
	var list []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		list = n.Values
	case *ast.MappingValueNode:
		list = []*ast.MappingValueNode{n}
	default:
		return nil, at(n, `%s must have a name and a colon in each line, as in "subject: Hello"`, what)
	}
	all := make([]field, 0, len(list))
	for _, one := range list {
		key, ok := one.Key.(*ast.StringNode)
		if !ok {
			return nil, at(one, "%s is no name", one.Key)
		}
		all = append(all, field{key.Value, one.Key, one.Value})
	}
	return all, nil
}
