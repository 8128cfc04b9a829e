package sweeper_test

import (
	"context"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/ledger"
)

// archivedByAsynq has asynq itself archive a mail, which another program queued
// with no tries of asynq's own to spare: its worker dies.
func (w *world) archivedByAsynq(e tasks.Email) string {
	w.t.Helper()
	id := w.enqueue(e)
	info, err := w.inspector.GetTaskInfo(queue, id)
	w.must(err)
	w.must(w.inspector.DeleteTask(queue, id))
	client := asynq.NewClientFromRedisClient(w.rdb)
	_, err = client.Enqueue(asynq.NewTask(info.Type, info.Payload), asynq.TaskID(id), asynq.Queue(queue), asynq.MaxRetry(0))
	w.must(err)
	w.take(id, time.Now().Add(-time.Minute))
	server := asynq.NewServerFromRedisClient(w.rdb, asynq.Config{Queues: map[string]int{queue: 1}, LogLevel: asynq.FatalLevel})
	w.must(server.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error { return nil })))
	defer server.Shutdown()
	w.eventually("the recoverer archives it", func() bool {
		info, err := w.inspector.GetTaskInfo(queue, id)
		return err == nil && info.State == asynq.TaskStateArchived
	})
	if info, err = w.inspector.GetTaskInfo(queue, id); info == nil || info.LastErr != asynq.ErrLeaseExpired.Error() {
		w.t.Fatalf("archived with %+v, %v; want it archived by the recoverer", info, err)
	}
	return id
}

func TestArchivedByTheRecovererIsRunAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.archivedByAsynq(hello())
	w.sweep()
	w.found("counted_out")
	w.listed(id, "pending")
	w.stands(id, ledger.Queued)
	w.goesOut(id)
}

// TestWhatAsynqCountedOutHasItsPause holds that the ledger's own pause stands.
func TestWhatAsynqCountedOutHasItsPause(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.archivedByAsynq(hello())
	retryAt := func(at time.Time) {
		_, _, err := w.ledger.Finish(t.Context(), id, ledger.Change{Token: at.String(), To: ledger.Retrying, Used: true, Next: at, Error: "503"})
		w.must(err)
		w.age(id, 6*time.Minute)
	}
	retryAt(time.Now().Add(time.Hour))
	w.sweep()
	w.found()
	w.listed(id, "archived")
	retryAt(time.Now().Add(-2 * time.Minute))
	w.sweep()
	w.found("counted_out")
}

// TestWhoeverSendsAnArchivedMailMayLive holds that nothing is decided before
// the claim's end.
func TestWhoeverSendsAnArchivedMailMayLive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.archivedByAsynq(hello())
	claim, err := w.ledger.Begin(t.Context(), id, ledger.Attempt{Token: "one", Lease: time.Minute, Account: shop, Limit: 12})
	if err != nil || !claim.Won {
		t.Fatalf("Begin = %+v, %v", claim, err)
	}
	w.sweep()
	w.found()
	w.must(w.rdb.HSet(t.Context(), recordKey(id), "deadline", time.Now().Add(-10*time.Minute).UnixMilli()).Err())
	w.age(id, 6*time.Minute)
	w.sweep()
	w.found("counted_out")
	w.stands(id, ledger.Sending) // The next attempt decides.
}
