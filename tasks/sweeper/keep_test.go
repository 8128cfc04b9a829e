package sweeper_test

import (
	"testing"
	"time"

	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/blobs"
	"github.com/postroom/postroom/tasks/ledger"
)

const day = 24 * time.Hour

// withFile is a mail with an attachment, and the key of that.
func withFile(content string) (mail tasks.Email, blob string) {
	mail = hello()
	mail.Attachments = []tasks.Attachment{{Name: "invoice.pdf", Content: []byte(content)}}
	return mail, "postroom:blob:" + blobs.Sum([]byte(content))
}

// lives holds how long a blob lives, to the minute.
func (w *world) lives(blob string, want time.Duration) {
	w.t.Helper()
	got, err := w.rdb.PTTL(w.t.Context(), blob).Result()
	if err != nil || got > want+time.Minute || got < want-time.Minute {
		w.t.Errorf("the attachment lives for %v, %v; want %v", got, err, want)
	}
}

// TestAttachmentsOfOpenMailLive holds that they live as long as Enqueue would
// let them, however long the mail waits.
func TestAttachmentsOfOpenMailLive(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		age, want time.Duration
		options   []tasks.Option
	}{
		"waits for long":            {age: 40 * day, want: 100 * day},
		"is of today":               {age: time.Hour, want: time.Minute},
		"waits for a time far away": {age: 40 * day, want: 150 * day, options: []tasks.Option{tasks.In(50 * day)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			mail, blob := withFile("content")
			id := w.enqueue(mail, row.options...)
			w.age(id, row.age)
			w.must(w.rdb.PExpire(t.Context(), blob, time.Minute).Err())
			w.sweep()
			w.lives(blob, row.want)
			w.found()
		})
	}
}

// TestAttachmentsThatAreGone holds that they keep nothing up.
func TestAttachmentsThatAreGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mail, blob := withFile("content")
	id := w.enqueue(mail)
	w.age(id, 40*day)
	w.must(w.rdb.Del(t.Context(), blob).Err())
	w.sweep()
	w.stands(id, ledger.Queued)
	if n := w.log.Len(); n != 0 {
		t.Errorf("%d lines in the log, want none: %v", n, w.log.All())
	}
}

// TestAttachmentsOfWhatAPersonArchivedLive holds that they live as long as what
// is kept of the mail.
func TestAttachmentsOfWhatAPersonArchivedLive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mail, blob := withFile("content")
	id := w.enqueue(mail)
	w.must(w.inspector.ArchiveTask(queue, id))
	w.must(w.rdb.PExpire(t.Context(), blob, time.Minute).Err())
	w.sweep()
	w.stands(id, ledger.Failed)
	w.lives(blob, 90*day)
}
