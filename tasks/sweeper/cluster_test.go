package sweeper_test

import (
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/ledger"
)

// TestInACluster has the ledger's shards and asynq's queues on several nodes, of
// which none knows the scripts at first.
func TestInACluster(t *testing.T) {
	t.Parallel()
	rdb, err := tasks.OpenRedis(redistest.StartCluster(t).URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rdb.Close() })
	w := worldOn(t, rdb)
	some := func() []string {
		ids := make([]string, 20) // They lie in many shards.
		for i := range ids {
			ids[i] = w.enqueue(hello())
		}
		return ids
	}
	inOrder, deleted, aside, stuck, unlisted := some(), some(), some(), some(), some()
	old, broken := w.failed(), w.failed()
	w.archivedAgo(old, 31*day)
	w.must(w.inspector.DeleteTask(queue, broken))
	if d, err := w.ledger.Reopen(t.Context(), broken, ledger.Round{Requeue: true}); !d.Made || err != nil {
		t.Fatalf("Reopen = %+v, %v", d, err)
	}
	w.age(broken, 15*time.Minute)
	for i := range deleted {
		w.must(w.inspector.DeleteTask(queue, deleted[i]))
		w.must(w.inspector.ArchiveTask(queue, aside[i]))
		w.take(stuck[i], time.Now())
		w.must(rdb.ZRem(t.Context(), key("lease"), stuck[i]).Err())
		w.must(rdb.LRem(t.Context(), key("pending"), 0, unlisted[i]).Err())
	}
	w.must(rdb.ScriptFlush(t.Context()).Err())
	w.sweep()
	for i := range deleted {
		w.task(inOrder[i], asynq.TaskStatePending)
		w.stands(deleted[i], ledger.Failed)
		w.stands(aside[i], ledger.Failed)
		w.keptWhole(aside[i])
		w.listed(stuck[i], "pending")
		w.listed(unlisted[i], "pending")
	}
	w.task(old, 0)
	w.keptWhole(old)
	w.listed(broken, "pending")
	s := w.sweeper()
	stop := w.run(s)
	w.eventually("it is at work", func() bool { return rdb.Exists(t.Context(), "postroom:{sweeper}:lease").Val() == 1 })
	stop()
	if n := rdb.Exists(t.Context(), "postroom:{sweeper}:lease").Val(); n != 0 {
		t.Error("the lease is still held")
	}
}
