package tasks_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/ledger"
)

// fail has a mail end as its worker would leave it: settled, kept, archived.
func fail(t *testing.T, rdb redis.UniversalClient, r tasks.Receipt, as ledger.State, reason string) {
	t.Helper()
	l := ledger.New(rdb, ledger.Lifetimes{})
	payload := taskOf(t, rdb, r).Payload
	if _, ok, err := l.Finish(t.Context(), r.ID, ledger.Change{Token: "t", To: as, Used: true, Error: reason}); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if _, err := l.Keep(t.Context(), r.ID, payload); err != nil {
		t.Fatal(err)
	}
	if err := asynq.NewInspectorFromRedisClient(rdb).ArchiveTask(r.Queue, r.ID); err != nil {
		t.Fatal(err)
	}
}

func deleteTask(t *testing.T, rdb redis.UniversalClient, r tasks.Receipt) {
	t.Helper()
	if err := asynq.NewInspectorFromRedisClient(rdb).DeleteTask(r.Queue, r.ID); err != nil {
		t.Fatal(err)
	}
}

// TestRetry queues a failed mail again, whether asynq has it still or not.
func TestRetry(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*testing.T, redis.UniversalClient, tasks.Receipt){
		"in the archive":      func(*testing.T, redis.UniversalClient, tasks.Receipt) {},
		"not in asynq at all": deleteTask,
		"after somebody broke off": func(t *testing.T, rdb redis.UniversalClient, r tasks.Receipt) {
			l := ledger.New(rdb, ledger.Lifetimes{})
			if d, err := l.Reopen(t.Context(), r.ID, ledger.Round{Requeue: true}); !d.Made || err != nil {
				t.Fatal(d, err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rdb := embedded(t)
			client := tasks.NewClient(rdb)
			r := enqueue(t, client, letter(), tasks.WithID(mailID))
			before := taskOf(t, rdb, r)
			fail(t, rdb, r, ledger.Failed, "no")
			prepare(t, rdb, r)
			if err := client.Retry(t.Context(), r.ID); err != nil {
				t.Fatal(err)
			}
			if got := taskOf(t, rdb, r); got.State != asynq.TaskStatePending || !bytes.Equal(got.Payload, before.Payload) ||
				got.MaxRetry != before.MaxRetry || got.Timeout != before.Timeout {
				t.Errorf("its task is %+v, want it pending, as it was", got)
			}
			s, err := client.Status(t.Context(), r.ID)
			if err != nil || s.State != tasks.StateQueued || s.Attempts != 0 || len(s.History) != 2 {
				t.Errorf("status %+v, %v; want queued, nothing counted, its history", s, err)
			}
			rec, err := ledger.New(rdb, ledger.Lifetimes{}).Look(t.Context(), r.ID)
			if err != nil || rec.Requeue {
				t.Errorf("record %+v, %v; want the wish fulfilled", rec, err)
			}
			if err := client.Retry(t.Context(), r.ID); !errors.Is(err, tasks.ErrNotFailed) {
				t.Errorf("once more: %v, want ErrNotFailed", err)
			}
		})
	}
}

// TestRetryOfAMailThatIsStillActive comes before its worker has archived it: the
// wish stays in the record, for whoever finds the task in the archive.
func TestRetryOfAMailThatIsStillActive(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	client := tasks.NewClient(rdb)
	r := enqueue(t, client, letter())
	task := "asynq:{" + r.Queue + "}:t:" + r.ID
	l := ledger.New(rdb, ledger.Lifetimes{})
	if _, ok, err := l.Finish(t.Context(), r.ID, ledger.Change{Token: "t", To: ledger.Failed, Error: "no"}); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if err := rdb.HSet(t.Context(), task, "state", "active").Err(); err != nil {
		t.Fatal(err)
	}
	if err := client.Retry(t.Context(), r.ID); err != nil {
		t.Fatal(err)
	}
	if rec, err := l.Look(t.Context(), r.ID); err != nil || !rec.Requeue || rec.State != ledger.Queued {
		t.Errorf("record %+v, %v; want a wish that is not fulfilled", rec, err)
	}
	// Its task may be gone for a moment: it is no mail that nobody accepted.
	if err := rdb.Del(t.Context(), task).Err(); err != nil {
		t.Fatal(err)
	}
	if s, err := client.Status(t.Context(), r.ID); err != nil || s.State != tasks.StateQueued {
		t.Errorf("status %+v, %v; want queued", s, err)
	}
}

// TestRetryRefuses changes nothing where there is nothing to send, or a person
// has to say more.
func TestRetryRefuses(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	client := tasks.NewClient(rdb)
	if err := client.Retry(t.Context(), "nobody"); !errors.Is(err, tasks.ErrNotFound) {
		t.Errorf("an unknown ID: %v, want ErrNotFound", err)
	}
	waiting := enqueue(t, client, letter())
	if err := client.Retry(t.Context(), waiting.ID); !errors.Is(err, tasks.ErrNotFailed) {
		t.Errorf("a queued mail: %v, want ErrNotFailed", err)
	}
	unknown := enqueue(t, client, letter())
	fail(t, rdb, unknown, ledger.Unknown, "cut")
	if err := client.Retry(t.Context(), unknown.ID); !errors.Is(err, tasks.ErrOutcomeUnknown) {
		t.Errorf("an unknown mail: %v, want ErrOutcomeUnknown", err)
	}
	if err := client.RetryUnknown(t.Context(), unknown.ID); err != nil {
		t.Errorf("RetryUnknown: %v", err)
	}
	gone := enqueue(t, client, letter())
	deleteTask(t, rdb, gone)
	if _, lost, err := ledger.New(rdb, ledger.Lifetimes{}).Lose(t.Context(), gone.ID, 0); !lost || err != nil {
		t.Fatal(lost, err)
	}
	for range 2 {
		if err := client.Retry(t.Context(), gone.ID); !errors.Is(err, tasks.ErrNotKept) {
			t.Errorf("a mail of which nothing is left: %v, want ErrNotKept", err)
		}
	}
	if s, err := client.Status(t.Context(), gone.ID); err != nil || s.State != tasks.StateFailed {
		t.Errorf("status %+v, %v; want it failed still", s, err)
	}
}

// TestAFailedMailIsSettled takes it off the list, and out of asynq's archive.
func TestAFailedMailIsSettled(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	client := tasks.NewClient(rdb)
	r := enqueue(t, client, letter())
	if err := client.Settle(t.Context(), r.ID, tasks.StateSent); !errors.Is(err, tasks.ErrNotFailed) {
		t.Errorf("a queued mail: %v, want ErrNotFailed", err)
	}
	fail(t, rdb, r, ledger.Unknown, "cut")
	if err := client.Settle(t.Context(), r.ID, tasks.StateQueued); err == nil {
		t.Error("settled as queued")
	}
	for range 2 {
		if err := client.Settle(t.Context(), r.ID, tasks.StateSent); err != nil {
			t.Fatal(err)
		}
	}
	s, err := client.Status(t.Context(), r.ID)
	if err != nil || s.State != tasks.StateSent || s.Error != "" {
		t.Errorf("status %+v, %v; want sent", s, err)
	}
	if _, err := asynq.NewInspectorFromRedisClient(rdb).GetTaskInfo(r.Queue, r.ID); !errors.Is(err, asynq.ErrTaskNotFound) {
		t.Errorf("its task: %v, want none", err)
	}
	for s, err := range client.Failed(t.Context(), tasks.Failures{Unknown: true}) {
		t.Errorf("%+v, %v is listed", s, err)
	}
	if err := client.RetryUnknown(t.Context(), r.ID); !errors.Is(err, tasks.ErrNotFailed) {
		t.Errorf("RetryUnknown: %v, want ErrNotFailed", err)
	}
	if err := client.Settle(t.Context(), "nobody", tasks.StateSent); !errors.Is(err, tasks.ErrNotFound) {
		t.Errorf("an unknown ID: %v, want ErrNotFound", err)
	}
}

// TestFailedMailIsListed asks for some of what failed, by each of the ways.
func TestFailedMailIsListed(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	client := tasks.NewClient(rdb, tasks.Force())
	add := func(id, account string, lane tasks.Lane, as ledger.State, reason string) {
		t.Helper()
		mail := letter()
		mail.Account = account
		fail(t, rdb, enqueue(t, client, mail, tasks.WithID(id), tasks.OnLane(lane)), as, reason)
	}
	add("a", "shop@example.com", tasks.Default, ledger.Failed, "permanent 400: Invalid To header")
	add("b", "shop@example.com", tasks.Critical, ledger.Failed, "given up after 12 attempts")
	add("c", "news@example.com", tasks.Bulk, ledger.Failed, "permanent 400: invalid to header")
	add("spring:x", "news@example.com", tasks.Bulk, ledger.Failed, "no")
	add("springtime:x", "news@example.com", tasks.Bulk, ledger.Failed, "no")
	add("u", "news@example.com", tasks.Bulk, ledger.Unknown, "cut")
	enqueue(t, client, letter(), tasks.WithID("waits"))
	for _, test := range []struct {
		which tasks.Failures
		want  []string
	}{
		{tasks.Failures{}, []string{"a", "b", "c", "spring:x", "springtime:x"}},
		{tasks.Failures{Unknown: true}, []string{"u"}},
		{tasks.Failures{Lane: tasks.Critical}, []string{"b"}},
		{tasks.Failures{Account: "Shop@example.com"}, []string{"a", "b"}},
		{tasks.Failures{Reason: "Invalid to"}, []string{"a", "c"}},
		{tasks.Failures{Reason: "invalid", Account: "news@example.com"}, []string{"c"}},
		{tasks.Failures{Job: "spring"}, []string{"spring:x"}},
	} {
		var got []string
		for s, err := range client.Failed(t.Context(), test.which) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, s.ID)
		}
		slices.Sort(got)
		if !slices.Equal(got, test.want) {
			t.Errorf("%+v lists %q, want %q", test.which, got, test.want)
		}
	}
}

// TestEveryFailureIsListed has more of them than pages hold.
func TestEveryFailureIsListed(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	l, client := ledger.New(rdb, ledger.Lifetimes{}), tasks.NewClient(rdb)
	const all = 64 * 150
	want := map[string]bool{}
	pipe := rdb.Pipeline()
	for i := range all {
		id := fmt.Sprintf("mail-%d", i)
		want[id] = true
		l.ReserveIn(t.Context(), pipe, id, ledger.Reservation{Queue: "default", Hash: "h"})
		if i == 0 { // The script is known from here on.
			if _, _, err := l.Reserve(t.Context(), "first", ledger.Reservation{Queue: "default", Hash: "h"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := pipe.Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	for id := range want {
		if _, ok, err := l.Finish(t.Context(), id, ledger.Change{Token: "t", To: ledger.Failed, Error: "no"}); !ok || err != nil {
			t.Fatal(ok, err)
		}
	}
	started := time.Now()
	for s, err := range client.Failed(t.Context(), tasks.Failures{}) {
		if err != nil {
			t.Fatal(err)
		}
		delete(want, s.ID)
	}
	if len(want) > 0 {
		t.Errorf("%d of %d failures are not listed (%v)", len(want), all, time.Since(started))
	}
}
