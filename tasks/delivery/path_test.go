package delivery_test

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/mailertest"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/ledger"
)

// TestTenMails is the main job: ten mails with attachments, names in several
// scripts and a template, with trouble in between.
func TestTenMails(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.gmail.Script(
		mailertest.BackendError(), mailertest.TooManyRequests(time.Now().Add(time.Second)),
		mailertest.Fault{}, mailertest.BadGateway(), mailertest.TooManyRequestsNoTime(),
	)
	names := []string{"Ada", "Jürgen Groß", "Łukasz Żółć", "李小龍", "محمد", "Ольга", "Ζωή", "さくら", "José Peña", "O'Brien, Pat"}
	ids := make([]string, len(names))
	for i, name := range names {
		to := mail.Address{Name: name, Address: fmt.Sprintf("reader%d@example.org", i)}
		ids[i] = o.enqueue(tasks.Email{
			To: tasks.Addresses{to.String()}, Template: "welcome", Data: map[string]any{"name": name},
			Attachments: []tasks.Attachment{{Name: "Größe " + name + ".txt", Content: []byte("for " + name)}},
		})
	}
	o.work()
	for i, id := range ids {
		o.eventually("mail "+id+" is sent", func() bool {
			o.hurry()
			s, err := o.client.Status(t.Context(), id)
			return err == nil && ledger.State(s.State) == ledger.Sent
		})
		o.accepted(id, 1)
		got := o.gmail.AcceptedByMailID(id)[0]
		if s := o.await(id, ledger.Sent); s.GmailID != got.ID || s.ThreadID != got.ThreadID {
			t.Errorf("status has %s in %s, Gmail gave %s in %s", s.GmailID, s.ThreadID, got.ID, got.ThreadID)
		}
		to, err := got.Header.AddressList("To")
		if err != nil || to[0].Name != names[i] {
			t.Errorf("To = %v, %v; want the name %q", to, err, names[i])
		}
		if subject := got.Subject(); !strings.Contains(subject, names[i]) {
			t.Errorf("subject %q does not greet %q", subject, names[i])
		}
		if media, _, err := mime.ParseMediaType(got.Header.Get("Content-Type")); err != nil || media != "multipart/mixed" {
			t.Errorf("Content-Type %q, %v; want multipart/mixed", media, err)
		}
	}
	o.oneLineAMail(ids)
}

// oneLineAMail holds that the log has one line with a Gmail ID for each mail,
// all of its fields there, and no reader's address in any line.
func (o *office) oneLineAMail(ids []string) {
	o.t.Helper()
	lines := map[string]int{}
	for _, entry := range o.log.FilterMessage("delivery").All() {
		fields := entry.ContextMap()
		for _, name := range []string{"mail_id", "queue", "account", "attempt", "outcome", "took_ms"} {
			if _, ok := fields[name]; !ok {
				o.t.Errorf("a delivery's line has no %s: %v", name, fields)
			}
		}
		if fields["outcome"] == "sent" {
			id, _ := fields["mail_id"].(string)
			if got := o.gmail.AcceptedByMailID(id); len(got) != 1 || fields["gmail_id"] != got[0].ID || fields["thread_id"] != got[0].ThreadID {
				o.t.Errorf("the line of %s has Gmail ID %v", id, fields["gmail_id"])
			}
			lines[id]++
		}
	}
	for _, id := range ids {
		if lines[id] != 1 {
			o.t.Errorf("%d lines say that %s was sent, want 1", lines[id], id)
		}
	}
	for _, entry := range o.log.All() {
		if line := fmt.Sprint(entry.Message, entry.ContextMap()); strings.Contains(line, "reader") || strings.Contains(line, shop) {
			o.t.Errorf("an address stands in the log: %s", line)
		}
	}
}

func TestExpiredMailIsNotSent(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.enqueue(hello(), tasks.ExpiresIn(50*time.Millisecond))
	time.Sleep(60 * time.Millisecond)
	o.work()
	o.await(id, ledger.Expired)
	o.accepted(id, 0)
}

// TestMailThatExpiresWhileItWaits is looked at again before it is claimed.
func TestMailThatExpiresWhileItWaits(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.gmail.Script(mailertest.TooManyRequests(time.Now().Add(2500 * time.Millisecond)))
	id := o.enqueue(hello(), tasks.ExpiresIn(1500*time.Millisecond))
	o.work()
	o.await(id, ledger.Waiting)
	o.await(id, ledger.Expired)
	o.accepted(id, 0)
}

func TestMailCancelledWhileItWaits(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.gmail.Script(mailertest.TooManyRequests(time.Now().Add(2 * time.Second)))
	id := o.enqueue(hello())
	o.work()
	o.await(id, ledger.Waiting)
	if err := o.client.Cancel(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	o.await(o.enqueue(hello()), ledger.Sent) // The account goes on.
	o.await(id, ledger.Cancelled)
	o.accepted(id, 0)
	o.logged(id, "info cancelled 0 <nil>")
}

// TestSentMailIsNotSentAgain queues the same task again, past the door, in
// another lane.
func TestSentMailIsNotSentAgain(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.work()
	id := o.enqueue(hello(), tasks.WithID("order-1"))
	o.await(id, ledger.Sent)
	o.eventually("the task has left its queue", func() bool {
		n, err := o.rdb.Exists(t.Context(), "asynq:{"+queue+"}:t:"+id).Result()
		return err == nil && n == 0
	})
	payload := fmt.Sprintf(`{"v":1,"id":%q,"to":["ada@example.org"],"text":"Hello"}`, id)
	for _, lane := range []string{queue, "bulk:" + shop, "critical:" + shop, "default"} {
		o.queueByHand(id, lane, payload)
	}
	o.eventually("all of them are done", func() bool {
		for _, lane := range []string{queue, "bulk:" + shop, "critical:" + shop, "default"} {
			if n, err := o.rdb.Exists(t.Context(), "asynq:{"+lane+"}:t:"+id).Result(); err != nil || n > 0 {
				return false
			}
		}
		return true
	})
	o.accepted(id, 1)
}

// queueByHand hands asynq a task as another program would.
func (o *office) queueByHand(id, lane, payload string) {
	o.t.Helper()
	_, err := asynq.NewClientFromRedisClient(o.rdb).EnqueueContext(o.t.Context(),
		asynq.NewTask(tasks.TypeDeliver, []byte(payload)), asynq.TaskID(id), asynq.Queue(lane))
	if err != nil {
		o.t.Fatal(err)
	}
}

// TestBadPayloads are failed at once with their reason, and hold nothing up.
func TestBadPayloads(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	bad := map[string]struct{ payload, reason string }{
		"not-json":      {`{"v":1,`, "not JSON"},
		"binary":        {"\x00\x01\xff", "not JSON"},
		"unknown-field": {`{"v":1,"to":["a@example.org"],"text":"x","colour":"red"}`, "colour: unknown field"},
		"no-version":    {`{"to":["a@example.org"],"text":"x"}`, "v: must be"},
		"no-recipient":  {`{"v":1,"text":"x"}`, "to: no recipient"},
		"bad-address":   {`{"v":1,"to":["nonsense"],"text":"x"}`, "to[0]: "},
		"injection":     {`{"v":1,"to":["a@example.org"],"text":"x","headers":{"X-A":"b\r\nBcc: c@example.org"}}`, "headers.X-A: "},
		"data-list":     {`{"v":1,"to":["a@example.org"],"template":"welcome","data":[1]}`, "data: must be"},
		"other-id":      {`{"v":1,"id":"another","to":["a@example.org"],"text":"x"}`, "id: is not the task's"},
		"other-account": {`{"v":1,"account":"b@example.com","to":["a@example.org"],"text":"x"}`, "account: is not the one"},
		"no-blob":       {`{"v":1,"to":["a@example.org"],"text":"x","attachments":[{"name":"a.txt"}]}`, "blob: missing"},
		"gone-blob":     {`{"v":1,"to":["a@example.org"],"text":"x","attachments":[{"name":"a","blob":"` + strings.Repeat("0", 64) + `"}]}`, "attachments[0]: "},
		"no-variable":   {`{"v":1,"to":["a@example.org"],"template":"welcome","data":{}}`, `"name" is missing`},
	}
	for id, b := range bad {
		o.queueByHand(id, queue, b.payload)
	}
	fine := o.enqueue(hello())
	o.work()
	o.await(fine, ledger.Sent)
	for id, b := range bad {
		s := o.await(id, ledger.Failed)
		if !strings.Contains(s.Error, b.reason) || strings.Contains(s.Error, "nonsense") {
			t.Errorf("%s failed with %q, want %q, and no address", id, s.Error, b.reason)
		}
	}
	o.eventually("all are in the archive", func() bool { return len(o.archived()) == len(bad) })
	if got := o.gmail.Counts().Sends; got != 1 {
		t.Errorf("Gmail saw %d requests, want the good mail's alone", got)
	}
}

// panicky is a template engine with a fault of its own.
type panicky struct{}

func (panicky) Render(string, string, map[string]any) (mailer.Content, error) {
	panic("secret-data")
}

func TestAPanicFailsItsMailAlone(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.cfg.Renderer = panicky{}
	id := o.enqueue(tasks.Email{To: hello().To, Template: "welcome", Data: map[string]any{"name": "Ada"}})
	fine := o.enqueue(hello())
	o.work()
	o.await(fine, ledger.Sent)
	if s := o.await(id, ledger.Failed); !strings.Contains(s.Error, "render: panic") || strings.Contains(s.Error, "secret") {
		t.Errorf("error = %q; want the step, and nothing of the data", s.Error)
	}
	for _, entry := range o.log.All() {
		if strings.Contains(fmt.Sprint(entry.ContextMap()), "secret-data") {
			t.Errorf("the panic's value stands in the log: %v", entry.ContextMap())
		}
	}
}

// TestAnotherProgramsTask lies in a queue of ours, by mistake or because the
// other program uses asynq's default queue too.
func TestAnotherProgramsTask(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	_, err := asynq.NewClientFromRedisClient(o.rdb).EnqueueContext(t.Context(),
		asynq.NewTask("image:resize", []byte(`{"v":1,"to":["a@example.org"],"text":"x"}`)), asynq.TaskID("image"))
	if err != nil {
		t.Fatal(err)
	}
	o.work()
	if s := o.await("image", ledger.Failed); !strings.Contains(s.Error, "email:deliver") {
		t.Errorf("error = %q", s.Error)
	}
	o.accepted("image", 0)
}

// TestTheDoorAndTheComposerAgree holds that what Enqueue takes can be composed:
// whatever header the composer refuses is refused at the door.
func TestTheDoorAndTheComposerAgree(t *testing.T) {
	t.Parallel()
	if tasks.MaxMessage != mailer.MaxSize {
		t.Errorf("Enqueue takes %d bytes, Compose %d", tasks.MaxMessage, mailer.MaxSize)
	}
	o := newOffice(t)
	for _, name := range []string{
		"From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Subject", "Date", "Message-ID", "In-Reply-To", "References",
		"MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "List-Unsubscribe",
		"List-Unsubscribe-Post", "X-Postroom-ID", "X-Postroom-Bcc", "X-Postroom", "Return-Path", "Received", "DKIM-Signature", "Resent-From",
		"X-Tag", "List-Id", "Auto-Submitted", "Precedence", "Importance", "Comments", "Keywords",
	} {
		e := hello()
		e.Headers = map[string]string{name: "<value.example.com>"}
		_, err := o.client.Enqueue(t.Context(), e)
		var invalid *tasks.InvalidError
		if refused := errors.As(err, &invalid); refused != mailer.ReservedHeader(name) {
			t.Errorf("header %s: refused at the door %v (%v), by the composer %v", name, refused, err, mailer.ReservedHeader(name))
		}
	}
}

// TestAttachmentsArrive compares what Gmail got with what was attached.
func TestAttachmentsArrive(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	content := []byte(strings.Repeat("0123456789abcdef", 20_000))
	e := hello()
	e.Attachments = []tasks.Attachment{{Name: "numbers.bin", Content: content}}
	id := o.enqueue(e)
	o.work()
	o.await(id, ledger.Sent)
	got := o.gmail.AcceptedByMailID(id)[0]
	parsed, err := mail.ReadMessage(strings.NewReader(string(got.Raw)))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(parsed.Body)
	if err != nil {
		t.Fatal(err)
	}
	if file := attachment(t, parsed.Header.Get("Content-Type"), string(body), "numbers.bin"); file != string(content) {
		t.Errorf("the attachment has %d bytes, want the %d that were attached", len(file), len(content))
	}
}
