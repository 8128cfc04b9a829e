package mailer

import (
	"fmt"
	"mime"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxWord is the longest run without a space that a header may hold: with
	// the field's name it stays within the 998 bytes of RFC 5322 section 2.1.1.
	maxWord = 900
	// maxHeaderName keeps a field's name and its first word on one line.
	maxHeaderName = 76
	// maxFileName is what file systems take.
	maxFileName = 255
	// maxMediaType is far above any registered type with its parameters.
	maxMediaType = 255
)

// check finds the first thing in d that can't go out. What it lets pass,
// Compose can write without an error.
func check(d *Draft) error {
	if d.MailID == "" {
		return refuse("id", "is empty")
	}
	if y := d.Date.Year(); d.Date.IsZero() || y < 1900 || y > 9999 {
		return refuse("date", "is not set, or not between the years 1900 and 9999")
	}
	for _, part := range []func(*Draft) error{
		checkAddresses, checkContent, checkAttachments, checkInvitations, checkHeaders, checkUnsubscribe, checkThread,
	} {
		if err := part(d); err != nil {
			return err
		}
	}
	return nil
}

func checkAddresses(d *Draft) error {
	if why := addressFault(d.From); why != "" {
		return refuse("from", why)
	}
	if len(d.To)+len(d.Cc)+len(d.Bcc) == 0 {
		return refuse("to", "no recipient: to, cc and bcc are all empty")
	}
	for _, list := range []struct {
		field     string
		addresses []Address
	}{
		{"reply_to", d.ReplyTo},
		{"to", d.To},
		{"cc", d.Cc},
		{"bcc", d.Bcc},
		{"meant.to", d.Meant.To},
		{"meant.cc", d.Meant.Cc},
		{"meant.bcc", d.Meant.Bcc},
	} {
		for i, a := range list.addresses {
			if why := addressFault(a); why != "" {
				return refuse(fmt.Sprintf("%s[%d]", list.field, i), why)
			}
		}
	}
	return nil
}

func checkContent(d *Draft) error {
	if why := textFault(d.Subject); why != "" {
		return refuse("subject", why)
	}
	if why := bodyFault(d.Text); why != "" {
		return refuse("text", why)
	}
	if why := bodyFault(d.HTML); why != "" {
		return refuse("html", why)
	}
	return nil
}

func checkAttachments(d *Draft) error {
	ids := make(map[string]bool)
	for _, list := range []struct {
		name  string
		files []Attachment
		fault func(Attachment) (field, why string)
	}{{"images", d.Images, imageFault}, {"attachments", d.Attachments, fileFault}} {
		for i, a := range list.files {
			field, why := list.fault(a)
			if why == "" && ids[a.ContentID] {
				field, why = "cid", "is that of another attachment too"
			}
			if why != "" {
				return refuse(fmt.Sprintf("%s[%d].%s", list.name, i, field), why)
			}
			ids[a.ContentID] = a.ContentID != ""
		}
	}
	return nil
}

// imageFault says why a file can't be an image that the HTML shows.
func imageFault(a Attachment) (field, why string) {
	switch {
	case a.ContentID == "":
		return "cid", "is empty: the HTML shows an image by it"
	case !strings.HasPrefix(a.Type, "image/"):
		return "type", "is no image's"
	default:
		return fileFault(a)
	}
}

func fileFault(a Attachment) (field, why string) {
	if why := fileNameFault(a.Name); why != "" {
		return "name", why
	}
	if why := mediaTypeFault(a.Type); why != "" {
		return "type", why
	}
	if a.ContentID != "" {
		return "cid", wordFault(a.ContentID)
	}
	return "", ""
}

// checkInvitations lets one file be an invitation, and that one be of use.
func checkInvitations(d *Draft) error {
	invited := false
	for i, a := range d.Attachments {
		method := a.method()
		if method == "" {
			continue
		}
		why := invitationFault(a.Content, method)
		if invited {
			why = "makes a second invitation, and a mail has one: give this file application/ics"
		}
		if why != "" {
			return refuse(fmt.Sprintf("attachments[%d].type", i), why)
		}
		invited = true
	}
	return nil
}

func checkHeaders(d *Draft) error {
	for i, h := range d.Headers {
		if why := headerNameFault(h.Name); why != "" {
			return refuse(fmt.Sprintf("headers[%d].name", i), why)
		}
		why := textFault(h.Value)
		if why == "" && isListID(h.Name) {
			why = listIDFault(h.Value)
		}
		if why != "" {
			return refuse(fmt.Sprintf("headers[%d].value", i), why)
		}
	}
	return nil
}

func checkUnsubscribe(d *Draft) error {
	if s := d.Unsubscribe.URL; s != "" {
		if why := wordFault(s); why != "" {
			return refuse("unsubscribe.url", why)
		}
		if u, err := url.Parse(s); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return refuse("unsubscribe.url", "is no https or http URL")
		}
	}
	if s := d.Unsubscribe.Mailto; s != "" {
		if why := wordFault(s); why != "" {
			return refuse("unsubscribe.mailto", why)
		}
		u, err := url.Parse(mailto(s))
		if err != nil || !strings.Contains(u.Opaque, "@") {
			return refuse("unsubscribe.mailto", "is no address and no mailto URL")
		}
	}
	return nil
}

func checkThread(d *Draft) error {
	if d.Thread.ID != "" {
		if why := wordFault(d.Thread.ID); why != "" {
			return refuse("thread.id", why)
		}
	}
	if d.Thread.InReplyTo != "" {
		if why := messageIDFault(d.Thread.InReplyTo); why != "" {
			return refuse("thread.in_reply_to", why)
		}
	}
	for i, id := range d.Thread.References {
		if why := messageIDFault(id); why != "" {
			return refuse(fmt.Sprintf("thread.references[%d]", i), why)
		}
	}
	return nil
}

// textFault says why s can't be one line of people's text in a header.
func textFault(s string) string {
	if !utf8.ValidString(s) {
		return "is not valid UTF-8"
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		return "holds a line break or another control character"
	}
	return ""
}

// bodyFault says why s can't be a body. A line break of any kind is fine there.
func bodyFault(s string) string {
	if !utf8.ValidString(s) {
		return "is not valid UTF-8"
	}
	if strings.IndexByte(s, 0) >= 0 {
		return "holds a NUL character"
	}
	return ""
}

// wordFault says why s can't stand between angle brackets in a header.
func wordFault(s string) string {
	if s == "" {
		return "is empty"
	}
	if len(s) > maxWord {
		return fmt.Sprintf("has more than %d bytes", maxWord)
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f || strings.IndexByte(`<>"\`, s[i]) >= 0 {
			return "holds a space, a quote, an angle bracket, a backslash, a control or a non-ASCII character"
		}
	}
	return ""
}

// messageIDFault says why s is no Message-ID of In-Reply-To or References.
func messageIDFault(s string) string {
	if len(s) < 2 || s[0] != '<' || s[len(s)-1] != '>' {
		return "is no Message-ID in angle brackets"
	}
	return wordFault(s[1 : len(s)-1])
}

func headerNameFault(name string) string {
	if name == "" || len(name) > maxHeaderName {
		return fmt.Sprintf("is empty or has more than %d bytes", maxHeaderName)
	}
	for i := range len(name) {
		if !isAtext(name[i]) {
			return "holds a character that is none of a header's name"
		}
	}
	if ReservedHeader(name) {
		return name + " is written by Postroom or by the servers on the way"
	}
	return ""
}

func fileNameFault(name string) string {
	switch why := textFault(name); {
	case why != "":
		return why
	case name == "" || name == "." || name == "..":
		return "is no file name"
	case len(name) > maxFileName:
		return fmt.Sprintf("has more than %d bytes", maxFileName)
	case strings.ContainsAny(name, `/\`):
		return "is a path: give the file name alone"
	default:
		return ""
	}
}

func mediaTypeFault(s string) string {
	if s == "" {
		return ""
	}
	if why := textFault(s); why != "" {
		return why
	}
	t, params, err := mime.ParseMediaType(s)
	if err != nil || !strings.Contains(t, "/") || len(s) > maxMediaType || mime.FormatMediaType(t, params) == "" {
		return "is no media type such as application/pdf"
	}
	if strings.HasPrefix(t, "multipart/") || strings.HasPrefix(t, "message/") {
		return "can't be encoded as base64 (RFC 2045 section 6.4): attach it as application/octet-stream"
	}
	return ""
}
