package templates

import (
	"encoding/json"
	"maps"
	"slices"
)

// Info is what there is to know of a template.
type Info struct {
	Name string
	// Locales are those that it has, sorted, in lower case: of its files, and the
	// default's where its front matter says it.
	Locales []string
	// Schema is a JSON Schema of its data, and Example data that fits it; nil
	// where it declares nothing.
	Schema  json.RawMessage
	Example map[string]any
	// OneClick reports whether it gives an https URL by which a reader unsubscribes,
	// in each of its locales.
	OneClick bool
}

// Info tells of the template of that name, and false where there is none. What it
// returns is to be read only.
func (s *Set) Info(name string) (Info, bool) {
	one := s.templates[name]
	if one == nil {
		return Info{}, false
	}
	locales := slices.Sorted(maps.Keys(one.variants))
	info := Info{Name: name, Locales: locales[1:], OneClick: true} // The default's is the empty one.
	for _, v := range one.variants {
		info.OneClick = info.OneClick && v.unsubscribe.oneClick
	}
	if one.data != nil {
		info.Schema, info.Example = one.data.Schema, one.data.Example
	}
	return info, true
}
