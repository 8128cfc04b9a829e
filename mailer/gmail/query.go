package gmail

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/postroom/postroom/mailer"
)

const (
	// markHeader carries mailer.IDHash of a mail's ID.
	markHeader = "X-Postroom-ID"

	// margin is by how much the clocks of Google, Redis and a worker may differ,
	// and how long before it leaves a mail may have been composed: nobody says
	// whether Gmail searches by its own time or by the Date in the header.
	margin = 10 * time.Minute
)

// listURL asks for a page of the mail that may be the one (users.messages.list).
// Mail in the bin counts: somebody may have put it there.
func (s *Sender) listURL(sought mailer.Sought, page string) string {
	values := url.Values{
		"alt": {"json"}, "prettyPrint": {"false"}, "fields": {"messages(id,threadId),nextPageToken"},
		"labelIds": {"SENT"}, "includeSpamTrash": {"true"}, "maxResults": {strconv.Itoa(maxCandidates)}, "q": {query(sought)},
	}
	if page != "" {
		values.Set("pageToken", page)
	}
	return s.messagesURL + "?" + values.Encode()
}

// getURL asks for one field of a message's header (users.messages.get).
func (s *Sender) getURL(id string) string {
	values := url.Values{
		"alt": {"json"}, "prettyPrint": {"false"}, "fields": {"payload/headers"},
		"format": {"metadata"}, "metadataHeaders": {markHeader},
	}
	return s.messagesURL + "/" + url.PathEscape(id) + "?" + values.Encode()
}

// query is a search as Gmail's box takes it. Times are seconds since 1970: dates
// are read in Pacific time.
func query(sought mailer.Sought) string {
	terms := []string{"in:sent", "after:" + strconv.FormatInt(sought.Since.Add(-margin).Unix(), 10)}
	if !sought.Until.IsZero() {
		terms = append(terms, "before:"+strconv.FormatInt(sought.Until.Add(margin).Unix(), 10))
	}
	if address := searchable(sought.Recipients); address != "" {
		terms = append(terms, "{to:"+address+" cc:"+address+" bcc:"+address+"}")
	}
	return strings.Join(terms, " ")
}

// searchable is the first recipient whose address means nothing else in a
// search, empty where there is none. One is enough, since the mail has them all;
// more would find no less by mistake, and a mail that the search misses would
// count as absent.
func searchable(recipients []string) string {
	for _, address := range recipients {
		if strings.Count(address, "@") == 1 && !strings.ContainsFunc(address, isSpecial) && !strings.HasPrefix(address, "-") {
			return address
		}
	}
	return ""
}

// isSpecial reports what a search may read as anything but a part of an address.
func isSpecial(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return false
	default:
		return !strings.ContainsRune("@.-_+", r)
	}
}
