package sweeper_test

import (
	"testing"
	"time"

	"github.com/postroom/postroom/tasks/ledger"
)

// failed is a mail that has failed, in asynq's archive, kept whole.
func (w *world) failed() string {
	w.t.Helper()
	id := w.enqueue(hello())
	info, err := w.inspector.GetTaskInfo(queue, id)
	w.must(err)
	_, _, err = w.ledger.Finish(w.t.Context(), id, ledger.Change{Token: "one", To: ledger.Failed, Error: "no"})
	w.must(err)
	_, err = w.ledger.Keep(w.t.Context(), id, info.Payload)
	w.must(err)
	w.must(w.inspector.ArchiveTask(queue, id))
	return id
}

// TestARetryThatBrokeOffIsFinished is one whose call ended between the ledger
// and asynq.
func TestARetryThatBrokeOffIsFinished(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		lose  func(*world, string)
		found string
	}{
		"its task is archived": {func(*world, string) {}, "retry"},
		"its task is gone": {func(w *world, id string) {
			w.must(w.inspector.DeleteTask(queue, id))
		}, "retry"},
		"its task is queued": {func(w *world, id string) {
			w.must(w.inspector.RunTask(queue, id))
		}, ""},
		"nothing is left of it": {func(w *world, id string) {
			w.must(w.inspector.DeleteTask(queue, id))
			w.must(w.rdb.Del(w.t.Context(), indexKey(id, "kept:"+id)).Err())
		}, "deleted"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			id := w.failed()
			if d, err := w.ledger.Reopen(t.Context(), id, ledger.Round{Requeue: true}); !d.Made || err != nil {
				t.Fatalf("Reopen = %+v, %v", d, err)
			}
			w.age(id, 15*time.Minute)
			row.lose(w, id)
			w.sweep()
			if row.found != "" {
				w.found(row.found)
			} else {
				w.found()
			}
			if w.record(id).Requeue {
				t.Error("the retry is still not finished")
			}
			if row.found == "deleted" {
				w.stands(id, ledger.Failed)
				return
			}
			w.listed(id, "pending")
			w.goesOut(id)
		})
	}
}

// TestARetryWhoseWorkerIsNotDone is one that came before the worker that had
// the mail had archived it: the wish stands until then.
func TestARetryWhoseWorkerIsNotDone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.enqueue(hello())
	w.take(id, time.Now().Add(20*time.Second))
	_, _, err := w.ledger.Finish(t.Context(), id, ledger.Change{Token: "one", To: ledger.Failed, Error: "no"})
	w.must(err)
	w.must(w.client.Retry(t.Context(), id))
	w.age(id, 15*time.Minute)
	w.sweep()
	w.found()
	if !w.record(id).Requeue {
		t.Error("the wish is forgotten")
	}
}
