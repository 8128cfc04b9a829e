package matter

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// exampleOf is what gave the example of the value at a path such as "items[0].title":
// its own, or that of a value around it, else where the value is declared. For a path
// that leads nowhere it is otherwise.
func (s *shape) exampleOf(path string, otherwise ast.Node) ast.Node {
	place := otherwise
	for step := range strings.SplitSeq(strings.ReplaceAll(path, "[", ".["), ".") {
		if strings.HasPrefix(step, "[") {
			s = s.items
		} else {
			s = s.properties[step]
		}
		if s == nil {
			break
		}
		if s.said != nil {
			return s.said // What is within it is said by it too.
		}
		if s.key != nil {
			place = s.key
		}
	}
	return place
}
