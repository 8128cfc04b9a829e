package mailer_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/postroom/postroom/mailer"
)

// FuzzCompose puts anything into every text of a Draft: either Compose refuses
// it as Permanent, or what it wrote parses again with the same content and with
// no header that was not asked for.
func FuzzCompose(f *testing.F) {
	f.Add("order-1", "Shop", "shop@example.com", "Ada", "ada@example.org", "Hello", "text\n", "<p>html", "X-Shop", "42", "a.pdf", "application/pdf", "", "file")
	f.Add("ü", "محمد", "a@b", "a\r\nBcc: x@y", "a@b\n", "=?utf-8?q?x?=", "--\r\r\n.\n", "\x00", "Bcc", "x  y", "../x", "a/b; c=d", "<cid>", "\r\n--x")
	f.Add("1", `"`, "a..b.@c", "\\", "x@y.z", strings.Repeat("ж", 99), "\r", "\xff", "X", " ", "表.txt", "text/plain; charset=x", "logo", "")
	f.Add("1", "", "a@b", "", "c@d", "", "t", "h", "", "", "logo.png", "image/png", "logo@template", "4242")
	f.Add("1", "", "a@b", "", "c@d", "", "t", "h", "", "", "i.ics", "text/calendar; method=x", "", invite)
	f.Add("1", "", "a@b", "", "c@d", "", "", "", "", "", "i.ics", "text/calendar;method=REQUEST;charset=x", "", "method:Request\r--\n\n.\rü")
	f.Add("1", "", "a@b", "", "c@d", "", "t", "h", "list-ID", "Ü  x <a.b>", "", "", "", "")
	for _, s := range append(hardTexts, evil...) {
		f.Add(s, s, "a@b", s, "c@d", s, s, s, "X-A", s, s, "", "", s)
	}
	f.Fuzz(func(t *testing.T, id, fromName, from, toName, to, subject, text, html, name, value, file, fileType, cid, content string) {
		d := newDraft(func(d *mailer.Draft) {
			d.MailID = id
			d.From = mailer.Address{Name: fromName, Address: from}
			d.To = []mailer.Address{{Name: toName, Address: to}, {Address: "b@example.org"}}
			d.Bcc = []mailer.Address{{Name: toName, Address: to}}
			d.Content = mailer.Content{Subject: subject, Text: text, HTML: html}
			if len(toName)%3 == 0 {
				d.Redirect(mailer.Address{Name: toName, Address: from})
			}
			if name != "" {
				d.Headers = []mailer.Header{{Name: name, Value: value}}
			}
			if file != "" {
				d.Attachments = []mailer.Attachment{{Name: file, Type: fileType, ContentID: cid, Content: []byte(content)}}
				if cid != "" && len(content)%2 == 0 {
					d.Images, d.Attachments = d.Attachments, nil
				}
			}
		})
		checkComposed(t, d)
	})
}

// FuzzComposeList is FuzzCompose for what comes from a list or a conversation.
func FuzzComposeList(f *testing.F) {
	f.Add("https://example.com/u", "leave@example.com", "18c2", "<a@b>", "<c@d>")
	f.Add("hTtps://e", "leave@example.com", "28c2", "<a@b>", "<c@d>")
	f.Add("http://x/\r\n", "mailto:?x", "\n", "<<>>", "<a> <b>")
	f.Add("HTTPS://[::1]/%zz", "mailto:a@b?subject=x y", "", "<é@b>", "a@b")
	f.Fuzz(func(t *testing.T, url, mailto, thread, parent, reference string) {
		checkComposed(t, newDraft(func(d *mailer.Draft) {
			d.Unsubscribe = mailer.Unsubscribe{URL: url, Mailto: mailto}
			d.Thread = mailer.Thread{ID: thread, InReplyTo: parent}
			if reference != "" {
				d.Thread.References = []string{reference}
			}
		}))
	})
}

func checkComposed(t *testing.T, d mailer.Draft) {
	t.Helper()
	m, err := mailer.Compose(d)
	if err != nil {
		var e *mailer.Error
		if !errors.As(err, &e) || e.Class != mailer.Permanent || e.Text == "" {
			t.Fatalf("refused with %v", err)
		}
		return
	}
	raw := rawOf(t, m)
	p := parse(t, raw)
	checkContent(t, d, p)
	checkGoMessage(t, d, raw)
	for _, h := range d.Headers {
		if got := p.text(t, canonical(h.Name)); got != h.Value {
			t.Errorf("header %q came back as %q", h.Value, got)
		}
	}
	for name, values := range p.header {
		if len(values) > 1 {
			t.Errorf("%d fields %s", len(values), name)
		}
	}
	if got := strings.Fields(p.header.Get("References")); len(d.Thread.References) > 0 && strings.Join(got, " ") != strings.Join(d.Thread.References, " ") {
		t.Errorf("References are %q, want %q", got, d.Thread.References)
	}
	if _, err := mailer.NewConsole(&writes{}).Send(t.Context(), m); err != nil {
		t.Errorf("the console can't show it: %v", err)
	}
}
