package mailer

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
	"unicode"
)

// A letter is a Message as Console shows it.
type letter struct {
	header mail.Header
	text   string
	html   int    // size in bytes
	method string // of an invitation
	files  []enclosure
}

type enclosure struct {
	name, mediaType string
	size            int64
	inline          bool
}

// readLetter takes a composed message apart again: a Console shows what goes
// out, not what was asked for.
func readLetter(m *Message) (*letter, error) {
	msg, err := mail.ReadMessage(m.Reader())
	if err != nil {
		return nil, fmt.Errorf("read header: %w", err)
	}
	l := &letter{header: msg.Header}
	if err := l.readPart(textproto.MIMEHeader(msg.Header), msg.Body); err != nil {
		return nil, err
	}
	return l, nil
}

func (l *letter) readPart(h textproto.MIMEHeader, body io.Reader) error {
	mediaType, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return fmt.Errorf("read content type: %w", err)
	}
	if strings.HasPrefix(mediaType, "multipart/") {
		return l.readParts(multipart.NewReader(body, params["boundary"]))
	}
	body = decoder(h.Get("Content-Transfer-Encoding"), body)
	if disposition, params, err := mime.ParseMediaType(h.Get("Content-Disposition")); err == nil {
		size, err := io.Copy(io.Discard, body)
		if err != nil {
			return fmt.Errorf("read attachment: %w", err)
		}
		l.files = append(l.files, enclosure{params["filename"], mediaType, size, disposition == "inline"})
		return nil
	}
	content, err := io.ReadAll(body)
	if err != nil {
		return fmt.Errorf("read %s: %w", mediaType, err)
	}
	switch mediaType {
	case "text/html":
		l.html = len(content)
	case "text/calendar":
		l.method = params["method"]
	default:
		l.text = string(content)
	}
	return nil
}

func (l *letter) readParts(parts *multipart.Reader) error {
	for {
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read part: %w", err)
		}
		if err := l.readPart(p.Header, p); err != nil {
			return err
		}
	}
}

func decoder(encoding string, r io.Reader) io.Reader {
	switch strings.ToLower(encoding) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, r)
	case "quoted-printable":
		return quotedprintable.NewReader(r)
	default:
		return r
	}
}

const (
	ruler     = "────────────────────────────────────────────────────────────────────────"
	labelForm = "%-12s%s\n"
)

func (l *letter) print(out *bytes.Buffer, m *Message, id string) {
	fmt.Fprintln(out, ruler)
	fmt.Fprintf(out, labelForm, "Mail", visible(m.MailID)+"  ("+id+")")
	for _, name := range []string{
		"From", "Reply-To", "To", "Cc", "Bcc", "Subject", "Date", "In-Reply-To", "List-Unsubscribe",
	} {
		if value := l.header.Get(name); value != "" {
			fmt.Fprintf(out, labelForm, label(name), visible(decoded(value)))
		}
	}
	if m.ThreadID != "" {
		fmt.Fprintf(out, labelForm, "Thread", visible(m.ThreadID))
	}
	fmt.Fprintln(out, ruler)
	l.printBody(out)
	if l.method != "" {
		fmt.Fprintf(out, labelForm, "Calendar", visible(l.method)+", beside the bodies")
	}
	for _, f := range l.files {
		kind := "Attached"
		if f.inline {
			kind = "Inline"
		}
		fmt.Fprintf(out, labelForm, kind, fmt.Sprintf("%s  (%s, %d bytes)", visible(f.name), visible(f.mediaType), f.size))
	}
	fmt.Fprintf(out, labelForm, "Size", fmt.Sprintf("%d bytes", m.Size()))
	fmt.Fprintln(out, ruler)
}

func (l *letter) printBody(out *bytes.Buffer) {
	text := strings.TrimRight(strings.ReplaceAll(l.text, "\r\n", "\n"), "\n")
	switch {
	case text != "" && l.html > 0:
		fmt.Fprintf(out, "%s\n%s\n", visible(text), ruler)
		fmt.Fprintf(out, labelForm, "HTML", fmt.Sprintf("%d bytes beside the text", l.html))
	case text != "":
		fmt.Fprintf(out, "%s\n%s\n", visible(text), ruler)
	case l.html > 0:
		fmt.Fprintf(out, labelForm, "HTML", fmt.Sprintf("only, %d bytes", l.html))
	default:
		fmt.Fprintln(out, "(no body)")
	}
}

// label shortens the one name that is wider than its column.
func label(name string) string {
	if name == "List-Unsubscribe" {
		return "Unsubscribe"
	}
	return name
}

// decoded shows encoded words as their readers do; what does not decode is
// shown as it stands.
func decoded(value string) string {
	s, err := new(mime.WordDecoder).DecodeHeader(value)
	if err != nil {
		return value
	}
	return s
}

// visible replaces the control characters that a terminal obeys.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}
