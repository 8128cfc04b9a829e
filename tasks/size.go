package tasks

import (
	"context"
	"fmt"
)

// MaxMessage is the largest message that Gmail takes, in bytes after encoding
// (gmail v1 discovery document, users.messages.send, maxSize).
const MaxMessage = 36_700_160

// checkSize refuses what would be too large once it is composed. How large a
// template becomes, nobody knows yet.
func (c *Client) checkSize(ctx context.Context, e *Email, files attachments) error {
	if len(e.Attachments) == 0 {
		return nil // A payload has no room for so much.
	}
	sizes := make([]int64, len(e.Attachments))
	for i, a := range e.Attachments {
		sizes[i] = int64(len(files[i]))
		if files[i] != nil {
			continue
		}
		stored, err := c.blobs.Size(ctx, a.Blob)
		if err != nil {
			return missing(i, err)
		}
		sizes[i] = stored
	}
	if size := e.composedSize(sizes); size > MaxMessage {
		i := largest(sizes)
		return invalid(fmt.Sprintf("attachments[%d]", i),
			"%d bytes, the largest of %d, with which the message would have about %d, encoded; Gmail takes %d: send a link in its place",
			sizes[i], len(sizes), size, MaxMessage)
	}
	return nil
}

// largest is where the first of the largest stands.
func largest(sizes []int64) int {
	at := 0
	for i, n := range sizes {
		if n > sizes[at] {
			at = i
		}
	}
	return at
}

// What headers take, of a message and of a part of it, beside what the app
// gives for them.
const (
	headerRoom = 4 << 10
	partRoom   = 1 << 10
)

// composedSize is what the message will have, in bytes, with attachments of
// these sizes: a little more rather than less.
func (e *Email) composedSize(attachments []int64) int64 {
	size := e.headerSize() + quotedSize(e.Text) + quotedSize(e.HTML)
	for i, n := range attachments {
		size += base64Size(n) + partRoom + encodedWords(e.Attachments[i].Name)
		if e.Attachments[i].method() != "" {
			size += 4*n + partRoom // Once more beside the bodies, quoted-printable.
		}
	}
	return size
}

// headerSize is what the mail's header has at most.
func (e *Email) headerSize() int64 {
	size := headerRoom + encodedWords(e.From) + encodedWords(e.Subject)
	for _, list := range []Addresses{e.ReplyTo, e.To, e.Cc, e.Bcc} {
		for _, s := range list {
			size += encodedWords(s)
		}
	}
	for name, value := range e.Headers {
		size += int64(len(name)) + encodedWords(value)
	}
	if e.Unsubscribe != nil {
		size += encodedWords(e.Unsubscribe.URL) + encodedWords(e.Unsubscribe.Mailto)
	}
	if e.Thread != nil {
		for _, s := range e.Thread.References {
			size += encodedWords(s)
		}
	}
	return size
}

// encodedWords is more than s takes in a header as encoded words (RFC 2047) or
// in a parameter, percent by percent (RFC 2231).
func encodedWords(s string) int64 { return int64(4*len(s)) + 32 }

// base64Size is n bytes in base64 (RFC 2045 section 6.8): lines of 76 and CRLF.
func base64Size(n int64) int64 {
	encoded := (n + 2) / 3 * 4
	return encoded + (encoded+75)/76*2
}

// quotedSize is s as quoted-printable (RFC 2045 section 6.7), a little more
// rather than less.
func quotedSize(s string) int64 {
	n := int64(len(s))
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\n' && i > 0 && s[i-1] == '\r': // Counted with its CR.
		case c == '\n' || c == '\r':
			if c == '\n' || i+1 == len(s) || s[i+1] != '\n' {
				n++ // It becomes CRLF.
			}
			if i > 0 && (s[i-1] == ' ' || s[i-1] == '\t') {
				n += 2 // Never the last of a line.
			}
		case c == '=' || c > '~' || (c < ' ' && c != '\t'):
			n += 2
		}
	}
	return n + (n/73+1)*3
}
