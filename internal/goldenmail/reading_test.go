package goldenmail_test

import (
	"cmp"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"net/textproto"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gomail "github.com/emersion/go-message/mail"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/tasks"
)

// A reading is what a mail's reader finds in it.
type reading struct {
	From, ReplyTo, To, Cc         []netmail.Address
	Subject, Text, HTML, Calendar string
	Files                         []enclosure
}

type enclosure struct{ Name, ContentID, Content string }

// checkReadings holds what went out to what was asked for, with two parsers that
// know nothing of us.
func checkReadings(t *testing.T, g golden, content mailer.Content, raw string) {
	t.Helper()
	want := asked(t, g)
	want.Subject, want.Text, want.HTML = content.Subject, content.Text, content.HTML
	for i, image := range content.Images { // They stand beside the HTML, before all files.
		file := enclosure{image.Name, "<" + image.ContentID + ">", string(read(t, "testdata/templates/images/"+image.Name))}
		want.Files = slices.Insert(want.Files, i, file)
	}
	for parser, got := range map[string]reading{"net/mail": byNetMail(t, raw), "go-message": byGoMessage(t, raw)} {
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%s reads (-asked for +read):\n%s", parser, diff)
		}
	}
}

// asked is what the payload says, but for the content.
func asked(t *testing.T, g golden) reading {
	t.Helper()
	e := g.email
	want := reading{
		From:    addresses(t, tasks.Addresses{cmp.Or(e.From, author.String())}),
		ReplyTo: addresses(t, e.ReplyTo), To: addresses(t, e.To), Cc: addresses(t, e.Cc),
	}
	for _, a := range e.Attachments {
		file := enclosure{Name: cmp.Or(a.Name, filepath.Base(a.Path)), Content: string(read(t, a.Path))}
		if a.CID != "" {
			file.ContentID = "<" + a.CID + ">"
		}
		want.Files = append(want.Files, file)
		if filepath.Ext(a.Path) == ".ics" { // It is among the bodies too.
			want.Calendar = newlines(file.Content)
		}
	}
	return want
}

func addresses(t *testing.T, list tasks.Addresses) (all []netmail.Address) {
	t.Helper()
	for _, one := range list {
		a, err := netmail.ParseAddress(one)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, *a)
	}
	return all
}

// put is a part that is no multipart.
func (r *reading) put(t *testing.T, mediaType, disposition, contentID, content string) {
	t.Helper()
	if disposition != "" {
		_, params, err := mime.ParseMediaType(disposition)
		if err != nil {
			t.Fatalf("Content-Disposition %q: %v", disposition, err)
		}
		r.Files = append(r.Files, enclosure{params["filename"], contentID, content})
		return
	}
	content = newlines(content)
	switch mediaType {
	case "text/plain":
		r.Text += content
	case "text/html":
		r.HTML += content
	case "text/calendar":
		r.Calendar += content
	default:
		t.Errorf("a body of type %s", mediaType)
	}
}

func byNetMail(t *testing.T, raw string) (r reading) {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if r.Subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		t.Fatal(err)
	}
	for name, list := range map[string]*[]netmail.Address{"From": &r.From, "Reply-To": &r.ReplyTo, "To": &r.To, "Cc": &r.Cc} {
		found, err := m.Header.AddressList(name)
		if err != nil && !errors.Is(err, netmail.ErrHeaderNotPresent) {
			t.Fatalf("%s: %v", name, err)
		}
		for _, a := range found {
			*list = append(*list, *a)
		}
	}
	r.parts(t, textproto.MIMEHeader(m.Header), m.Body)
	return r
}

func (r *reading) parts(t *testing.T, h textproto.MIMEHeader, body io.Reader) {
	t.Helper()
	mediaType, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(mediaType, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			r.parts(t, p.Header, p)
		}
	}
	switch h.Get("Content-Transfer-Encoding") {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	content, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	r.put(t, mediaType, h.Get("Content-Disposition"), h.Get("Content-ID"), string(content))
}

func byGoMessage(t *testing.T, raw string) (r reading) {
	t.Helper()
	m, err := gomail.CreateReader(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if r.Subject, err = m.Header.Subject(); err != nil {
		t.Fatal(err)
	}
	for name, list := range map[string]*[]netmail.Address{"From": &r.From, "Reply-To": &r.ReplyTo, "To": &r.To, "Cc": &r.Cc} {
		found, err := m.Header.AddressList(name)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, a := range found {
			*list = append(*list, netmail.Address{Name: a.Name, Address: a.Address})
		}
	}
	for {
		p, err := m.NextPart()
		if errors.Is(err, io.EOF) {
			return r
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(p.Body)
		if err != nil {
			t.Fatal(err)
		}
		mediaType, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type"))
		r.put(t, mediaType, p.Header.Get("Content-Disposition"), p.Header.Get("Content-Id"), string(content))
	}
}

// newlines are those of the golden files: the mail has CRLF.
func newlines(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }
