package mailer_test

import (
	"bytes"
	"errors"
	"flag"
	"maps"
	"mime"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	gomail "github.com/wneessen/go-mail"

	"github.com/postroom/postroom/mailer"
)

var update = flag.Bool("update", false, "write the golden files anew")

// invite is what a calendar asks with.
const invite = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Postroom//EN\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\n" +
	"UID:tea-1@example.com\r\nDTSTAMP:20260504T073000Z\r\nDTSTART:20260511T140000Z\r\nDTEND:20260511T150000Z\r\n" +
	"SUMMARY:Tee bei Ada – für alle\r\nORGANIZER;CN=Shop:mailto:shop@example.com\r\n" +
	"ATTENDEE;RSVP=TRUE;CN=Ada:mailto:ada@example.org\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

// pixel is a PNG of one transparent pixel.
const pixel = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89" +
	"\x00\x00\x00\rIDATx\x9cc\x00\x01\x00\x00\x05\x00\x01\r\n-\xb4\x00\x00\x00\x00IEND\xaeB`\x82"

// newDraft is the least that Compose takes, with f's changes.
func newDraft(f func(d *mailer.Draft)) mailer.Draft {
	d := mailer.Draft{
		MailID:  "order-1042",
		From:    mailer.Address{Name: "Postroom Shop", Address: "shop@example.com"},
		To:      []mailer.Address{{Name: "Ada Lovelace", Address: "ada@example.org"}},
		Content: mailer.Content{Subject: "Your order", Text: "It is on its way.\n"},
		Date:    time.Date(2026, time.May, 4, 9, 30, 0, 0, time.FixedZone("", 2*60*60)),
	}
	if f != nil {
		f(&d)
	}
	return d
}

// drafts are the mails that stand as golden files.
func drafts() map[string]mailer.Draft {
	return map[string]mailer.Draft{
		"plain": newDraft(nil),
		"html": newDraft(func(d *mailer.Draft) {
			d.Text, d.HTML = "", "<p>It is on its way.</p>\n"
		}),
		"alternative": newDraft(func(d *mailer.Draft) {
			d.HTML = "<p>It is <b>on its way</b>.</p>\n"
			d.ReplyTo = []mailer.Address{{Address: "help@example.com"}}
			d.Cc = []mailer.Address{{Address: "charles@example.org"}, {Name: "O'Neil, \"Tip\"", Address: "tip@example.org"}}
			d.Bcc = []mailer.Address{{Name: "Archive", Address: "archive@example.com"}}
			d.Headers = []mailer.Header{{Name: "X-Shop", Value: "42"}, {Name: "Auto-Submitted", Value: "auto-generated"}, {Name: "X-Shop", Value: "43"}}
		}),
		"names_de": newDraft(func(d *mailer.Draft) {
			d.From.Name = "Müßiggang & Söhne"
			d.To[0].Name = "Jörg Weiß"
			d.Subject = "Ihre Bestellung über 12,50 € ist unterwegs, und zwar schneller als gewöhnlich"
			d.Text = "Schöne Grüße\naus Köln\n"
		}),
		"names_ar": newDraft(func(d *mailer.Draft) {
			d.To[0].Name = "محمد بن موسى الخوارزمي"
			d.Subject = "طلبك في الطريق إليك، شكرًا لتسوقك معنا اليوم"
			d.Text = "السلام عليكم\nطلبك في الطريق.\n"
			d.Attachments = []mailer.Attachment{{Name: "فاتورة رقم ١٠٤٢ لشهر مايو.pdf", Type: "application/pdf", Content: []byte("%PDF-1.7\n")}}
		}),
		"names_ja": newDraft(func(d *mailer.Draft) {
			d.To[0].Name = "紫式部"
			d.Subject = "ご注文の商品を発送いたしましたのでお知らせいたします"
			d.Text = "ご注文ありがとうございます。\n"
			d.HTML = "<p>ご注文ありがとうございます。</p>\n"
			d.Attachments = []mailer.Attachment{{Name: "請求書.pdf", Type: "application/pdf", Content: []byte("%PDF-1.7\n")}}
		}),
		"attachment": newDraft(func(d *mailer.Draft) {
			d.Attachments = []mailer.Attachment{
				{Name: "terms \"2026\".txt", Type: "text/plain; charset=utf-8", Content: []byte(strings.Repeat("Terms and conditions. ", 9))},
				{Name: "data", Content: []byte{0, 1, 2, 0xff}},
				{Name: "empty.bin", Type: "application/octet-stream"},
			}
		}),
		"inline": newDraft(func(d *mailer.Draft) {
			d.HTML = `<p><img src="cid:logo@shop" alt="Shop"> It is on its way.</p>` + "\n"
			d.Attachments = []mailer.Attachment{
				{Name: "dates.ics", Type: "text/calendar", Content: []byte("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")},
				{Name: "logo.png", Type: "image/png", ContentID: "logo@shop", Content: []byte(pixel)},
			}
		}),
		"invitation": newDraft(func(d *mailer.Draft) {
			d.Subject = "Einladung: Tee bei Ada"
			d.HTML = `<p><img src="cid:logo@shop" alt="Shop"> Tee?</p>` + "\n"
			d.Attachments = []mailer.Attachment{
				{Name: "logo.png", Type: "image/png", ContentID: "logo@shop", Content: []byte(pixel)},
				{Name: "invite.ics", Type: "text/calendar; charset=utf-8; method=REQUEST", Content: []byte(invite)},
			}
		}),
		"redirected": newDraft(func(d *mailer.Draft) {
			d.To = append(d.To, mailer.Address{Name: "Jörg Weiß", Address: "joerg@example.org"})
			d.Cc = []mailer.Address{{Name: "O'Neil, \"Tip\"", Address: "tip@example.org"}}
			d.Bcc = []mailer.Address{{Address: "archive@example.com"}}
			d.Redirect(mailer.Address{Name: "Team", Address: "team@example.com"})
		}),
		"unsubscribe": newDraft(func(d *mailer.Draft) {
			d.Unsubscribe = mailer.Unsubscribe{URL: "https://example.com/u?t=0123456789abcdef0123456789abcdef", Mailto: "leave@example.com?subject=leave"}
		}),
		"thread": newDraft(func(d *mailer.Draft) {
			d.Subject = "Re: Your order"
			d.Thread = mailer.Thread{
				ID: "18c2f0a1b2c3d4e5", InReplyTo: "<CAF=b@mail.gmail.com>",
				References: []string{"<first.of.all@mail.example.org>", "<CAF=a@mail.gmail.com>", "<CAF=b@mail.gmail.com>"},
			}
		}),
	}
}

func mustCompose(tb testing.TB, d mailer.Draft) *mailer.Message {
	tb.Helper()
	m, err := mailer.Compose(d)
	if err != nil {
		tb.Fatalf("Compose: %v", err)
	}
	return m
}

func TestComposeGolden(t *testing.T) {
	t.Parallel()
	for name, d := range drafts() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := rawOf(t, mustCompose(t, d))
			path := filepath.Join("testdata", name+".eml")
			if *update {
				if err := os.WriteFile(path, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("%v: run go test -update", err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("not as %s; see what go test -update changes (-want +got):\n%s", path, diff)
			}
		})
	}
}

func TestComposeParsesAgain(t *testing.T) {
	t.Parallel()
	for name, d := range drafts() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw := rawOf(t, mustCompose(t, d))
			checkContent(t, d, parse(t, raw))
			checkGoMail(t, d, raw)
			checkGoMessage(t, d, raw)
		})
	}
}

// checkContent compares what a reader finds with what was asked for.
func checkContent(tb testing.TB, d mailer.Draft, p parsed) {
	tb.Helper()
	equal := func(what string, want, got any) {
		tb.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			tb.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	equal("subject", d.Subject, p.text(tb, "Subject"))
	equal("from", []mailer.Address{d.From}, p.addresses(tb, "From"))
	equal("reply-to", d.ReplyTo, p.addresses(tb, "Reply-To"))
	equal("to", d.To, p.addresses(tb, "To"))
	equal("cc", d.Cc, p.addresses(tb, "Cc"))
	equal("bcc", d.Bcc, p.addresses(tb, "Bcc"))
	equal("meant to", d.Meant.To, p.addresses(tb, "X-Postroom-To"))
	equal("meant cc", d.Meant.Cc, p.addresses(tb, "X-Postroom-Cc"))
	equal("meant bcc", d.Meant.Bcc, p.addresses(tb, "X-Postroom-Bcc"))
	date, err := p.header.Date()
	if err != nil || !date.Equal(d.Date.Truncate(time.Second)) {
		tb.Errorf("date %v, %v, want %v", date, err, d.Date)
	}
	equal("X-Postroom-ID", mailer.IDHash(d.MailID), p.header.Get("X-Postroom-Id"))
	equal("header names", wantHeaders(d), slices.Sorted(maps.Keys(p.header)))
	if d.Text != "" {
		equal("text", newlines(d.Text), newlines(p.leaves[0].content))
		equal("type of the first part", "text/plain", p.leaves[0].mediaType)
	}
	checkInvitation(tb, d, p)
	var files []leaf
	for _, l := range p.leaves {
		switch {
		case l.disposition != "":
			files = append(files, l)
		case l.mediaType == "text/html":
			equal("html", newlines(d.HTML), newlines(l.content))
		}
	}
	if len(files) != len(filesOf(d)) {
		tb.Fatalf("%d attachments, want %d", len(files), len(filesOf(d)))
	}
	for _, a := range filesOf(d) {
		i := slices.IndexFunc(files, func(l leaf) bool { return l.filename == a.Name && l.content == string(a.Content) })
		if i < 0 {
			tb.Errorf("attachment %q with its content is not there", a.Name)
		} else {
			files = slices.Delete(files, i, i+1)
		}
	}
}

// checkInvitation wants the one calendar with a method as the last alternative.
func checkInvitation(tb testing.TB, d mailer.Draft, p parsed) {
	tb.Helper()
	want := invitations(d)
	for i, l := range p.leaves {
		if l.mediaType != "text/calendar" || l.disposition != "" {
			continue
		}
		if last := i+1 == len(p.leaves) || p.leaves[i+1].path != l.path; !last || !strings.HasSuffix(l.path, "alternative") {
			tb.Errorf("the invitation is part %d of %v", i, p.leaves)
		}
		if len(want) == 0 || newlines(l.content) != newlines(string(want[0].Content)) {
			tb.Errorf("invitation %q, want %v", l.content, want)
		} else {
			want = want[1:]
		}
	}
	if len(want) > 0 {
		tb.Errorf("no invitation: %v", want)
	}
}

// invitations are the attachments that are to be one.
func invitations(d mailer.Draft) (list []mailer.Attachment) {
	for _, a := range filesOf(d) {
		if t, params, err := mime.ParseMediaType(a.Type); err == nil && t == "text/calendar" && params["method"] != "" && a.ContentID == "" {
			list = append(list, a)
		}
	}
	return list
}

// wantHeaders are the canonical names of the fields that d asks for.
func wantHeaders(d mailer.Draft) []string {
	names := map[string]bool{
		"From": true, "Date": true, "Message-Id": true, "Mime-Version": true, "X-Postroom-Id": true, "Content-Type": true,
	}
	add := func(name string, asked bool) {
		if asked {
			names[name] = true
		}
	}
	add("Reply-To", len(d.ReplyTo) > 0)
	add("To", len(d.To) > 0)
	add("Cc", len(d.Cc) > 0)
	add("Bcc", len(d.Bcc) > 0)
	add("X-Postroom-To", len(d.Meant.To) > 0)
	add("X-Postroom-Cc", len(d.Meant.Cc) > 0)
	add("X-Postroom-Bcc", len(d.Meant.Bcc) > 0)
	add("Subject", d.Subject != "")
	add("In-Reply-To", d.Thread.InReplyTo != "")
	add("References", d.Thread.InReplyTo != "" || len(d.Thread.References) > 0)
	add("List-Unsubscribe", d.Unsubscribe != mailer.Unsubscribe{})
	add("List-Unsubscribe-Post", strings.HasPrefix(strings.ToLower(d.Unsubscribe.URL), "https:"))
	add("Content-Transfer-Encoding", len(filesOf(d)) == 0 && (d.Text == "" || d.HTML == ""))
	for _, h := range d.Headers {
		names[canonical(h.Name)] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// checkGoMail reads raw with go-mail's parser, which knows no RFC 2231.
func checkGoMail(t *testing.T, d mailer.Draft, raw []byte) {
	t.Helper()
	msg, err := gomail.EMLToMsgFromReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("go-mail: %v", err)
	}
	for i, a := range msg.GetTo() {
		if *a != d.To[i] {
			t.Errorf("go-mail reads to[%d] as %v", i, a)
		}
	}
	want := map[gomail.ContentType]string{}
	if d.Text != "" {
		want[gomail.TypeTextPlain] = newlines(d.Text)
	}
	if d.HTML != "" {
		want[gomail.TypeTextHTML] = newlines(d.HTML)
	}
	got := map[gomail.ContentType]string{}
	for _, p := range msg.GetParts() {
		content, err := p.GetContent()
		if err != nil {
			t.Fatalf("go-mail: %v", err)
		}
		if _, asked := want[p.GetContentType()]; asked {
			got[p.GetContentType()] = newlines(string(content))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("bodies as go-mail reads them (-want +got):\n%s", diff)
	}
	if n := len(msg.GetAttachments()) + len(msg.GetEmbeds()); n != len(filesOf(d)) {
		t.Errorf("go-mail reads %d attachments, want %d", n, len(filesOf(d)))
	}
}

func TestComposeIsDeterministic(t *testing.T) {
	t.Parallel()
	for name, d := range drafts() {
		first, second := rawOf(t, mustCompose(t, d)), rawOf(t, mustCompose(t, d))
		if !bytes.Equal(first, second) {
			t.Errorf("%s: composed twice, two results", name)
		}
	}
	other := newDraft(func(d *mailer.Draft) { d.MailID = "order-1043" })
	a, b := parse(t, rawOf(t, mustCompose(t, newDraft(nil)))), parse(t, rawOf(t, mustCompose(t, other)))
	for _, name := range []string{"Message-Id", "X-Postroom-Id"} {
		if a.header.Get(name) == b.header.Get(name) {
			t.Errorf("%s is the same for two mails", name)
		}
	}
}

func TestComposeStructure(t *testing.T) {
	t.Parallel()
	image := mailer.Attachment{Name: "logo.png", Type: "image/png", ContentID: "logo", Content: []byte(pixel)}
	file := mailer.Attachment{Name: "a.pdf", Type: "application/pdf", Content: []byte("%PDF")}
	invitation := mailer.Attachment{Name: "i.ics", Type: "Text/Calendar; METHOD=request", Content: []byte(invite)}
	for name, tt := range map[string]struct {
		text, html  string
		attachments []mailer.Attachment
		want        []string
	}{
		"text":            {text: "t", want: []string{" text/plain"}},
		"html":            {html: "h", want: []string{" text/html"}},
		"no body":         {want: []string{" text/plain"}},
		"both":            {text: "t", html: "h", want: []string{"alternative text/plain", "alternative text/html"}},
		"file alone":      {attachments: []mailer.Attachment{file}, want: []string{"mixed text/plain", "mixed application/pdf"}},
		"image with html": {html: "h", attachments: []mailer.Attachment{image}, want: []string{"related text/html", "related image/png"}},
		"image, no html":  {text: "t", attachments: []mailer.Attachment{image}, want: []string{"mixed text/plain", "mixed image/png"}},
		"invitation": {text: "t", html: "h", attachments: []mailer.Attachment{invitation}, want: []string{
			"mixed/alternative text/plain", "mixed/alternative text/html", "mixed/alternative text/calendar", "mixed application/ics",
		}},
		"invitation with an image": {html: "h", attachments: []mailer.Attachment{image, invitation}, want: []string{
			"mixed/related/alternative text/html", "mixed/related/alternative text/calendar", "mixed/related image/png", "mixed application/ics",
		}},
		"invitation alone": {attachments: []mailer.Attachment{invitation}, want: []string{
			"mixed/alternative text/plain", "mixed/alternative text/calendar", "mixed application/ics",
		}},
		"all": {text: "t", html: "h", attachments: []mailer.Attachment{file, image}, want: []string{
			"mixed/related/alternative text/plain", "mixed/related/alternative text/html",
			"mixed/related image/png", "mixed application/pdf",
		}},
	} {
		p := parse(t, rawOf(t, mustCompose(t, newDraft(func(d *mailer.Draft) {
			d.Text, d.HTML, d.Attachments = tt.text, tt.html, tt.attachments
		}))))
		var got []string
		for _, l := range p.leaves {
			got = append(got, l.path+" "+l.mediaType)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestComposeInlineRefersToItsContentID(t *testing.T) {
	t.Parallel()
	p := parse(t, rawOf(t, mustCompose(t, drafts()["inline"])))
	image := p.leaf(t, "image/png")
	if image.cid != "<logo@shop>" || image.disposition != "inline" {
		t.Errorf("image has Content-ID %q and disposition %q", image.cid, image.disposition)
	}
	if file := p.leaf(t, "text/calendar"); file.cid != "" || file.disposition != "attachment" {
		t.Errorf("file has Content-ID %q and disposition %q", file.cid, file.disposition)
	}
}

// TestComposeBoundaryInBody puts a mail's own boundaries into its bodies.
func TestComposeBoundaryInBody(t *testing.T) {
	t.Parallel()
	for name, add := range map[string]func(d *mailer.Draft, line string){
		"text": func(d *mailer.Draft, line string) { d.Text += line },
		"html": func(d *mailer.Draft, line string) { d.HTML += line },
		"invitation": func(d *mailer.Draft, line string) {
			d.Attachments[1].Content = append(d.Attachments[1].Content, line...)
		},
		"all": func(d *mailer.Draft, line string) {
			d.Text += line
			d.HTML += line
			d.Attachments[1].Content = append(d.Attachments[1].Content, line...)
		},
	} {
		d := drafts()["invitation"]
		for range 3 {
			for line := range strings.SplitSeq(string(rawOf(t, mustCompose(t, d))), "\r\n") {
				if strings.HasPrefix(line, "--") {
					add(&d, line+"\r\n")
				}
			}
			raw := rawOf(t, mustCompose(t, d))
			checkContent(t, d, parse(t, raw))
			checkGoMessage(t, d, raw)
		}
		if t.Failed() {
			t.Fatalf("with its boundaries in %s", name)
		}
	}
}

func TestComposeHeadersKeepTheirOrder(t *testing.T) {
	t.Parallel()
	var want []string
	d := newDraft(func(d *mailer.Draft) {
		for _, v := range []string{"z", "a", "m", "b", "y", "c"} {
			d.Headers = append(d.Headers, mailer.Header{Name: "X-" + v, Value: v})
			want = append(want, "X-"+v+": "+v)
		}
	})
	head, _, _ := strings.Cut(string(rawOf(t, mustCompose(t, d))), "\r\n\r\n")
	if joined := strings.Join(want, "\r\n"); !strings.Contains(head, joined) {
		t.Errorf("headers not in order:\n%s", head)
	}
	if strings.Contains(head, "User-Agent") || strings.Contains(head, "X-Mailer") {
		t.Errorf("the header advertises:\n%s", head)
	}
}

func TestComposeUnsubscribe(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		unsubscribe mailer.Unsubscribe
		list, post  string
	}{
		"https":  {mailer.Unsubscribe{URL: "https://example.com/u"}, "<https://example.com/u>", "List-Unsubscribe=One-Click"},
		"HTTPS":  {mailer.Unsubscribe{URL: "HTTPS://example.com/u"}, "<HTTPS://example.com/u>", "List-Unsubscribe=One-Click"},
		"http":   {mailer.Unsubscribe{URL: "http://example.com/u"}, "<http://example.com/u>", ""},
		"mailto": {mailer.Unsubscribe{Mailto: "mailto:leave@example.com"}, "<mailto:leave@example.com>", ""},
		"both": {
			mailer.Unsubscribe{URL: "https://example.com/u", Mailto: "leave@example.com"},
			"<https://example.com/u>, <mailto:leave@example.com>", "List-Unsubscribe=One-Click",
		},
	} {
		p := parse(t, rawOf(t, mustCompose(t, newDraft(func(d *mailer.Draft) { d.Unsubscribe = tt.unsubscribe }))))
		if list, post := p.header.Get("List-Unsubscribe"), p.header.Get("List-Unsubscribe-Post"); list != tt.list || post != tt.post {
			t.Errorf("%s: %q and %q, want %q and %q", name, list, post, tt.list, tt.post)
		}
	}
}

func TestComposeThreadReferencesItsParent(t *testing.T) {
	t.Parallel()
	m := mustCompose(t, newDraft(func(d *mailer.Draft) {
		d.Thread = mailer.Thread{ID: "18c2f0a1b2c3d4e5", InReplyTo: "<a@example.org>"}
	}))
	p := parse(t, rawOf(t, m))
	if got := p.header.Get("References"); got != "<a@example.org>" || m.ThreadID != "18c2f0a1b2c3d4e5" || m.MailID != "order-1042" {
		t.Errorf("References %q, thread %q, mail %q", got, m.ThreadID, m.MailID)
	}
}

func TestComposeMaxSize(t *testing.T) {
	t.Parallel()
	of := func(n int) mailer.Draft {
		return newDraft(func(d *mailer.Draft) {
			d.Attachments = []mailer.Attachment{{Name: "a.bin", Content: make([]byte, n)}}
		})
	}
	overhead := mustCompose(t, of(0)).Size()
	// 57 bytes make a line of 78.
	largest := int((mailer.MaxSize - overhead) / 78 * 57)
	exact := of(largest)
	missing := int(mailer.MaxSize - mustCompose(t, exact).Size())
	exact.Subject += strings.Repeat("x", missing/2)
	exact.Text += strings.Repeat("x", missing-missing/2)
	if m := mustCompose(t, exact); m.Size() != mailer.MaxSize {
		t.Errorf("a message of %d bytes was composed, want %d", m.Size(), mailer.MaxSize)
	}
	exact.Subject += "x"
	for _, d := range []mailer.Draft{exact, of(2 * largest)} {
		_, err := mailer.Compose(d)
		var e *mailer.Error
		if !errors.As(err, &e) || e.Class != mailer.Permanent || e.Reason != "too_large" {
			t.Errorf("attachment of %d bytes: %v", len(d.Attachments[0].Content), err)
		}
	}
}

func TestMessageCanBeReadTwice(t *testing.T) {
	t.Parallel()
	m := mustCompose(t, newDraft(nil))
	first, second := rawOf(t, m), rawOf(t, m)
	var written bytes.Buffer
	n, err := m.WriteTo(&written)
	if err != nil || n != m.Size() || !bytes.Equal(first, second) || !bytes.Equal(first, written.Bytes()) {
		t.Errorf("WriteTo: %d bytes, %v; Size is %d; readers agree: %v", n, err, m.Size(), bytes.Equal(first, second))
	}
}

func TestIDHash(t *testing.T) {
	t.Parallel()
	// printf %s order-1042 | sha256sum | cut -c1-32
	if got, want := mailer.IDHash("order-1042"), "bff83cdfb94d8087b6fd49cb20c427dc"; got != want {
		t.Errorf("IDHash is %q, want %q", got, want)
	}
}

// filesOf are all files of a mail, images first.
func filesOf(d mailer.Draft) []mailer.Attachment { return slices.Concat(d.Images, d.Attachments) }
