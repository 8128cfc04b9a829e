package mailer_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/postroom/postroom/mailer"
)

// evil are values that no header may hold.
var evil = []string{
	"secret\r\nBcc: x@example.com", "secret\nBcc: x@example.com", "secret\rBcc: x@example.com",
	"secret\x00", "secret\x1b[2J", "secret\tx", "secret\u0085x", "secret\x7f", "secret\xff",
}

// TestComposeRefusesInjection puts each evil value into each field.
func TestComposeRefusesInjection(t *testing.T) {
	t.Parallel()
	for field, set := range map[string]func(d *mailer.Draft, s string){
		"from":                func(d *mailer.Draft, s string) { d.From.Address = s + "@example.com" },
		"reply_to[0]":         func(d *mailer.Draft, s string) { d.ReplyTo = []mailer.Address{{Name: s, Address: "a@example.com"}} },
		"to[0]":               func(d *mailer.Draft, s string) { d.To[0].Name = s },
		"cc[0]":               func(d *mailer.Draft, s string) { d.Cc = []mailer.Address{{Address: "a@" + s}} },
		"bcc[1]":              func(d *mailer.Draft, s string) { d.Bcc = []mailer.Address{d.From, {Address: s}} },
		"subject":             func(d *mailer.Draft, s string) { d.Subject = s },
		"headers[0].name":     func(d *mailer.Draft, s string) { d.Headers = []mailer.Header{{Name: s, Value: "x"}} },
		"headers[0].value":    func(d *mailer.Draft, s string) { d.Headers = []mailer.Header{{Name: "X-A", Value: s}} },
		"attachments[0].name": func(d *mailer.Draft, s string) { d.Attachments = []mailer.Attachment{{Name: s}} },
		"attachments[0].type": func(d *mailer.Draft, s string) {
			d.Attachments = []mailer.Attachment{{Name: "a", Type: "text/plain; a=" + s}}
		},
		"images[0].cid": func(d *mailer.Draft, s string) {
			d.Images = []mailer.Attachment{{Name: "a", Type: "image/png", ContentID: s}}
		},
		"attachments[0].cid":   func(d *mailer.Draft, s string) { d.Attachments = []mailer.Attachment{{Name: "a", ContentID: s}} },
		"unsubscribe.url":      func(d *mailer.Draft, s string) { d.Unsubscribe.URL = "https://example.com/" + s },
		"unsubscribe.mailto":   func(d *mailer.Draft, s string) { d.Unsubscribe.Mailto = "a@example.com?subject=" + s },
		"thread.id":            func(d *mailer.Draft, s string) { d.Thread.ID = s },
		"thread.in_reply_to":   func(d *mailer.Draft, s string) { d.Thread.InReplyTo = "<" + s + ">" },
		"thread.references[0]": func(d *mailer.Draft, s string) { d.Thread.References = []string{"<" + s + ">"} },
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			for _, s := range evil {
				checkRefused(t, field, newDraft(func(d *mailer.Draft) { set(d, s) }))
			}
		})
	}
}

// checkRefused wants a Permanent error that names field and shows no value.
func checkRefused(t *testing.T, field string, d mailer.Draft) {
	t.Helper()
	m, err := mailer.Compose(d)
	var e *mailer.Error
	if !errors.As(err, &e) {
		t.Errorf("%s: composed, error %v", field, err)
		return
	}
	if m != nil || e.Class != mailer.Permanent || e.Reason != "invalid_draft" || !strings.HasPrefix(e.Text, field+": ") {
		t.Errorf("%s: refused as %q", field, e)
	}
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("%s: the error shows the value: %q", field, err)
	}
}

func TestComposeRefuses(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1000)
	for i, tt := range []struct {
		field string
		set   func(d *mailer.Draft)
	}{
		{"id", func(d *mailer.Draft) { d.MailID = "" }},
		{"date", func(d *mailer.Draft) { d.Date = time.Time{} }},
		{"date", func(d *mailer.Draft) { d.Date = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }},
		{"from", func(d *mailer.Draft) { d.From = mailer.Address{} }},
		{"to", func(d *mailer.Draft) { d.To = nil }},
		{"to[0]", func(d *mailer.Draft) { d.To = []mailer.Address{{Name: "Ada"}} }},
		{"to[0]", address("secret")},
		{"to[0]", address("@example.org")},
		{"to[0]", address("secret@")},
		{"to[0]", address("secret@example..org")},
		{"to[0]", address("secret@-example.org")},
		{"to[0]", address("secret@exam_ple.org")},
		{"to[0]", address("secret@[127.0.0.1]")},
		{"to[0]", address("secret@a@example.org")},
		{"to[0]", address("secret a@example.org")},
		{"to[0]", address("secret>,<a@example.org")},
		{"to[0]", address("sécret@example.org")},
		{"to[0]", address("secret@münchen.de")},
		{"to[0]", address(strings.Repeat("x", 65) + "@example.org")},
		{"to[0]", address("secret@" + strings.Repeat("x", 64) + ".org")},
		{"to[0]", address("secret@" + strings.Repeat("a.", 200) + "org")},
		{"meant.to[0]", func(d *mailer.Draft) { d.To[0].Address = "secret"; d.Redirect(d.From) }},
		{"meant.cc[0]", func(d *mailer.Draft) { d.Cc = []mailer.Address{{Name: "secret\n", Address: "a@b"}}; d.Redirect(d.From) }},
		{"meant.bcc[0]", func(d *mailer.Draft) { d.Bcc = []mailer.Address{{}}; d.Redirect(d.From) }},
		{"subject", func(d *mailer.Draft) { d.Subject = "\xff" }},
		{"text", func(d *mailer.Draft) { d.Text = "secret\xff" }},
		{"text", func(d *mailer.Draft) { d.Text = "secret\x00" }},
		{"html", func(d *mailer.Draft) { d.HTML = "secret\xc3" }},
		{"headers[0].name", header("", "x")},
		{"headers[0].name", header("X Shop", "x")},
		{"headers[0].name", header("X-Shop:", "x")},
		{"headers[0].name", header("bcc", "x")},
		{"headers[0].name", header("Content-Type", "x")},
		{"headers[0].name", header(long, "x")},
		{"headers[0].value", header("List-Id", "secret")},
		{"headers[0].value", header("list-id", "<secret>")},
		{"headers[0].value", header("List-Id", "Shop<secret.example.com>")},
		{"headers[0].value", header("List-Id", "<a.b> <secret.example.com>")},
		{"headers[0].value", header("List-Id", "<secret..example.com>")},
		{"headers[0].value", header("List-Id", "<sécret.example.com>")},
		{"headers[0].value", header("List-Id", "Shop <secret.example.com> x")},
		{"attachments[0].name", attachment("", "", "")},
		{"attachments[0].name", attachment("../../secret", "", "")},
		{"attachments[0].name", attachment(`C:\secret`, "", "")},
		{"attachments[0].name", attachment("..", "", "")},
		{"attachments[0].name", attachment(long, "", "")},
		{"attachments[0].type", attachment("a", "pdf", "")},
		{"attachments[0].type", attachment("a", "a/b/c", "")},
		{"attachments[0].type", attachment("a", "multipart/mixed", "")},
		{"attachments[0].type", attachment("a", "message/rfc822", "")},
		{"attachments[0].type", attachment("a", "text/plain; a="+long, "")},
		{"attachments[0].type", attachment("a.ics", "text/calendar; method=REQUEST", "")},
		{"attachments[0].type", calendar("METHOD:CANCEL\r\n")},
		{"attachments[0].type", calendar("METHOD:REQUEST\r\nSUMMARY:secret\x00\r\n")},
		{"attachments[0].type", calendar("METHOD:REQUEST\r\nSUMMARY:secret\xff\r\n")},
		{"attachments[1].type", func(d *mailer.Draft) {
			calendar("METHOD:REQUEST\r\n")(d)
			d.Attachments = append(d.Attachments, d.Attachments[0])
		}},
		{"attachments[0].cid", attachment("a", "", "<logo>")},
		{"attachments[0].cid", attachment("a", "", "lo go")},
		{"attachments[0].cid", attachment("a", "", `lo\go`)},
		{"attachments[0].cid", attachment("a", "", `"logo"`)},
		{"attachments[1].cid", func(d *mailer.Draft) {
			d.Attachments = []mailer.Attachment{{Name: "a", ContentID: "c"}, {Name: "b", ContentID: "c"}}
		}},
		{"images[0].cid", func(d *mailer.Draft) { d.Images = []mailer.Attachment{{Name: "a", Type: "image/png"}} }},
		{"images[0].type", func(d *mailer.Draft) {
			d.Images = []mailer.Attachment{{Name: "a", Type: "text/calendar; method=REQUEST", ContentID: "c"}}
		}},
		{"attachments[0].cid", func(d *mailer.Draft) {
			d.Images = []mailer.Attachment{{Name: "a", Type: "image/png", ContentID: "c"}}
			d.Attachments = []mailer.Attachment{{Name: "b", ContentID: "c"}}
		}},
		{"unsubscribe.url", func(d *mailer.Draft) { d.Unsubscribe.URL = "javascript:secret" }},
		{"unsubscribe.url", func(d *mailer.Draft) { d.Unsubscribe.URL = "https:///secret" }},
		{"unsubscribe.url", func(d *mailer.Draft) { d.Unsubscribe.URL = "https://example.com/>,<secret" }},
		{"unsubscribe.url", func(d *mailer.Draft) { d.Unsubscribe.URL = "https://example.com/" + long }},
		{"unsubscribe.mailto", func(d *mailer.Draft) { d.Unsubscribe.Mailto = "secret" }},
		{"unsubscribe.mailto", func(d *mailer.Draft) { d.Unsubscribe.Mailto = "mailto:" }},
		{"thread.in_reply_to", func(d *mailer.Draft) { d.Thread.InReplyTo = "secret@example.org" }},
		{"thread.in_reply_to", func(d *mailer.Draft) { d.Thread.InReplyTo = "<>" }},
		{"thread.references[1]", func(d *mailer.Draft) { d.Thread.References = []string{"<a@b>", "<secret> <c@d>"} }},
	} {
		t.Run(fmt.Sprintf("%02d %s", i, tt.field), func(t *testing.T) {
			t.Parallel()
			checkRefused(t, tt.field, newDraft(tt.set))
		})
	}
}

func address(s string) func(*mailer.Draft) {
	return func(d *mailer.Draft) { d.To[0].Address = s }
}

func header(name, value string) func(*mailer.Draft) {
	return func(d *mailer.Draft) { d.Headers = []mailer.Header{{Name: name, Value: value}} }
}

func attachment(name, mediaType, cid string) func(*mailer.Draft) {
	return func(d *mailer.Draft) {
		d.Attachments = []mailer.Attachment{{Name: name, Type: mediaType, ContentID: cid}}
	}
}

// calendar is a REQUEST whose file holds these properties.
func calendar(properties string) func(*mailer.Draft) {
	return func(d *mailer.Draft) {
		content := []byte("BEGIN:VCALENDAR\r\n" + properties + "END:VCALENDAR\r\n")
		d.Attachments = []mailer.Attachment{{Name: "i.ics", Type: "text/calendar; method=REQUEST", Content: content}}
	}
}

func TestComposeTakesOddAddresses(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"a@b", "a+b=c!d/e@example.org", "o'neil@example.org", "a..b.@docomo.ne.jp", "x@xn--mnchen-3ya.de",
		"x@" + strings.Repeat("d", 63) + ".org", strings.Repeat("l", 64) + "@" + strings.Repeat(strings.Repeat("d", 62)+".", 3)[:188],
	} {
		d := newDraft(func(d *mailer.Draft) { d.To = []mailer.Address{{Address: s}} })
		checkContent(t, d, parse(t, rawOf(t, mustCompose(t, d))))
	}
}
