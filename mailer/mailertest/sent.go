package mailertest

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// sentRules say how mail stands in Sent.
type sentRules struct {
	delay time.Duration
	dropX bool
	page  int // Messages a page at most; 0 for as many as are asked for.
}

const (
	labelSent = "SENT"

	defaultPage = 100
	largestPage = 500
)

// sent is a mail as it stands in the Sent mail of its account.
type sent struct {
	AcceptedMail

	header textproto.MIMEHeader // With Bcc.
}

// sentOf returns an account's Sent mail, newest first.
func (f *Fake) sentOf(a *account) []AcceptedMail {
	f.log.mu.Lock()
	all := f.log.mails // It only grows, behind this end.
	f.log.mu.Unlock()
	var mails []AcceptedMail
	latest := f.now().Add(-f.sentRules.delay)
	for _, m := range slices.Backward(all) {
		if m.Account == a.Address && !m.At.After(latest) {
			mails = append(mails, m)
		}
	}
	return mails
}

// copyInSent is what Gmail keeps of a mail.
func (f *Fake) copyInSent(m AcceptedMail) sent {
	header := textproto.MIMEHeader(maps.Clone(m.Header))
	handedIn, _ := parse(m.Raw) // It was accepted.
	if bcc := handedIn.header.Values("Bcc"); len(bcc) > 0 {
		header["Bcc"] = bcc
	}
	if f.sentRules.dropX {
		maps.DeleteFunc(header, func(name string, _ []string) bool { return strings.HasPrefix(name, "X-") })
	}
	return sent{m, header}
}

// listed is the answer of users.messages.list.
type listed struct {
	Messages []listedMessage `json:"messages,omitempty"`
	Next     string          `json:"nextPageToken,omitempty"`
	Estimate int             `json:"resultSizeEstimate"`
}

type listedMessage struct {
	ID       string `json:"id"`
	ThreadID string `json:"threadId"`
}

// list searches, newest first. A page's token is the ID that it ended with.
func (f *Fake) list(g grant, values url.Values) Fault {
	if values.Has("q") && g.holds(scopeMetadata) {
		// Also where another scope was granted beside it (issuetracker.google.com/115621456).
		return forbidden("Metadata scope does not support 'q' parameter")
	}
	matches, err := parseQuery(values.Get("q"))
	if err != nil {
		return InvalidArgument("mailertest: " + err.Error())
	}
	most, err := f.pageSize(values.Get("maxResults"))
	if err != nil {
		return InvalidArgument("Invalid value at 'max_results' (TYPE_UINT32), " + quote(values.Get("maxResults")))
	}
	token := values.Get("pageToken")
	if _, err := strconv.ParseUint(token, 16, 64); token != "" && err != nil {
		return InvalidArgument("Invalid pageToken")
	}
	var answer listed
	for _, m := range f.sentOf(g.account) {
		if slices.ContainsFunc(values["labelIds"], func(l string) bool { return l != labelSent }) || !matches(f.copyInSent(m)) {
			continue
		}
		answer.Estimate++
		switch {
		case token != "" && m.ID >= token: // On a page before this one.
		case len(answer.Messages) < most:
			answer.Messages = append(answer.Messages, listedMessage{m.ID, m.ThreadID})
		default:
			answer.Next = answer.Messages[most-1].ID
		}
	}
	return asJSON(answer)
}

// pageSize is how many messages stand on a page.
func (f *Fake) pageSize(asked string) (int, error) {
	n := uint64(defaultPage)
	if asked != "" {
		var err error
		if n, err = strconv.ParseUint(asked, 10, 32); err != nil {
			return 0, err
		}
	}
	n = min(max(n, 1), largestPage)
	if f.sentRules.page > 0 {
		n = min(n, uint64(f.sentRules.page))
	}
	return int(n), nil
}

// gotten is the answer of users.messages.get.
type gotten struct {
	ID           string   `json:"id"`
	ThreadID     string   `json:"threadId"`
	LabelIDs     []string `json:"labelIds"`
	InternalDate int64    `json:"internalDate,string"`
	SizeEstimate int      `json:"sizeEstimate"`
	Payload      *payload `json:"payload,omitempty"`
}

type payload struct {
	Headers []headerField `json:"headers,omitempty"`
}

type headerField struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// get is one message, in the formats that need no body.
func (f *Fake) get(g grant, id string, values url.Values) Fault {
	format := strings.ToLower(values.Get("format"))
	switch {
	case format == "minimal", format == "metadata":
	case g.holds(scopeMetadata):
		return forbidden("Metadata scope doesn't allow format " + strings.ToUpper(format))
	default:
		return Answer(http.StatusNotImplemented, "text/plain", "mailertest: messages.get has the formats minimal and metadata alone")
	}
	mails := f.sentOf(g.account)
	at := slices.IndexFunc(mails, func(m AcceptedMail) bool { return m.ID == id })
	if at < 0 {
		return failure(http.StatusNotFound, "NOT_FOUND", domainGlobal, "notFound", "Requested entity was not found.")
	}
	m := f.copyInSent(mails[at])
	answer := gotten{
		ID: m.ID, ThreadID: m.ThreadID, LabelIDs: []string{labelSent}, InternalDate: m.At.UnixMilli(), SizeEstimate: len(m.Raw),
	}
	if format == "metadata" {
		answer.Payload = &payload{m.fields(values["metadataHeaders"])}
	}
	return asJSON(answer)
}

// fields are those of the header that are asked for, all where none are.
func (s *sent) fields(names []string) (fields []headerField) {
	for _, name := range slices.Sorted(maps.Keys(s.header)) {
		if len(names) > 0 && !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) }) {
			continue
		}
		for _, value := range s.header[name] {
			fields = append(fields, headerField{name, value})
		}
	}
	return fields
}

func asJSON(answer any) Fault {
	body, err := json.Marshal(answer)
	if err != nil { // Strings and numbers always marshal.
		body = nil
	}
	return Answer(http.StatusOK, jsonType, string(body))
}
