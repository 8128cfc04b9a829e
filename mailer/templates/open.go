package templates

import (
	"errors"
	"fmt"
	"io/fs"
)

// DefaultDir is where templates are looked for when nobody says where.
const DefaultDir = "templates"

// Open returns the set that POSTROOM_TEMPLATES stands for: that of dir, or,
// where dir is empty, that of DefaultDir, or, where there is none, the built-in
// one.
func Open(dir string) (*Set, error) {
	if dir == "" {
		set, err := LoadDir(DefaultDir)
		if errors.Is(err, fs.ErrNotExist) {
			return Builtin(), nil
		}
		return named(set, DefaultDir, err)
	}
	set, err := LoadDir(dir)
	return named(set, dir, err)
}

func named(set *Set, dir string, err error) (*Set, error) {
	if err != nil {
		return nil, fmt.Errorf("POSTROOM_TEMPLATES %q: %w", dir, err)
	}
	return set, nil
}
