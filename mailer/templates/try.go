package templates

import (
	"fmt"
	"maps"
	"slices"
)

// maxTried is the most renderings of one Try: it is done at each start.
const maxTried = 2000

// Failure is a template that is not rendered with its own example.
type Failure struct {
	// Template is its name, and Locale empty for the default.
	Template, Locale string
	// Err is what Render says.
	Err error
}

// String names template and locale, and where it fails.
func (f Failure) String() string {
	in := ""
	if f.Locale != "" {
		in = " in " + f.Locale
	}
	return fmt.Sprintf("%s%s: with its example, %v", f.Template, in, f.Err)
}

// Try renders each template that declares data in each of its locales with the
// example that it declares, and returns what fails, in order. That need not be an
// error: an example may be such as no data is. Of a very large set the first
// 2,000 are tried.
func (s *Set) Try() []Failure {
	var failed []Failure
	tried := 0
	for _, name := range s.Names() {
		one := s.templates[name]
		if one.data == nil {
			continue
		}
		for _, locale := range slices.Sorted(maps.Keys(one.variants)) {
			if tried == maxTried {
				return failed
			}
			tried++
			if _, err := s.Render(name, locale, one.data.Example); err != nil {
				failed = append(failed, Failure{name, locale, err})
			}
		}
	}
	return failed
}
