package tasks

import (
	"strings"

	"github.com/postroom/postroom/tasks/directory"
)

// noOneClick is what Google's guidelines for bulk senders ask, of marketing and
// of what people subscribed to.
const noOneClick = "unsubscribe: bulk mail without an https URL by which its reader unsubscribes with one click (RFC 8058): " +
	"Gmail asks for one from 5,000 mails a day on, and readers who find none report spam"

// warnings are what is right to accept, and worth knowing.
func (e *Email) warnings(l Lane, dir directory.Directory) []string {
	if l != Bulk || e.oneClick(dir) {
		return nil
	}
	return []string{noOneClick}
}

// oneClick reports whether the mail has such a URL, of its own or of its template,
// as far as is known of that.
func (e *Email) oneClick(dir directory.Directory) bool {
	if e.Unsubscribe != nil {
		return strings.HasPrefix(strings.ToLower(e.Unsubscribe.URL), "https:")
	}
	versions := dir.Template(e.Template)
	return e.Template != "" && (len(versions) == 0 || versions[0].OneClick)
}
