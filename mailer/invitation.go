package mailer

import (
	"bytes"
	"mime"
	"strings"
	"unicode/utf8"
)

// method is the METHOD of an invitation or of what follows one (RFC 5546: a
// REQUEST, a CANCEL, a REPLY); empty for any other file.
func (a *Attachment) method() string {
	t, params, err := mime.ParseMediaType(a.Type)
	if err != nil || t != "text/calendar" || a.ContentID != "" {
		return ""
	}
	return params["method"]
}

// invitation is the one file that calendars are to act on, nil where there is
// none. Gmail and Outlook offer Yes and No for a calendar that is an
// alternative of the bodies, with its method (RFC 6047 section 2.4), and not
// for one that is attached; who has no calendar needs the file. So it is both,
// as in what Google Calendar sends.
func (d *Draft) invitation() *Attachment {
	for i := range d.Attachments {
		if d.Attachments[i].method() != "" {
			return &d.Attachments[i]
		}
	}
	return nil
}

// invitationType is that of the alternative. RFC 6047 has the method agree with
// the calendar's own.
func invitationType(method string) string {
	return mime.FormatMediaType("text/calendar", map[string]string{"method": method})
}

// invitationFile is the type of the same file as an attachment. As text/calendar
// Outlook would show it as a second, broken invitation.
const invitationFile = "application/ics"

// invitationFault says why a calendar can't go out with a method.
func invitationFault(content []byte, method string) string {
	if !utf8.Valid(content) || bytes.IndexByte(content, 0) >= 0 {
		return "is a calendar that is not UTF-8, or holds a NUL character"
	}
	found := ""
	for line := range strings.Lines(string(content)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		if strings.EqualFold(name, "METHOD") {
			found = value
			break
		}
	}
	if !strings.EqualFold(found, method) {
		return "has another method than the calendar's own METHOD, or that has none: calendars ignore it (RFC 6047 section 2.4)"
	}
	return ""
}
