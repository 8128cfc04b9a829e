package images

import (
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/postroom/postroom/mailer/templates/actions"
)

// elsewhere begins an address that leads out of the directory.
var elsewhere = regexp.MustCompile(`^(?:[A-Za-z][A-Za-z0-9+.-]*:|[/#?]|$)`)

// local is the file that an address names. ok is false for one that leads
// elsewhere, or wherever the data says.
func (s *Store) local(address, folder string) (file string, ok bool, reason string) {
	address = strings.TrimSpace(address)
	pieces := tokenPattern.Split(address, -1)
	switch {
	case elsewhere.MatchString(address):
		return "", false, ""
	case len(pieces) > 1 && (pieces[0] != "" || s.chooses(pieces, folder)):
		return "", true, "has an action within its path, and images are read with the templates: " +
			"write each <img> out, with if between them, or give the address of a web server"
	case len(pieces) > 1:
		return "", false, ""
	}
	return s.path(address, folder)
}

var tokenPattern = regexp.MustCompile(actions.TokenPattern)

// chooses reports whether actions choose between images, as in
// {{if .vip}}gold.png{{else}}silver.png{{end}}: one that begins with a value and
// ends in a path is elsewhere.
func (s *Store) chooses(pieces []string, folder string) bool {
	if pieces[len(pieces)-1] != "" {
		return false
	}
	return slices.ContainsFunc(pieces, func(piece string) bool {
		if piece == "" || elsewhere.MatchString(piece) {
			return false
		}
		file, _, reason := s.path(piece, folder)
		return reason == "" && s.has(file)
	})
}

// path is the file of an address that names one.
func (s *Store) path(address, folder string) (file string, ok bool, reason string) {
	if plain, err := url.PathUnescape(address); err == nil {
		address = plain
	}
	beside, top := path.Join(folder, address), path.Clean(address)
	switch {
	case fs.ValidPath(beside) && (!fs.ValidPath(top) || s.has(beside)):
		return beside, true, ""
	case fs.ValidPath(top):
		return top, true, ""
	default:
		return "", true, "lies outside of the template directory"
	}
}
