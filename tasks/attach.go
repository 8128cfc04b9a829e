package tasks

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/postroom/postroom/tasks/blobs"
)

// blobLifetime is how long a mail's attachments are kept from the time that it
// is due: longer than it can be retried, and then be kept as failed.
const blobLifetime = 100 * 24 * time.Hour

// BlobsUntil is until when the attachments of a mail are kept that is due at
// that time, or at once where it is zero or past.
func BlobsUntil(now, due time.Time) time.Time { return laterOf(now, due).Add(blobLifetime) }

// attachments are the contents that a mail brings along, by position; nil for
// one that is stored already.
type attachments [][]byte

// readAttachments reads what is given by path or reader, takes what is given,
// and describes each. The mail has a new list then: the caller's is not ours to
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
		content := read(a, field, room, p)
		files[i] = content
		room -= int64(len(content))
		if a.Path == "" && a.Name == "" {
			p.addf(field+".name", "missing")
		}
		list[i] = describe(a, content)
		checkPicture(p, field, a, list[i], content)
		checkInvitation(p, field, list[i], content)
	}
	e.Attachments = list
	return files
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
		a.Type = mediaType(a.Name, content)
	}
	a.Path, a.Content, a.Reader = "", nil, nil
	return a
}

func missing(i int, err error) error {
	if errors.Is(err, blobs.ErrMissing) {
		return invalid(fmt.Sprintf("attachments[%d].blob", i), "is not stored, or not any more: give the content again")
	}
	return err
}
