package mailer

import (
	"bytes"
	"io"
)

// A Message is a composed mail: RFC 5322 bytes with CRLF line ends, and what a
// backend needs to know beside them. It does not change once composed and may
// be sent, and read, any number of times.
type Message struct {
	// MailID is Postroom's ID of the mail.
	MailID string
	// ThreadID is the Gmail thread that it answers in, if any.
	ThreadID string
	// Template is the name of the template that it was made of, if any.
	Template string
	raw      []byte
}

// Size is the number of bytes that WriteTo writes.
func (m *Message) Size() int64 { return int64(len(m.raw)) }

// Reader returns the message from its first byte.
func (m *Message) Reader() io.Reader { return bytes.NewReader(m.raw) }

// WriteTo writes the whole message.
func (m *Message) WriteTo(w io.Writer) (int64, error) {
	n, err := w.Write(m.raw)
	return int64(n), err
}
