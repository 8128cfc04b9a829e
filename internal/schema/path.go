package schema

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// path is where a value stands in the data: names, and numbers in lists.
type path []string

func (p path) to(step string) path { return append(slices.Clone(p), step) }

// namePattern is what may be quoted of the data's names: what a template could
// write behind a dot. Another, such as an address, may be about a person.
var namePattern = regexp.MustCompile(`^[\pL_][\pL\pN_]*$`)

// String is the path as a template's author writes it, "items[2].price". It ends
// where a name may not be quoted.
func (p path) String() string {
	var b strings.Builder
	for _, step := range p {
		switch _, err := strconv.Atoi(step); {
		case err == nil:
			b.WriteString("[" + step + "]")
		case !namePattern.MatchString(step):
			return b.String()
		default:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(step)
		}
	}
	return b.String()
}
