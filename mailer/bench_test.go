package mailer_test

import (
	"bytes"
	"io"
	"runtime"
	"strings"
	"testing"

	gomail "github.com/wneessen/go-mail"

	"github.com/postroom/postroom/mailer"
)

// BenchmarkCompose sets Compose beside go-mail used as its documentation shows,
// for the same mail: a small one with text and HTML, and one of 10 MB.
func BenchmarkCompose(b *testing.B) {
	for name, d := range map[string]mailer.Draft{"small": smallDraft(), "10MB": largeDraft()} {
		b.Run(name+"/postroom", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := mailer.Compose(d); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/go-mail", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := composePlainly(d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func smallDraft() mailer.Draft {
	return newDraft(func(d *mailer.Draft) {
		d.Text = strings.Repeat("It is on its way, and here is what it holds.\n", 10)
		d.HTML = strings.Repeat("<p>It is <b>on its way</b>, and here is what it holds.</p>\n", 20)
	})
}

const largeSize = 10_000_000

func largeDraft() mailer.Draft {
	return newDraft(func(d *mailer.Draft) {
		d.Attachments = []mailer.Attachment{{Name: "film.mp4", Type: "video/mp4", Content: make([]byte, largeSize)}}
	})
}

func composePlainly(d mailer.Draft) error {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := m.FromFormat(d.From.Name, d.From.Address); err != nil {
		return err
	}
	if err := m.AddToFormat(d.To[0].Name, d.To[0].Address); err != nil {
		return err
	}
	m.Subject(d.Subject)
	m.SetDateWithValue(d.Date)
	m.SetMessageIDWithValue(mailer.IDHash(d.MailID) + "@example.com")
	m.SetGenHeader("X-Postroom-ID", mailer.IDHash(d.MailID))
	m.SetBodyString(gomail.TypeTextPlain, d.Text)
	if d.HTML != "" {
		m.AddAlternativeString(gomail.TypeTextHTML, d.HTML)
	}
	for _, a := range d.Attachments {
		m.AttachReadSeeker(a.Name, bytes.NewReader(a.Content), gomail.WithFileContentType(gomail.ContentType(a.Type)))
	}
	var out bytes.Buffer
	_, err := m.WriteTo(&out)
	return err
}

// TestComposeMemory holds Compose to what it promises of large attachments: all
// that it allocates is the message itself, which base64 makes 1.37 times as
// large as the file.
func TestComposeMemory(t *testing.T) { //nolint:paralleltest // It counts what the whole process allocates.
	d := largeDraft()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	mustCompose(t, d)
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > largeSize*3/2 {
		t.Errorf("%d bytes allocated for an attachment of %d", got, largeSize)
	}
}

func BenchmarkConsole(b *testing.B) {
	c, m := mailer.NewConsole(io.Discard), mustCompose(b, smallDraft())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Send(b.Context(), m); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMaildir(b *testing.B) {
	box := newMaildir(b, b.TempDir())
	d := smallDraft()
	for b.Loop() {
		d.MailID += "x"
		if _, err := box.Send(b.Context(), mustCompose(b, d)); err != nil {
			b.Fatal(err)
		}
	}
}
