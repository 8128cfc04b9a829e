package tasks

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/postroom/postroom/tasks/blobs"
)

// MaxMessage is the largest message that Gmail takes, in bytes after encoding
// (gmail v1 discovery document, users.messages.send, maxSize).
const MaxMessage = 36_700_160

// blobLifetime is how long a mail's attachments are kept from the time that it
// is due: longer than it can be retried, and then be kept as failed.
const blobLifetime = 100 * 24 * time.Hour

// BlobsUntil is until when the attachments of a mail are kept that is due at
// that time, or at once where it is zero or past.
func BlobsUntil(now, due time.Time) time.Time { return laterOf(now, due).Add(blobLifetime) }

// attachments are the contents that a mail brings along, by position; nil for
// one that is stored already.
type attachments [][]byte

// readAttachments reads what is given by path, takes what is given, and
// describes both. The mail has a new list then: the caller's is not ours to
// change.
func readAttachments(e *Email, p *problems) attachments {
	if len(e.Attachments) == 0 {
		return nil
	}
	list := make([]Attachment, len(e.Attachments))
	files := make(attachments, len(e.Attachments))
	room := int64(MaxMessage)
	for i, a := range e.Attachments {
		field := fmt.Sprintf("attachments[%d]", i)
		switch {
		case a.Path != "" && (a.Content != nil || a.Blob != ""), a.Content != nil && a.Blob != "":
			p.addf(field, "give one of path, content and blob")
		case a.Path != "":
			content, err := readFile(a.Path, room)
			if err != nil {
				p.addf(field+".path", "%v", err)
			}
			files[i] = content
			room -= int64(len(content))
		case a.Content != nil:
			files[i] = a.Content
		case a.Blob == "":
			p.addf(field, "has no content: give path, content or blob")
		}
		if a.Path == "" && a.Name == "" {
			p.addf(field+".name", "missing")
		}
		list[i] = describe(a, files[i])
	}
	e.Attachments = list
	return files
}

// readFile reads no file that is larger than room.
func readFile(path string, room int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, bare(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("is not a file")
	}
	if info.Size() > MaxMessage {
		return nil, fmt.Errorf("%d bytes; Gmail takes a message of %d", info.Size(), MaxMessage)
	}
	if info.Size() > room {
		return nil, fmt.Errorf("%d bytes, and more files before it; Gmail takes a message of %d", info.Size(), MaxMessage)
	}
	content, err := os.ReadFile(path) //nolint:gosec // The app's own choice of file.
	return content, bare(err)
}

// bare is the reason alone: the field says which file.
func bare(err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return pathErr.Err
	}
	return err
}

// uploadTime is what storing the contents may take beyond a plain Enqueue.
func (a attachments) uploadTime() time.Duration {
	var size int
	for _, content := range a {
		size += len(content)
	}
	return time.Duration(size) * patiencePerMiB >> 20
}

// blobName is what the name of a stored content adds to the payload.
const blobName = len(`,"blob":""`) + 64

// names is what the names of the contents will add to the payload.
func (a attachments) names() int {
	var n int
	for _, content := range a {
		if content != nil {
			n += blobName
		}
	}
	return n
}

// store keeps the mail's attachments until long after it is due, and names
// them in the payload by their content.
func (c *Client) store(ctx context.Context, e *Email, files attachments, due time.Time) error {
	until := BlobsUntil(c.now(), due)
	for i := range e.Attachments {
		a := &e.Attachments[i]
		if files[i] == nil {
			if err := c.blobs.Extend(ctx, a.Blob, until); err != nil {
				return missing(i, err)
			}
			continue
		}
		sum, err := c.blobs.Put(ctx, files[i], until)
		if err != nil {
			return err
		}
		a.Blob = sum
	}
	return nil
}

// describe fills in name and type where the app left them out.
func describe(a Attachment, content []byte) Attachment {
	if a.Name == "" && a.Path != "" {
		a.Name = filepath.Base(a.Path)
	}
	if a.Type == "" {
		a.Type = mime.TypeByExtension(strings.ToLower(filepath.Ext(a.Name)))
	}
	if a.Type == "" && content != nil {
		a.Type = http.DetectContentType(content)
	}
	if a.Type == "" {
		a.Type = "application/octet-stream"
	}
	a.Path, a.Content = "", nil
	return a
}

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
		return invalid("attachments", "the message would have about %d bytes; Gmail takes %d", size, MaxMessage)
	}
	return nil
}

func missing(i int, err error) error {
	if errors.Is(err, blobs.ErrMissing) {
		return invalid(fmt.Sprintf("attachments[%d].blob", i), "is not stored, or not any more: give the content again")
	}
	return err
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
