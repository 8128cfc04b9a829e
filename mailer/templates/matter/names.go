package matter

import (
	"maps"
	"slices"
)

// Names are the variables that are declared, "items[].title" among them, sorted.
// closed is false where some object may have others too.
func (d *Data) Names() (names []string, closed bool) { return d.root.names(nil, "") }

func (s *shape) names(names []string, at string) ([]string, bool) {
	closed := s.of != "object" && s.of != "array" || s.properties != nil && !s.more || s.items != nil
	for _, name := range slices.Sorted(maps.Keys(s.properties)) {
		full := name
		if at != "" {
			full = at + "." + name
		}
		var all bool
		names, all = s.properties[name].names(append(names, full), full)
		closed = closed && all
	}
	if s.items != nil {
		var all bool
		names, all = s.items.names(names, at+"[]")
		closed = closed && all
	}
	return names, closed
}
