package mailer

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// MaxSize is the largest message in bytes that Gmail takes: maxSize of the
// media upload of users.messages.send in the Gmail API's discovery document
// (gmail v1).
const MaxSize = 36_700_160

// Compose makes the finished mail from d: RFC 5322 header and MIME body, UTF-8
// throughout, CRLF line ends, no line over 998 bytes.
//
// The same Draft always gives the same bytes, Message-ID and boundaries
// included, so that a mail that is composed again for another attempt is the
// same mail. Bcc stands in the header: the Gmail API takes the recipients from
// To, Cc and Bcc, and strips Bcc on delivery.
//
// Text and HTML become multipart/alternative, text first; attachments with a
// ContentID join HTML in multipart/related, all others stand in
// multipart/mixed. Without HTML nothing can refer to a ContentID, and such an
// attachment is a file like any other. One of type text/calendar with a method
// is an invitation: it is the last alternative too.
//
// Whatever is wrong with d is an *Error of class Permanent that names the field
// and the reason, but not the value. Its Reason is "invalid_draft", or
// "too_large" for more than MaxSize. Compose keeps no reference to d.
func Compose(d Draft) (*Message, error) {
	if err := check(&d); err != nil {
		return nil, err
	}
	out := bytes.NewBuffer(make([]byte, 0, estimate(&d)))
	writeHeader(out, &d)
	if err := writeMIME(out, &d); err != nil {
		return nil, &Error{Class: Permanent, Reason: "invalid_draft", Text: "the message could not be written", Err: err}
	}
	if out.Len() > MaxSize {
		return nil, tooLarge(out.Len())
	}
	return &Message{MailID: d.MailID, ThreadID: d.Thread.ID, Template: d.Template, raw: out.Bytes()}, nil
}

// IDHash is the part of a mail's ID that leaves the house: in X-Postroom-ID, in
// the Message-ID, and in a Maildir's file names. It is the first 128 bits of the
// ID's SHA-256 as 32 lower-case hex digits, so that an ID that holds a
// customer's number is not told to every recipient. Who can guess an ID can
// still confirm the guess.
func IDHash(mailID string) string {
	sum := sha256.Sum256([]byte(mailID))
	return hex.EncodeToString(sum[:16])
}

func refuse(field, why string) *Error {
	return &Error{Class: Permanent, Reason: "invalid_draft", Text: field + ": " + why}
}

func tooLarge(size int) *Error {
	return &Error{
		Class: Permanent, Reason: "too_large",
		Text: fmt.Sprintf("the message has %d bytes, attachments encoded; Gmail takes %d: send a link in place of the largest file", size, MaxSize),
	}
}

// estimate is the size of the message, a little more rather than less: growing
// a buffer of megabytes would copy them.
func estimate(d *Draft) int {
	const header, part, address = 1024, 512, 64
	size := header + address*(len(d.ReplyTo)+len(d.To)+len(d.Cc)+len(d.Bcc)+len(d.Meant.To)+len(d.Meant.Cc)+len(d.Meant.Bcc))
	for _, body := range []string{d.Text, d.HTML} {
		size += part + len(body) + len(body)/16 + 2*nonASCII(body)
	}
	for _, a := range d.files() {
		size += part + base64Len(len(a.Content))
	}
	if a := d.invitation(); a != nil {
		size += part + 2*len(a.Content)
	}
	return size
}
