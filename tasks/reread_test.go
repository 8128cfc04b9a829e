package tasks_test

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/mail"
	"net/textproto"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-message"
	other "github.com/emersion/go-message/mail"
	"github.com/google/go-cmp/cmp"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/tasks"
)

// reread composes a mail as a worker would and reads it again, with Go's
// net/mail and with go-message: both have to find in it what was asked for.
func reread(t *testing.T, e tasks.Email) {
	t.Helper()
	d, raw := draft(t, e), []byte(composed(t, e))
	names, bodies := readOther(t, raw, d)
	if also := readHeader(t, raw, d); !slices.Equal(also, names) {
		t.Errorf("net/mail finds the fields %q, go-message %q", also, names)
	}
	for _, name := range names {
		if !expected(name, e) {
			t.Errorf("a field %s that nobody asked for", name)
		}
	}
	want := map[string]string{}
	if d.Text != "" || d.HTML == "" {
		want["text/plain"] = lines(d.Text)
	}
	if d.HTML != "" {
		want["text/html"] = lines(d.HTML)
	}
	for mediaType, text := range want {
		if diff := cmp.Diff(text, bodies[mediaType]); diff != "" {
			t.Errorf("%s as go-message reads it (-want +got):\n%s", mediaType, diff)
		}
	}
}

// composed is the mail as it goes out.
func composed(t *testing.T, e tasks.Email) string {
	t.Helper()
	m, err := mailer.Compose(draft(t, e))
	if err != nil {
		t.Fatalf("Compose: %v", err)
	}
	var raw strings.Builder
	if _, err := m.WriteTo(&raw); err != nil {
		t.Fatal(err)
	}
	return raw.String()
}

// readHeader returns the names of all fields, in order, as net/mail finds them.
func readHeader(t *testing.T, raw []byte, d mailer.Draft) (names []string) {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("net/mail: %v\n%s", err, raw)
	}
	for name, values := range m.Header {
		for range values {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for name, want := range map[string][]mail.Address{"To": d.To, "Cc": d.Cc, "Bcc": d.Bcc, "Reply-To": d.ReplyTo} {
		if len(want) == 0 {
			continue
		}
		list, err := m.Header.AddressList(name)
		if err != nil {
			t.Fatalf("net/mail: %s: %v", name, err)
		}
		got := make([]mail.Address, 0, len(list))
		for _, a := range list {
			got = append(got, *a)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("net/mail: %s (-want +got):\n%s", name, diff)
		}
	}
	if got, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil || got != d.Subject {
		t.Errorf("net/mail reads the subject %q (%v), want %q", got, err, d.Subject)
	}
	return names
}

// readOther returns the same as go-message finds it, and the bodies by type.
func readOther(t *testing.T, raw []byte, d mailer.Draft) (names []string, bodies map[string]string) {
	t.Helper()
	r, err := other.CreateReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("go-message: %v\n%s", err, raw)
	}
	defer func() { _ = r.Close() }() // It reads from memory.
	for f := r.Header.Fields(); f.Next(); {
		names = append(names, textproto.CanonicalMIMEHeaderKey(f.Key()))
	}
	slices.Sort(names)
	if got, err := r.Header.Subject(); err != nil || got != d.Subject {
		t.Errorf("go-message reads the subject %q (%v), want %q", got, err, d.Subject)
	}
	for name, want := range map[string][]mail.Address{"To": d.To, "Cc": d.Cc, "Bcc": d.Bcc, "Reply-To": d.ReplyTo} {
		got, err := r.Header.AddressList(name)
		if err != nil || len(got) != len(want) {
			t.Errorf("go-message: %s: %d addresses (%v), want %d", name, len(got), err, len(want))
			continue
		}
		for i, a := range got {
			if a.Address != want[i].Address || a.Name != want[i].Name {
				t.Errorf("go-message: %s: %v, want %v", name, a, want[i])
			}
		}
	}
	bodies = map[string]string{}
	for {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return names, bodies
		}
		if err != nil && !message.IsUnknownCharset(err) { // A file's is none of ours.
			t.Fatalf("go-message: %v", err)
		}
		content, err := io.ReadAll(p.Body)
		if err != nil {
			t.Fatalf("go-message: %v", err)
		}
		if h, ok := p.Header.(*other.InlineHeader); ok && h.Get("Content-Disposition") == "" {
			mediaType, _, err := h.ContentType()
			if err != nil {
				t.Errorf("go-message: %v", err)
			}
			bodies[mediaType] = lines(string(content))
		}
	}
}

// expected reports whether a mail may have a field of that name.
func expected(name string, e tasks.Email) bool {
	switch name {
	case "From", "Reply-To", "To", "Cc", "Bcc", "Subject", "Date", "Message-Id", "Mime-Version", "Content-Type",
		"Content-Transfer-Encoding", "X-Postroom-Id", "In-Reply-To", "References", "List-Unsubscribe", "List-Unsubscribe-Post":
		return true
	}
	for own := range e.Headers {
		if textproto.CanonicalMIMEHeaderKey(own) == name {
			return true
		}
	}
	return false
}

// lines is a text with all its line ends "\n", as a reader has it.
func lines(s string) string { return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s) }
