package sweeper_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/ledger"
)

// TestAMailThatWasBeingSentIsUnknown is one whose worker died, and whose task a
// person took away before another worker came.
func TestAMailThatWasBeingSentIsUnknown(t *testing.T) {
	t.Parallel()
	for name, takeAway := range map[string]func(*asynq.Inspector, string) error{
		"deleted":  func(i *asynq.Inspector, id string) error { return i.DeleteTask(queue, id) },
		"archived": func(i *asynq.Inspector, id string) error { return i.ArchiveTask(queue, id) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			id := w.enqueue(hello())
			_, err := w.ledger.Begin(t.Context(), id, ledger.Attempt{Token: "one", Lease: time.Minute, Account: shop, Limit: 12})
			w.must(err)
			w.must(takeAway(w.inspector, id))
			w.age(id, 15*time.Minute)
			w.sweep()
			w.found()
			w.must(w.rdb.HSet(t.Context(), recordKey(id), "deadline", time.Now().Add(-10*time.Minute).UnixMilli()).Err())
			w.age(id, 15*time.Minute)
			w.sweep()
			w.found("unknown")
			rec := w.stands(id, ledger.Unknown)
			if rec.Lost || rec.Archived || rec.LeftBy.IsZero() {
				t.Errorf("record = %+v; want it unknown, with the time of the attempt", rec)
			}
		})
	}
}

// TestADeletedMailIsNeverSent holds that it stands as failed, once it is certain
// that no Enqueue is under way, and that the same mail can be enqueued again.
func TestADeletedMailIsNeverSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.enqueue(hello(), tasks.WithID("order-1"))
	w.must(w.inspector.DeleteTask(queue, id))
	w.must(w.rdb.HSet(t.Context(), recordKey(id), "enqueued", time.Now().Add(-4*time.Minute).UnixMilli()).Err())
	w.sweep()
	w.found()
	w.stands(id, ledger.Queued)
	w.age(id, 6*time.Minute)
	w.sweep()
	w.found("deleted")
	rec := w.stands(id, ledger.Failed)
	if rec.Error != ledger.LostText || !strings.HasPrefix(rec.Error, "deleted") {
		t.Errorf("error = %q; want it to say that it was deleted", rec.Error)
	}
	w.task(id, 0)

	if r, err := w.client.Enqueue(t.Context(), hello(), tasks.WithID(id)); err != nil || r.Duplicate {
		t.Errorf("the same again = %+v, %v; want it accepted", r, err)
	}
	w.goesOut(id)
}

// TestARecordThatIsGoneIsOpenNoLonger is one of which a failover has left the
// index alone.
func TestARecordThatIsGoneIsOpenNoLonger(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.enqueue(hello())
	w.must(w.rdb.Del(t.Context(), recordKey(id)).Err())
	w.sweep()
	if n := w.rdb.ZCard(t.Context(), indexKey(id, "open")).Val(); n != 0 {
		t.Error("it is still among the open mail")
	}
	w.task(id, asynq.TaskStatePending)
}
