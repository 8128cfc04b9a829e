package mailer

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime/quotedprintable"
	"strings"

	"github.com/wneessen/go-mail"
)

// writeMIME has go-mail write Date, Message-ID, the MIME fields and the body.
func writeMIME(out *bytes.Buffer, d *Draft) error {
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	msg.SetDateWithValue(d.Date)
	_, domain, _ := strings.Cut(d.From.Address, "@")
	msg.SetMessageIDWithValue(IDHash(d.MailID) + "@" + domain)
	if d.Text != "" || d.HTML == "" {
		addBody(out, msg, mail.TypeTextPlain, d.Text)
	}
	if d.HTML != "" {
		addBody(out, msg, mail.TypeTextHTML, d.HTML)
	}
	if a := d.invitation(); a != nil {
		addBody(out, msg, mail.ContentType(invitationType(a.method())), string(a.Content))
	}
	var files, inline []*mail.File
	for _, a := range d.files() {
		if a.ContentID != "" && d.HTML != "" {
			inline = append(inline, newFile(out, &a, "inline"))
		} else {
			files = append(files, newFile(out, &a, "attachment"))
		}
	}
	msg.SetEmbeds(inline)
	msg.SetAttachments(files)
	n := newNest(out, msg, d)
	_, err := msg.WriteTo(n)
	return err
}

// addBody adds a body as quoted-printable, or as base64 where that is shorter,
// as it is for any script but the Latin. It writes itself to out, as files do
// (see newFile).
func addBody(out *bytes.Buffer, msg *mail.Msg, t mail.ContentType, body string) {
	encoding := mail.EncodingQP
	if 2*nonASCII(body) > len(body)/3 {
		encoding = mail.EncodingB64
	}
	msg.AddAlternativeWriter(t, func(io.Writer) (n int64, err error) {
		if encoding == mail.EncodingB64 {
			writeBase64(out, []byte(canonical.Replace(body)))
		} else {
			err = writeQuoted(out, body)
		}
		return int64(len(body)), err
	}, mail.WithPartEncoding(encoding))
}

func writeQuoted(out *bytes.Buffer, body string) error {
	quoted := quotedprintable.NewWriter(out)
	if _, err := io.WriteString(quoted, body); err != nil {
		return err
	}
	return quoted.Close()
}

// canonical gives text the line ends that RFC 2045 section 6.8 wants under
// base64. The quoted-printable writer does the same by itself.
var canonical = strings.NewReplacer("\r\n", "\r\n", "\r", "\r\n", "\n", "\r\n")

// newFile gives go-mail an attachment that writes itself to out, not to the
// writer that go-mail offers: that one collects the encoded file in a growing
// buffer of its own first, which for 10 MB costs 50. go-mail has written the
// part's header to out by then, since it buffers nothing else.
func newFile(out *bytes.Buffer, a *Attachment, disposition string) *mail.File {
	return &mail.File{
		Name:   a.Name,
		Header: fileHeader(a, disposition),
		Writer: func(io.Writer) (int64, error) {
			writeBase64(out, a.Content)
			return int64(len(a.Content)), nil
		},
	}
}

// base64Line is how many bytes make a line of 76 characters, the most that RFC
// 2045 section 6.8 allows.
const base64Line = 57

func writeBase64(out *bytes.Buffer, data []byte) {
	for len(data) > 0 {
		n := min(base64Line, len(data))
		out.Write(base64.StdEncoding.AppendEncode(out.AvailableBuffer(), data[:n]))
		out.WriteString("\r\n")
		data = data[n:]
	}
}

func base64Len(n int) int {
	lines := (n + base64Line - 1) / base64Line
	return base64.StdEncoding.EncodedLen(n) + 2*lines
}

func nonASCII(s string) int {
	n := 0
	for i := range len(s) {
		n += int(s[i] >> 7)
	}
	return n
}

// A nest gives each level of multiparts its boundary. go-mail knows random
// boundaries, or a single one for all levels, which it reads as a level begins;
// a nest changes that one after each begin.
type nest struct {
	out   *bytes.Buffer
	msg   *mail.Msg
	root  string // The type of the first part of multipart/related.
	base  string
	level byte
}

// newNest takes its boundaries from the mail's ID and from nothing that varies.
// None of them occurs in a body; in base64 they can't, as they hold hyphens.
func newNest(out *bytes.Buffer, msg *mail.Msg, d *Draft) *nest {
	base := IDHash("boundary " + d.MailID)
	invitation := ""
	if a := d.invitation(); a != nil {
		invitation = string(a.Content)
	}
	for strings.Contains(d.Text, base) || strings.Contains(d.HTML, base) || strings.Contains(invitation, base) {
		base = IDHash("boundary " + base)
	}
	n := &nest{out: out, msg: msg, root: "multipart/alternative", base: base}
	if d.Text == "" && invitation == "" {
		n.root = "text/html"
	}
	n.next()
	return n
}

func (n *nest) next() {
	n.level++
	n.msg.SetBoundary(n.boundary())
}

func (n *nest) boundary() string { return n.base + "-" + string('0'+rune(n.level)) }

// maxLevel is mixed, related and alternative.
const maxLevel = 3

// Write passes p on. All levels begin before the first body, so a body that
// speaks of multiparts does no harm.
func (n *nest) Write(p []byte) (int, error) {
	size := len(p)
	if n.level < maxLevel && bytes.Contains(p, []byte("multipart/")) {
		p = n.nameRoot(p)
		n.next()
	}
	_, err := n.out.Write(p)
	return size, err
}

// nameRoot adds the parameter that RFC 2387 section 3.1 demands of
// multipart/related. That it finds the boundary says that p is no body.
func (n *nest) nameRoot(p []byte) []byte {
	related, boundary := "multipart/related;", "\r\n boundary="+n.boundary()
	return bytes.Replace(p, []byte(related+boundary), []byte(related+"\r\n type=\""+n.root+"\";"+boundary), 1)
}
