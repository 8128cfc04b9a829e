package mailer_test

import (
	"net/textproto"
	"strings"
	"testing"

	"github.com/postroom/postroom/mailer"
)

func canonical(name string) string { return textproto.CanonicalMIMEHeaderKey(name) }

// hardTexts are lines that a header changes when it is folded or decoded
// without care.
var hardTexts = []string{
	"a  b", " leading", "trailing ", "   ", strings.Repeat(" ", 200) + "x",
	"=?utf-8?q?not_mine?=", "1 =? 2", "=?=?=?",
	strings.Repeat("x", 901), strings.Repeat("x", 1200), strings.Repeat("x", 2000), strings.Repeat("word ", 400) + "end", strings.Repeat("ж", 300), strings.Repeat("👩‍👩‍👧 ", 40) + "!",
	strings.Repeat(`"`, 900), "ü", "a=b?c_d", `"quoted" \ (comment) <x@y>, a@b;`, "Grüße,  mit  Lücken ", "\u200fشكرا",
}

func TestComposeKeepsHardTexts(t *testing.T) {
	t.Parallel()
	for _, s := range hardTexts {
		p := parse(t, rawOf(t, mustCompose(t, newDraft(func(d *mailer.Draft) {
			d.Subject = s
			d.To[0].Name = s
			d.Headers = []mailer.Header{{Name: "X-Text", Value: s}}
		}))))
		if got := p.text(t, "Subject"); got != s {
			t.Errorf("subject %.60q came back as %.60q", s, got)
		}
		if got := p.addresses(t, "To")[0].Name; got != s {
			t.Errorf("name %.60q came back as %.60q", s, got)
		}
		if got := p.text(t, "X-Text"); got != s {
			t.Errorf("header %.60q came back as %.60q", s, got)
		}
	}
}

func TestComposeKeepsHardFileNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"a b.txt", "a  b.txt", ` "a".txt`, "=?utf-8?q?a?=.txt", "a;b=c'd%20.txt", "ü.txt", strings.Repeat("表", 80) + ".txt",
		strings.Repeat("x", 251) + ".txt", "it's 100%*.txt",
	} {
		d := newDraft(func(d *mailer.Draft) {
			d.Attachments = []mailer.Attachment{{Name: name, Type: "text/plain", Content: []byte("x")}}
		})
		checkContent(t, d, parse(t, rawOf(t, mustCompose(t, d))))
	}
}

// TestComposeListID holds that readers find the ID whatever the list's name is.
func TestComposeListID(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"<news.example.com>":                         "<news.example.com>",
		"Shop news <news.example.com>":               "Shop news <news.example.com>",
		`"Shop, news" <news.example.com>`:            `"Shop, news" <news.example.com>`,
		"Müllers Neues <neues.example.com>":          "=?utf-8?q?M=C3=BCllers_Neues?= <neues.example.com>",
		"ニュース <news.example.jp>":                     "=?utf-8?b?44OL44Ol44O844K5?= <news.example.jp>",
		"Shop  news <2026-11.news_letter.shop.test>": "=?utf-8?q?Shop__news?= <2026-11.news_letter.shop.test>",
	} {
		p := parse(t, rawOf(t, mustCompose(t, newDraft(header("List-Id", value)))))
		if got := p.header.Get("List-Id"); got != want || p.text(t, "List-Id") != value {
			t.Errorf("%q stands as %q, want %q", value, got, want)
		}
	}
}

// TestComposeNamesAFileOnce is about a type that brings a name along: two
// parameters of one name are no Content-Type.
func TestComposeNamesAFileOnce(t *testing.T) {
	t.Parallel()
	d := newDraft(func(d *mailer.Draft) {
		d.Attachments = []mailer.Attachment{{Name: "a.pdf", Type: `application/pdf; name="b.pdf"`}}
	})
	checkContent(t, d, parse(t, rawOf(t, mustCompose(t, d))))
}

// TestComposeFoldsHeaders holds lines to 76 where the text lets them be folded.
func TestComposeFoldsHeaders(t *testing.T) {
	t.Parallel()
	raw := rawOf(t, mustCompose(t, newDraft(func(d *mailer.Draft) {
		d.Subject = strings.Repeat("Grüße aus Köln ", 30)
		d.Headers = []mailer.Header{
			{Name: "X-Long", Value: strings.Repeat("some words ", 30) + "end"},
			{Name: "X-" + strings.Repeat("n", 38), Value: strings.Repeat("Grüße", 20)},
		}
		for range 50 {
			d.Cc = append(d.Cc, mailer.Address{Name: "Jörg", Address: "joerg@example.org"})
		}
		d.Attachments = []mailer.Attachment{{Name: strings.Repeat("長", 80), Content: make([]byte, 500)}}
	})))
	for line := range strings.SplitSeq(string(raw), "\r\n") {
		if len(line) > 76 {
			t.Errorf("%d bytes: %s", len(line), line)
		}
	}
}

func TestReservedHeader(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"From", "sender", "TO", "Cc", "Bcc", "Reply-To", "Subject", "Date", "Message-ID", "MIME-Version", "In-Reply-To",
		"References", "List-Unsubscribe", "List-Unsubscribe-Post", "X-Postroom-ID", "x-postroom-to", "Return-Path", "Received",
		"Received-SPF", "Delivered-To", "Authentication-Results", "DKIM-Signature", "DomainKey-Signature", "Content-Type", "content-anything", "Resent-To", "ARC-Seal",
	} {
		if !mailer.ReservedHeader(name) {
			t.Errorf("%s is not reserved", name)
		}
	}
	for _, name := range []string{"X-Shop", "List-Id", "Auto-Submitted", "Precedence", "Importance", "Fromage", "Arc"} {
		if mailer.ReservedHeader(name) {
			t.Errorf("%s is reserved", name)
		}
	}
}
