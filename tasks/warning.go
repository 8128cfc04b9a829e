package tasks

import "strings"

// noOneClick is what Google's guidelines for bulk senders ask, of marketing and
// of what people subscribed to.
const noOneClick = "unsubscribe: bulk mail without an https URL by which its reader unsubscribes with one click (RFC 8058): " +
	"Gmail asks for one from 5,000 mails a day on, and readers who find none report spam"

// warnings are what is right to accept, and worth knowing.
func (e *Email) warnings(l Lane) []string {
	if l != Bulk || e.Unsubscribe != nil && strings.HasPrefix(strings.ToLower(e.Unsubscribe.URL), "https:") {
		return nil
	}
	return []string{noOneClick}
}
