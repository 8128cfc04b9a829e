package sweeper_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/ledger"
)

// TestWhatIsInOrderIsLeftAlone has a mail in each of asynq's states.
func TestWhatIsInOrderIsLeftAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pending, scheduled := w.enqueue(hello()), w.enqueue(hello(), tasks.In(time.Hour))
	live, over, old := w.enqueue(hello()), w.enqueue(hello()), w.enqueue(hello())
	w.take(live, time.Now().Add(20*time.Second))
	w.take(over, time.Now().Add(-2*time.Minute)) // asynq's recoverer comes for it,
	w.take(old, time.Now().Add(-time.Hour))      // and for this one when there is a worker again.
	w.sweep()
	w.found()
	w.task(pending, asynq.TaskStatePending)
	w.task(scheduled, asynq.TaskStateScheduled)
	for _, id := range []string{live, over, old} {
		w.listed(id, "active", "lease")
	}
	for _, id := range []string{pending, scheduled, live, over, old} {
		w.stands(id, ledger.Queued)
	}
}

// TestAMailIsLookedAtNowAndThen holds that a mail that was looked at is left
// alone for a while.
func TestAMailIsLookedAtNowAndThen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.enqueue(hello())
	w.sweep()
	w.take(id, time.Now())
	w.must(w.rdb.ZRem(t.Context(), key("lease"), id).Err())
	w.sweep()
	w.found()
	w.age(id, 6*time.Minute)
	w.sweep()
	w.found("no_lease")
}

func TestActiveWithoutALeaseIsPutBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, id := w.enqueue(hello()), w.enqueue(hello())
	w.take(id, time.Now())
	w.must(w.rdb.ZRem(t.Context(), key("lease"), id).Err())
	w.must(w.inspector.PauseQueue(queue))
	w.sweep()
	w.found("no_lease")
	w.listed(id, "pending")
	if next := w.rdb.LIndex(t.Context(), key("pending"), -1).Val(); next != id {
		t.Errorf("%s is next, want %s, which was taken before", next, id)
	}
	w.must(w.inspector.DeleteTask(queue, first))
	w.must(w.inspector.UnpauseQueue(queue))
	w.goesOut(id)
}

// TestAMailThatIsListedNowhere has lost halves: a task, and no list with it.
func TestAMailThatIsListedNowhere(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*world, context.Context, string){
		"pending": func(w *world, ctx context.Context, id string) {
			w.must(w.rdb.LRem(ctx, key("pending"), 0, id).Err())
		},
		"scheduled": func(w *world, ctx context.Context, id string) {
			w.must(w.rdb.LRem(ctx, key("pending"), 0, id).Err())
			w.must(w.rdb.HSet(ctx, key("t:"+id), "state", "scheduled").Err())
		},
		"retry": func(w *world, ctx context.Context, id string) {
			w.must(w.rdb.LRem(ctx, key("pending"), 0, id).Err())
			w.must(w.rdb.HSet(ctx, key("t:"+id), "state", "retry").Err())
		},
		// Its lease is there, but asynq can't bring back what is not among the active.
		"active": func(w *world, ctx context.Context, id string) {
			w.take(id, time.Now().Add(-time.Hour))
			w.must(w.rdb.LRem(ctx, key("active"), 0, id).Err())
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			id := w.enqueue(hello())
			lose(w, t.Context(), id)
			w.sweep()
			want := "unlisted"
			if name == "active" {
				want = "no_lease"
			}
			w.found(want)
			w.listed(id, "pending")
			w.goesOut(id)
		})
	}
}

// TestAHalfArchivedMailIsPutBack is what asynq leaves where Archive breaks off.
func TestAHalfArchivedMailIsPutBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.enqueue(hello())
	w.take(id, time.Now())
	ctx := t.Context()
	w.must(w.rdb.LRem(ctx, key("active"), 0, id).Err())
	w.must(w.rdb.ZRem(ctx, key("lease"), id).Err())
	w.must(w.rdb.ZAdd(ctx, key("archived"), redis.Z{Score: float64(time.Now().Unix()), Member: id}).Err())
	w.sweep()
	w.found("no_lease")
	w.goesOut(id)
}

// TestAnArchivedMailThatIsListedNowhere goes into the archive, and is not sent:
// who had it there does not want that.
func TestAnArchivedMailThatIsListedNowhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.enqueue(hello())
	w.must(w.inspector.ArchiveTask(queue, id))
	w.must(w.rdb.ZRem(t.Context(), key("archived"), id).Err())
	w.sweep()
	w.found("unlisted")
	w.listed(id, "archived")
}

// TestALongListIsNotSearched is the other side of what a search costs: a mail
// that is missing in a long list is found once that is short.
func TestALongListIsNotSearched(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.enqueue(hello())
	w.must(w.rdb.LRem(t.Context(), key("pending"), 0, id).Err())
	fill := make([]any, 1001)
	for i := range fill {
		fill[i] = fmt.Sprint("filler-", i)
	}
	w.must(w.rdb.LPush(t.Context(), key("pending"), fill...).Err())
	w.sweep()
	w.found()
	w.must(w.rdb.LPop(t.Context(), key("pending")).Err())
	w.age(id, 6*time.Minute)
	w.sweep()
	w.found("unlisted")
}

// TestWhatALostTaskLeavesBehindGoes is a task without a message: dequeued after
// it had been deleted.
func TestWhatALostTaskLeavesBehindGoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.enqueue(hello())
	w.take(id, time.Now())
	w.must(w.rdb.HDel(t.Context(), key("t:"+id), "msg").Err())
	w.sweep()
	w.found("deleted")
	w.listed(id)
	if n := w.rdb.Exists(t.Context(), key("t:"+id)).Val(); n != 0 {
		t.Error("the task is still there")
	}
}
