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

// A Letter is a composed message taken apart again, as a reader has it: what goes
// out, not what was asked for.
type Letter struct {
	// Header has all fields, as they are encoded; Field decodes one.
	Header mail.Header
	// Text and HTML are the bodies, with LF at the end of lines; one may be empty.
	Text, HTML string
	// Method is that of an invitation: "REQUEST".
	Method string
	// Files are the attachments, in order; those with a ContentID are inline.
	Files []Attachment
}

// Open takes a message apart.
func (m *Message) Open() (*Letter, error) {
	msg, err := mail.ReadMessage(m.Reader())
	if err != nil {
		return nil, fmt.Errorf("read header: %w", err)
	}
	l := &Letter{Header: msg.Header}
	if err := l.readPart(textproto.MIMEHeader(msg.Header), msg.Body); err != nil {
		return nil, err
	}
	return l, nil
}

// Field is a header field as people read it; empty where there is none.
func (l *Letter) Field(name string) string { return decoded(l.Header.Get(name)) }

func (l *Letter) readPart(h textproto.MIMEHeader, body io.Reader) error {
	mediaType, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return fmt.Errorf("read content type: %w", err)
	}
	if strings.HasPrefix(mediaType, "multipart/") {
		return l.readParts(multipart.NewReader(body, params["boundary"]))
	}
	body = decoder(h.Get("Content-Transfer-Encoding"), body)
	content, err := io.ReadAll(body)
	if err != nil {
		return fmt.Errorf("read %s: %w", mediaType, err)
	}
	if disposition, params, err := mime.ParseMediaType(h.Get("Content-Disposition")); err == nil {
		file := Attachment{Name: params["filename"], Type: mediaType, Content: content}
		if disposition == "inline" {
			file.ContentID = strings.Trim(h.Get("Content-Id"), "<>")
		}
		l.Files = append(l.Files, file)
		return nil
	}
	switch mediaType {
	case "text/html":
		l.HTML = withLF(content)
	case "text/calendar":
		l.Method = params["method"]
	default:
		l.Text = withLF(content)
	}
	return nil
}

func withLF(content []byte) string { return strings.ReplaceAll(string(content), "\r\n", "\n") }

func (l *Letter) readParts(parts *multipart.Reader) error {
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

func (l *Letter) print(out *bytes.Buffer, m *Message, id string) {
	fmt.Fprintln(out, ruler)
	fmt.Fprintf(out, labelForm, "Mail", visible(m.MailID)+"  ("+id+")")
	for _, name := range []string{
		"From", "Reply-To", "To", "Cc", "Bcc", "Subject", "Date", "In-Reply-To", "List-Unsubscribe",
	} {
		if value := l.Header.Get(name); value != "" {
			fmt.Fprintf(out, labelForm, label(name), visible(decoded(value)))
		}
	}
	if m.ThreadID != "" {
		fmt.Fprintf(out, labelForm, "Thread", visible(m.ThreadID))
	}
	fmt.Fprintln(out, ruler)
	l.printBody(out)
	if l.Method != "" {
		fmt.Fprintf(out, labelForm, "Calendar", visible(l.Method)+", beside the bodies")
	}
	for _, f := range l.Files {
		kind := "Attached"
		if f.ContentID != "" {
			kind = "Inline"
		}
		fmt.Fprintf(out, labelForm, kind, fmt.Sprintf("%s  (%s, %d bytes)", visible(f.Name), visible(f.Type), len(f.Content)))
	}
	fmt.Fprintf(out, labelForm, "Size", fmt.Sprintf("%d bytes", m.Size()))
	fmt.Fprintln(out, ruler)
}

func (l *Letter) printBody(out *bytes.Buffer) {
	text := strings.TrimRight(l.Text, "\n")
	html := len(l.HTML) + strings.Count(l.HTML, "\n") // CRLF, as it is sent.
	switch {
	case text != "" && html > 0:
		fmt.Fprintf(out, "%s\n%s\n", visible(text), ruler)
		fmt.Fprintf(out, labelForm, "HTML", fmt.Sprintf("%d bytes beside the text", html))
	case text != "":
		fmt.Fprintf(out, "%s\n%s\n", visible(text), ruler)
	case html > 0:
		fmt.Fprintf(out, labelForm, "HTML", fmt.Sprintf("only, %d bytes", html))
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
