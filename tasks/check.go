package tasks

import (
	"fmt"
	"maps"
	"mime"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxRecipients is how many To, Cc and Bcc may be together: what both of
// Gmail's published limits allow.
const MaxRecipients = 100

const (
	// maxLine is the longest header value taken (RFC 5322 section 2.1.1 has it
	// for a line), maxWord the longest part of one that cannot be folded.
	maxLine = 998
	maxWord = 900
	// maxHeaderName keeps a header's name and its first word on one line.
	maxHeaderName = 76
	// maxFileName is what file systems take.
	maxFileName = 255
	// maxMediaType is far above any registered type with its parameters.
	maxMediaType = 255
)

var (
	templatePattern = regexp.MustCompile(`^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$`)
	localePattern   = regexp.MustCompile(`^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*$`)
	fieldPattern    = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	blobPattern     = regexp.MustCompile(`^[0-9a-f]{64}$`)
	messageID       = regexp.MustCompile(`^<[^<>@]+@[^<>@]+>$`)
)

// isID reports whether s can be a mail's ID: 1 to 128 of A-Z a-z 0-9 . _ : -
// (a worker asks of each mail, and a regular expression takes ten times as long).
func isID(s string) bool {
	for i := range len(s) {
		if !isAlnum(s[i]) && strings.IndexByte("._:-", s[i]) < 0 {
			return false
		}
	}
	return s != "" && len(s) <= 128
}

// check finds everything that is wrong with a mail by looking at it alone.
func (e *Email) check(p *problems) {
	if e.ID != "" && !isID(e.ID) {
		p.addf("id", "must be 1 to 128 of A-Z a-z 0-9 . _ : -")
	}
	if e.OnUnknown != "" && e.OnUnknown != Resend && e.OnUnknown != Hold {
		p.addf("on_unknown", "must be resend or hold")
	}
	e.checkAddresses(p)
	e.checkContent(p)
	e.checkAttachments(p)
	checkHeaders(p, e.Headers)
	e.checkUnsubscribe(p)
	e.checkThread(p)
}

func (e *Email) checkAddresses(p *problems) {
	if e.Account != "" {
		if a, err := ParseAddress(e.Account); err != nil {
			p.addf("account", "%v", err)
		} else if a.Address != e.Account {
			p.addf("account", "must be the bare address, without a name, its domain in the xn-- form")
		}
	}
	if e.From != "" {
		if _, err := ParseAddress(e.From); err != nil {
			p.addf("from", "%v", err)
		}
	}
	for _, list := range []struct {
		field     string
		addresses Addresses
	}{{"reply_to", e.ReplyTo}, {"to", e.To}, {"cc", e.Cc}, {"bcc", e.Bcc}} {
		for i, s := range list.addresses {
			if _, err := ParseAddress(s); err != nil {
				p.addf(fmt.Sprintf("%s[%d]", list.field, i), "%v", err)
			}
		}
	}
	switch n := len(e.To) + len(e.Cc) + len(e.Bcc); {
	case n == 0:
		p.addf("to", "no recipient: give to, cc or bcc")
	case n > MaxRecipients:
		p.addf("to", "%d recipients in to, cc and bcc; Gmail takes %d in one mail", n, MaxRecipients)
	}
}

func (e *Email) checkContent(p *problems) {
	checkLine(p, "subject", e.Subject)
	checkBody(p, "text", e.Text)
	checkBody(p, "html", e.HTML)
	if e.Template == "" {
		if e.Text == "" && e.HTML == "" {
			p.addf("text", "no content: give text, html or a template")
		}
		if e.Data != nil {
			p.addf("data", "is for a template, and there is none")
		}
		if e.Locale != "" {
			p.addf("locale", "is for a template, and there is none")
		}
		return
	}
	if !templatePattern.MatchString(e.Template) {
		p.addf("template", "must be a name like welcome or billing/receipt")
	}
	if e.Locale != "" && !localePattern.MatchString(e.Locale) {
		p.addf("locale", "must be a language tag like de or de-AT")
	}
	if e.Subject != "" || e.Text != "" || e.HTML != "" {
		p.addf("template", "cannot stand beside subject, text or html: the template gives all three")
	}
}

func (e *Email) checkAttachments(p *problems) {
	cids := make(map[string]bool)
	invited := false
	for i, a := range e.Attachments {
		field := fmt.Sprintf("attachments[%d]", i)
		checkLine(p, field+".name", a.Name)
		if strings.ContainsAny(a.Name, `/\`) || a.Name == ".." || a.Name == "." {
			p.addf(field+".name", "must be a file's name, without a path")
		} else if len(a.Name) > maxFileName {
			p.addf(field+".name", "%d bytes; a file's name has %d at most", len(a.Name), maxFileName)
		}
		if a.Type != "" {
			checkMediaType(p, field+".type", a.Type)
		}
		if a.method() != "" {
			if invited {
				p.addf(field+".type", "makes a second invitation, and a mail has one: give this file application/ics")
			}
			invited = true
		}
		if a.CID != "" {
			checkWord(p, field+".cid", a.CID)
			if cids[a.CID] {
				p.addf(field+".cid", "is that of another attachment too")
			}
			cids[a.CID] = true
		}
		if a.Blob != "" && !blobPattern.MatchString(a.Blob) {
			p.addf(field+".blob", "must be a SHA-256 in 64 lower case hex digits")
		}
	}
}

func checkMediaType(p *problems, field, s string) {
	media, params, err := mime.ParseMediaType(s)
	top, sub, _ := strings.Cut(media, "/")
	switch {
	case err != nil || top == "" || sub == "" || len(s) > maxMediaType || mime.FormatMediaType(media, params) == "":
		p.addf(field, "must be a media type like application/pdf")
	case top == "multipart" || top == "message":
		// RFC 2045 section 6.4 allows them no base64.
		p.addf(field, "cannot be attached as it is: give application/octet-stream")
	default:
		checkLine(p, field, s)
	}
}

// written are the headers that Postroom, or the way to the reader, writes.
var written = map[string]bool{
	"from": true, "sender": true, "reply-to": true, "to": true, "cc": true, "bcc": true,
	"subject": true, "date": true, "message-id": true, "in-reply-to": true, "references": true,
	"mime-version": true, "list-unsubscribe": true, "list-unsubscribe-post": true,
	"return-path": true, "received": true, "received-spf": true,
	"delivered-to": true, "authentication-results": true, "dkim-signature": true, "domainkey-signature": true,
}

func isWritten(name string) bool {
	name = strings.ToLower(name)
	return written[name] || strings.HasPrefix(name, "x-postroom-") || strings.HasPrefix(name, "content-") ||
		strings.HasPrefix(name, "resent-") || strings.HasPrefix(name, "arc-")
}

func checkHeaders(p *problems, headers map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		switch {
		case !isHeaderName(name):
			p.addf("headers", "a name is empty, longer than %d bytes, or has a character that no header's name has", maxHeaderName)
		case isWritten(name):
			p.addf("headers."+name, "is written by Postroom itself")
		case strings.EqualFold(name, "List-Id") && !isListID(headers[name]):
			p.addf("headers."+name, "must be a list's ID like Shop news <news.example.com>")
		default:
			checkLine(p, "headers."+name, headers[name])
		}
	}
}

// isHeaderName takes less than RFC 5322 section 3.6.8 does: what is in use.
func isHeaderName(s string) bool {
	for i := range len(s) {
		if !isAtext(s[i]) {
			return false
		}
	}
	return s != "" && len(s) <= maxHeaderName
}

func (e *Email) checkUnsubscribe(p *problems) {
	if e.Unsubscribe == nil {
		return
	}
	if e.Unsubscribe.URL == "" && e.Unsubscribe.Mailto == "" {
		p.addf("unsubscribe", "give url, mailto or both")
	}
	if s := e.Unsubscribe.URL; s != "" {
		u, err := url.Parse(s)
		if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || strings.Contains(s, ",") {
			p.addf("unsubscribe.url", "must be an https or http URL")
		} else {
			checkWord(p, "unsubscribe.url", s)
		}
	}
	if s := e.Unsubscribe.Mailto; s != "" {
		bare := s
		if scheme, rest, ok := strings.Cut(s, ":"); ok && strings.EqualFold(scheme, "mailto") {
			bare = rest
		}
		address, _, _ := strings.Cut(bare, "?")
		a, err := ParseAddress(address)
		_, wrong := url.Parse("mailto:" + bare)
		if err != nil || a.Address != address || wrong != nil || strings.Contains(s, ",") {
			p.addf("unsubscribe.mailto", "must be a bare address, which may have ?subject=…")
		} else {
			checkWord(p, "unsubscribe.mailto", s)
		}
	}
}

func (e *Email) checkThread(p *problems) {
	if e.Thread == nil {
		return
	}
	if e.Thread.ID != "" && !isID(e.Thread.ID) {
		p.addf("thread.id", "must be a Gmail thread ID")
	}
	if s := e.Thread.InReplyTo; s != "" {
		checkMessageID(p, "thread.in_reply_to", s)
	}
	for i, s := range e.Thread.References {
		checkMessageID(p, fmt.Sprintf("thread.references[%d]", i), s)
	}
}

func checkMessageID(p *problems, field, s string) {
	if !messageID.MatchString(s) {
		p.addf(field, "must be a Message-ID like <id@example.org>")
		return
	}
	checkWord(p, field, s[1:len(s)-1])
}

// checkLine is for what ends up in a header: a line break there would be a
// header of somebody else's making.
func checkLine(p *problems, field, s string) {
	switch {
	case !utf8.ValidString(s):
		p.addf(field, "is not UTF-8")
	case strings.ContainsFunc(s, unicode.IsControl):
		p.addf(field, "has a line break or another control character")
	case len(s) > maxLine:
		p.addf(field, "%d bytes; at most %d are taken", len(s), maxLine)
	}
}

// checkWord is for what stands between angle brackets in a header, on one line.
func checkWord(p *problems, field, s string) {
	if len(s) > maxWord {
		p.addf(field, "%d bytes; at most %d are taken", len(s), maxWord)
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' || strings.IndexByte(`<>"\`, s[i]) >= 0 {
			p.addf(field, "must have no space, quote, angle bracket, backslash, control or non-ASCII character")
			return
		}
	}
}

func checkBody(p *problems, field, s string) {
	switch {
	case !utf8.ValidString(s):
		p.addf(field, "is not UTF-8")
	case strings.ContainsRune(s, 0):
		p.addf(field, "has a NUL character")
	}
}
