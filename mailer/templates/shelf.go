package templates

import (
	"maps"
	"slices"
)

// shelf holds the files of a set by role, name, locale and ending.
type shelf [roles]map[string]map[string]map[ending]*file

// put reports whether the place was free. A file that could not be read takes its
// place as nil, since it is not missing.
func (s *shelf) put(at source, f *file) bool {
	if s[at.role] == nil {
		s[at.role] = map[string]map[string]map[ending]*file{}
	}
	locales := s[at.role][at.name]
	if locales == nil {
		locales = map[string]map[ending]*file{}
		s[at.role][at.name] = locales
	}
	if locales[at.locale] == nil {
		locales[at.locale] = map[ending]*file{}
	}
	if _, taken := locales[at.locale][at.ending]; taken {
		return false
	}
	locales[at.locale][at.ending] = f
	return true
}

// find is the first file of these endings in the locale, or in a broader one.
func (s *shelf) find(r role, name, locale string, of ...ending) *file {
	for {
		for _, e := range of {
			if f := s[r][name][locale][e]; f != nil {
				return f
			}
		}
		if locale == "" {
			return nil
		}
		locale = broader(locale)
	}
}

// names are those of a role, sorted.
func (s *shelf) names(r role) []string { return slices.Sorted(maps.Keys(s[r])) }
