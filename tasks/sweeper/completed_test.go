package sweeper_test

import (
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/tasks/ledger"
)

// TestACompletedTaskBringsNoMail is a task that another program gave a retention:
// asynq keeps it when it is done. Its worker died before the outcome was written.
func TestACompletedTaskBringsNoMail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.enqueue(hello())
	ctx := t.Context()
	if c, err := w.ledger.Begin(ctx, id, ledger.Attempt{Token: "dead", Lease: time.Minute, Account: shop, Limit: 12}); err != nil || !c.Won {
		t.Fatal(c, err)
	}
	w.must(w.rdb.HSet(ctx, recordKey(id), "deadline", time.Now().Add(-10*time.Minute).UnixMilli()).Err())
	w.age(id, 15*time.Minute)
	// What markAsCompleteCmd leaves.
	w.must(w.rdb.LRem(ctx, key("pending"), 0, id).Err())
	w.must(w.rdb.ZAdd(ctx, key("completed"), redis.Z{Score: float64(time.Now().Add(time.Hour).Unix()), Member: id}).Err())
	w.must(w.rdb.HSet(ctx, key("t:"+id), "state", "completed").Err())
	w.sweep()
	w.stands(id, ledger.Unknown)
	w.task(id, asynq.TaskStateCompleted)
}
