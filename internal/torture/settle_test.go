package torture_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/ledger"
)

// settling is how long the mails of a run may take to end after the faults: the
// dead are found after two minutes, and a fourth attempt comes after two more.
func (w *world) settling() time.Duration {
	limit := 3 * time.Minute
	if w.plan.isLong() {
		limit = 6 * time.Minute
	}
	if raceDetector {
		limit *= 2
	}
	return limit
}

// page is how many mails are asked for before the next ones are.
const page = 500

// found is what Status says of a mail.
type found struct {
	status tasks.Status
	err    error
}

// settle waits until every mail has an outcome and no queue has a task to do.
// Then some tasks come once more. It returns what Status says of each mail in the
// end.
func (w *world) settle() map[string]found {
	deadline := time.Now().Add(w.settling())
	last := w.awaitOutcomes(deadline)
	w.mustDrain("the faults ended", deadline)
	w.redeliver(last)
	w.mustDrain("some tasks came again", time.Now().Add(w.settling()))
	return w.awaitOutcomes(time.Now())
}

// awaitOutcomes asks for all mails until each has an outcome, and then for those
// that have none.
func (w *world) awaitOutcomes(deadline time.Time) map[string]found {
	client := w.client(w.redis.Addr)
	last := make(map[string]found, len(w.plan.mails))
	open := make([]string, len(w.plan.mails))
	for i, m := range w.plan.mails {
		open[i] = m.id
	}
	for ; ; time.Sleep(200 * time.Millisecond) {
		var left []string
		for ids := range slices.Chunk(open, page) {
			for i, f := range w.ask(client, ids) {
				last[ids[i]] = f
				if f.err != nil || !ledger.State(f.status.State).Settled() {
					left = append(left, ids[i])
				}
			}
		}
		open = left
		if len(open) == 0 || time.Now().After(deadline) {
			return last // The judge sees who has none.
		}
	}
}

// redeliver queues the tasks of some mails that were sent once more, as it is
// where asynq did not hear of their end. For asynq these are new: only the claim
// finds out, after the account's turn.
func (w *world) redeliver(last map[string]found) {
	w.t.Helper()
	queue := asynq.NewClientFromRedisClient(w.rdb)
	for i, m := range w.plan.mails {
		status := last[m.id].status
		if i%max(3, w.plan.count/100) > 0 || ledger.State(status.State) != ledger.Sent {
			continue
		}
		email := emailOf(m)
		email.Version, email.ID, email.EnqueuedAt = tasks.PayloadVersion, m.id, status.EnqueuedAt
		payload, err := json.Marshal(email)
		if err == nil {
			_, err = queue.EnqueueContext(w.t.Context(), asynq.NewTask(tasks.TypeDeliver, payload), asynq.TaskID(m.id), asynq.Queue(status.Queue))
		}
		if err != nil && !errors.Is(err, asynq.ErrTaskIDConflict) { // One that was unknown first is in the archive.
			w.t.Fatalf("queue %s again: %v", m.id, err)
		}
	}
}

func (w *world) mustDrain(since string, deadline time.Time) {
	if left := w.drain(deadline); left != "" {
		w.complainf("long after %s there is in the queues: %s", since, left)
	}
}

// drain waits until no queue has a task to do, and returns what there still is.
func (w *world) drain(deadline time.Time) string {
	for ; ; time.Sleep(200 * time.Millisecond) {
		left, err := w.queued()
		if err != nil {
			left = err.Error()
		}
		if left == "" || time.Now().After(deadline) {
			return left
		}
	}
}

// ask asks for a page of mails, a few at a time.
func (w *world) ask(client *tasks.Client, ids []string) []found {
	got := make([]found, len(ids))
	var all sync.WaitGroup
	const askers = 8
	for n := range askers {
		all.Go(func() {
			for i := n; i < len(ids); i += askers {
				got[i].status, got[i].err = client.Status(w.t.Context(), ids[i])
			}
		})
	}
	all.Wait()
	return got
}

// queued is what asynq still has to do, by queue; empty for nothing.
func (w *world) queued() (string, error) {
	inspector := asynq.NewInspectorFromRedisClient(w.rdb)
	names, err := inspector.Queues()
	if err != nil {
		return "", err
	}
	var todo []string
	for _, name := range names {
		q, err := inspector.GetQueueInfo(name)
		if err != nil {
			return "", err
		}
		if q.Pending+q.Active+q.Scheduled+q.Retry > 0 {
			todo = append(todo, fmt.Sprintf("%s: %d pending, %d active, %d scheduled, %d in retry", name, q.Pending, q.Active, q.Scheduled, q.Retry))
		}
	}
	return strings.Join(todo, "; "), nil
}

// age lets the leases of the dead end now, in asynq and in the ledger. No worker
// may live: all of their leases are those of the dead.
func (w *world) age() {
	w.t.Helper()
	ctx := w.t.Context()
	names, err := w.rdb.SMembers(ctx, "asynq:queues").Result()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, queue := range names {
		ids, err := w.rdb.ZRange(ctx, "asynq:{"+queue+"}:lease", 0, -1).Result()
		if err != nil {
			w.t.Fatal(err)
		}
		for _, id := range ids {
			past := redis.Z{Score: float64(time.Now().Add(-time.Minute).Unix()), Member: id}
			if err := w.rdb.ZAddXX(ctx, "asynq:{"+queue+"}:lease", past).Err(); err != nil {
				w.t.Fatal(err)
			}
		}
	}
	records := ledger.New(w.rdb, ledger.Lifetimes{})
	for _, m := range w.plan.mails {
		if err := endClaim(ctx, w.rdb, records, m.id); err != nil {
			w.t.Fatal(err)
		}
	}
}

// endClaim lets a mail's claim end now, and the time that its worker has for a
// last word, where it has a claim.
func endClaim(ctx context.Context, rdb *redis.Client, records *ledger.Ledger, id string) error {
	before, err := records.Look(ctx, id)
	if err != nil || before.State != ledger.Sending {
		return err
	}
	record := fmt.Sprintf("postroom:{%d}:mail:%s", crc32.ChecksumIEEE([]byte(id))%64, id) // docs/redis.md
	if err := rdb.HSet(ctx, record, "deadline", 1, "called", time.Now().UnixMilli()).Err(); err != nil {
		return err
	}
	after, err := records.Look(ctx, id)
	if err == nil && after.Deadline.Equal(before.Deadline) {
		return errors.New("the ledger does not keep a claim's end where this test thinks that it does: see docs/redis.md")
	}
	return err
}
