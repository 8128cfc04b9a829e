package images

import (
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/postroom/postroom/mailer/templates/actions"
)

// elsewhere begins an address that leads out of the directory.
var elsewhere = regexp.MustCompile(`^(?:[A-Za-z][A-Za-z0-9+.-]*:|[/#?]|$)`)

// local is the file that an address names. ok is false for one that leads
// elsewhere, or wherever the data says.
func (s *Store) local(address, folder string) (file string, ok bool, reason string) {
	address = strings.TrimSpace(address)
	first := -1
	for at := range actions.Tokens(address) {
		first = at
		break
	}
	switch {
	case elsewhere.MatchString(address), first == 0:
		return "", false, ""
	case first > 0:
		return "", true, "has an action within its path, and images are read with the templates: " +
			"write each out, with if between them, or give the address of a web server"
	}
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
