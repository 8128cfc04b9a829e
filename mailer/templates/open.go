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
			set := *Builtin()
			set.instead = true
			return &set, nil
		}
		return named(set, DefaultDir, err)
	}
	set, err := LoadDir(dir)
	return named(set, dir, err)
}

func named(set *Set, dir string, err error) (*Set, error) {
	switch {
	case err == nil:
	case dir == DefaultDir: // Nobody need have named it.
		return nil, fmt.Errorf("./%s: %w", dir, err)
	default:
		return nil, fmt.Errorf("POSTROOM_TEMPLATES (--templates) %q: %w", dir, err)
	}
	return set, nil
}
