package sweeper_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/mailertest"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/ledger"
)

// TestAPersonArchivesAMail holds that it stands among the failed, whole, and
// that a "run" in the dashboard sends it.
func TestAPersonArchivesAMail(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*world) string{
		"that waits for its turn": func(w *world) string { return w.enqueue(hello()) },
		"that waits for its time": func(w *world) string { return w.enqueue(hello(), tasks.In(time.Hour)) },
		"that another program queued without tries": func(w *world) string {
			id := w.archivedByAsynq(hello())
			w.must(w.inspector.RunTask(queue, id))
			time.Sleep(time.Until(time.Unix(time.Now().Unix()+1, 0))) // Not within the second in which it failed.
			return id
		},
		"that waits for its next attempt": func(w *world) string {
			id := w.enqueue(hello())
			w.take(id, time.Now())
			w.must(w.rdb.LRem(w.t.Context(), key("active"), 0, id).Err())
			w.must(w.rdb.ZRem(w.t.Context(), key("lease"), id).Err())
			w.must(w.rdb.ZAdd(w.t.Context(), key("retry"), redis.Z{Score: float64(time.Now().Unix() + 60), Member: id}).Err())
			w.must(w.rdb.HSet(w.t.Context(), key("t:"+id), "state", "retry").Err())
			_, _, err := w.ledger.Finish(w.t.Context(), id, ledger.Change{
				Token: "one", To: ledger.Retrying, Used: true, Next: time.Now().Add(time.Minute), Error: "503",
			})
			w.must(err)
			w.age(id, 15*time.Minute)
			return id
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			id := prepare(w)
			w.must(w.inspector.ArchiveTask(queue, id))
			w.sweep()
			w.found("archived")
			rec := w.stands(id, ledger.Failed)
			if rec.Error != ledger.ArchivedText || !rec.Kept {
				t.Errorf("record = %+v; want it kept, as %q", rec, ledger.ArchivedText)
			}
			w.keptWhole(id)
			w.age(id, 15*time.Minute)
			w.sweep()
			w.found("archived") // Once.

			w.must(w.inspector.RunTask(queue, id))
			w.goesOut(id)
		})
	}
}

// keptWhole holds that a mail is among the failed, with its payload.
func (w *world) keptWhole(id string) {
	w.t.Helper()
	payload, err := w.ledger.Kept(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	if e, err := tasks.DecodePayload(payload); err != nil || e.ID != id {
		w.t.Errorf("kept is %q, %v; want the mail's payload", payload, err)
	}
	page, err := w.ledger.Failed(w.t.Context(), shardOf(id), 0, 10)
	if err != nil || !slices.ContainsFunc(page.Records, func(rec ledger.Record) bool { return rec.ID == id }) {
		w.t.Errorf("failed are %+v, %v; want %s", page.Records, err, id)
	}
}

// TestAnArchivedMailThatFailsAgain holds that its own failure counts from then
// on.
func TestAnArchivedMailThatFailsAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.enqueue(hello())
	w.must(w.inspector.ArchiveTask(queue, id))
	w.sweep()
	w.must(w.inspector.RunTask(queue, id))
	var recorder mailertest.Recorder
	recorder.Fail(&mailer.Error{Class: mailer.Permanent, Text: "no such address"})
	w.work(&recorder)
	var rec ledger.Record
	w.eventually("it has failed", func() bool {
		rec = w.record(id)
		return rec.State == ledger.Failed && !rec.Archived
	})
	if got := rec.Error; !strings.Contains(got, "no such address") {
		t.Errorf("error = %q; want what the send met", got)
	}
}

// TestAnArchivedMailIsNoFreeID holds that the same mail again is a duplicate of
// the one that stands in the archive.
func TestAnArchivedMailIsNoFreeID(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.enqueue(hello(), tasks.WithID("order-1"))
	w.must(w.inspector.ArchiveTask(queue, id))
	w.sweep()
	r, err := w.client.Enqueue(t.Context(), hello(), tasks.WithID(id))
	if err != nil || !r.Duplicate || r.State != tasks.State(ledger.Failed) {
		t.Errorf("the same again = %+v, %v; want a duplicate that failed", r, err)
	}
}

// forgetful is a ledger that keeps nothing when asked.
type forgetful struct{ *ledger.Ledger }

func (forgetful) Keep(context.Context, string, []byte) (time.Duration, error) {
	return 0, errors.New("out of order")
}

// TestSetAsideIsKeptAtOnce holds that a mail that a person archived is kept in
// the moment in which it fails: nobody would come back to it.
func TestSetAsideIsKeptAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.enqueue(hello())
	w.must(w.inspector.ArchiveTask(queue, id))
	w.cfg.Ledger = forgetful{w.ledger}
	w.sweep()
	w.stands(id, ledger.Failed)
	w.keptWhole(id)
}
