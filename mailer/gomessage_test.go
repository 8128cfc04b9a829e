package mailer_test

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"slices"
	"testing"

	"github.com/emersion/go-message"
	"github.com/emersion/go-message/mail"
	"github.com/google/go-cmp/cmp"

	"github.com/postroom/postroom/mailer"
)

// checkGoMessage reads raw with go-message, which finds fields, unfolds them and
// takes parts apart by itself, and compares what it finds with what was asked for.
func checkGoMessage(tb testing.TB, d mailer.Draft, raw []byte) {
	tb.Helper()
	equal := func(what string, want, got any, err error) {
		tb.Helper()
		if err != nil {
			tb.Errorf("go-message: %s: %v", what, err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			tb.Errorf("go-message: %s (-want +got):\n%s", what, diff)
		}
	}
	r, err := mail.CreateReader(bytes.NewReader(raw))
	if err != nil {
		tb.Fatalf("go-message: %v\n%s", err, raw)
	}
	defer func() { _ = r.Close() }() // It reads from memory.
	subject, err := r.Header.Subject()
	equal("subject", d.Subject, subject, err)
	date, err := r.Header.Date()
	equal("date", d.Date.Unix(), date.Unix(), err)
	for name, want := range map[string][]mailer.Address{
		"From": {d.From}, "Reply-To": d.ReplyTo, "To": d.To, "Cc": d.Cc, "Bcc": d.Bcc,
		"X-Postroom-To": d.Meant.To, "X-Postroom-Cc": d.Meant.Cc, "X-Postroom-Bcc": d.Meant.Bcc,
	} {
		list, err := r.Header.AddressList(name)
		var got []mailer.Address
		for _, a := range list {
			got = append(got, mailer.Address{Name: a.Name, Address: a.Address})
		}
		equal(name, want, got, err)
	}
	equal("header names", wantFields(d), fields(&r.Header), nil)
	checkGoMessageParts(tb, d, r)
}

// fields are the canonical names of all fields, each as often as it is there.
func fields(h *mail.Header) (names []string) {
	for f := h.Fields(); f.Next(); {
		names = append(names, canonical(f.Key()))
	}
	slices.Sort(names)
	return names
}

// wantFields are the names of the fields that d asks for, a header that it has
// twice twice.
func wantFields(d mailer.Draft) []string {
	names := wantHeaders(d)
	seen := map[string]bool{}
	for _, h := range d.Headers {
		name := canonical(h.Name)
		if seen[name] {
			names = append(names, name)
		}
		seen[name] = true
	}
	slices.Sort(names)
	return names
}

// checkGoMessageParts compares the bodies, and each file's name and content.
func checkGoMessageParts(tb testing.TB, d mailer.Draft, r *mail.Reader) {
	tb.Helper()
	type file struct{ Name, CID, Content string }
	bodies, files := map[string]string{}, []file{}
	for {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil && !message.IsUnknownCharset(err) { // A file's is none of ours.
			tb.Fatalf("go-message: next part: %v", err)
		}
		content, err := io.ReadAll(p.Body)
		if err != nil {
			tb.Fatalf("go-message: read part: %v", err)
		}
		switch h := p.Header.(type) { //nolint:exhaustive // NextPart gives one of the two.
		case *mail.AttachmentHeader:
			name, err := h.Filename()
			if err != nil {
				tb.Errorf("go-message: file name: %v", err)
			}
			files = append(files, file{name, h.Get("Content-ID"), string(content)})
		case *mail.InlineHeader:
			mediaType, _, err := h.ContentType()
			if err != nil {
				tb.Errorf("go-message: media type: %v", err)
			}
			_, params, err := h.ContentDisposition()
			if err == nil { // A body has none.
				files = append(files, file{params["filename"], h.Get("Content-ID"), string(content)})
				continue
			}
			bodies[mediaType] += newlines(string(content))
		}
	}
	wantBodies, wantFiles := map[string]string{}, []file{}
	if d.Text != "" || d.HTML == "" {
		wantBodies["text/plain"] = newlines(d.Text)
	}
	if d.HTML != "" {
		wantBodies["text/html"] = newlines(d.HTML)
	}
	for _, a := range invitations(d) {
		wantBodies["text/calendar"] = newlines(string(a.Content))
	}
	if diff := cmp.Diff(wantBodies, bodies); diff != "" {
		tb.Errorf("go-message: bodies (-want +got):\n%s", diff)
	}
	for _, inline := range []bool{true, false} { // They stand beside the HTML, before the others.
		for _, a := range filesOf(d) {
			if inline != (a.ContentID != "" && d.HTML != "") {
				continue
			}
			cid := ""
			if a.ContentID != "" {
				cid = "<" + a.ContentID + ">"
			}
			wantFiles = append(wantFiles, file{encodedTwice(a.Name), cid, string(a.Content)})
		}
	}
	if diff := cmp.Diff(wantFiles, files); diff != "" {
		tb.Errorf("go-message: files (-want +got):\n%s", diff)
	}
}

// encodedTwice is how go-message reads a file's name: it decodes RFC 2231, and
// then, which RFC 2047 section 5 forbids, what looks like an encoded word.
func encodedTwice(name string) string {
	s, err := new(mime.WordDecoder).DecodeHeader(name)
	if err != nil {
		return name
	}
	return s
}
