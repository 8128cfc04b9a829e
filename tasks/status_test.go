package tasks_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/ledger"
)

const mailID = "order-1041"

// move has a worker's hand on the mail: a claim, then perhaps a change.
func move(t *testing.T, rdb redis.UniversalClient, claim bool, change *ledger.Change) {
	t.Helper()
	l := ledger.New(rdb, ledger.Lifetimes{})
	if claim {
		attempt := ledger.Attempt{Token: "t", Lease: time.Minute, Account: "shop@example.com"}
		if claim, err := l.Begin(t.Context(), mailID, attempt); err != nil || !claim.Won {
			t.Fatal("Begin:", claim, err)
		}
	}
	if change == nil {
		return
	}
	change.Token, change.Claimed = "t", claim
	if _, ok, err := l.Finish(t.Context(), mailID, *change); err != nil || !ok {
		t.Fatal("Finish:", ok, err)
	}
}

// tried is the history of one attempt.
func tried(text string) []tasks.Event { return []tasks.Event{{Attempt: 1, Text: text}} }

func TestStatus(t *testing.T) {
	t.Parallel()
	next := time.Now().Add(time.Minute).Truncate(time.Millisecond).UTC()
	for _, test := range []struct {
		name   string
		opts   []tasks.Option
		claim  bool
		change *ledger.Change
		want   tasks.Status
	}{
		{name: "queued", want: tasks.Status{State: "queued"}},
		{name: "scheduled", opts: []tasks.Option{tasks.At(next)}, want: tasks.Status{State: "scheduled", NextAt: next.Truncate(time.Second).Add(time.Second)}},
		{name: "waiting", change: &ledger.Change{To: ledger.Waiting, Next: next}, want: tasks.Status{State: "waiting", NextAt: next}},
		{name: "sending", claim: true, want: tasks.Status{State: "sending", Account: "shop@example.com"}},
		{
			name: "retrying", claim: true, change: &ledger.Change{To: ledger.Retrying, Used: true, Error: "503", Next: next},
			want: tasks.Status{State: "retrying", Account: "shop@example.com", Attempts: 1, Error: "503", NextAt: next, History: tried("503")},
		},
		{
			name: "sent", claim: true, change: &ledger.Change{To: ledger.Sent, Used: true, GmailID: "18c2", ThreadID: "18c1"},
			want: tasks.Status{State: "sent", Account: "shop@example.com", Attempts: 1, GmailID: "18c2", ThreadID: "18c1"},
		},
		{
			name: "failed", claim: true, change: &ledger.Change{To: ledger.Failed, Used: true, Error: "Invalid To header"},
			want: tasks.Status{State: "failed", Account: "shop@example.com", Attempts: 1, Error: "Invalid To header", History: tried("Invalid To header")},
		},
		{
			name: "unknown", claim: true, change: &ledger.Change{To: ledger.Unknown, Used: true, Error: "cut"},
			want: tasks.Status{State: "unknown", Account: "shop@example.com", Attempts: 1, Error: "cut", History: tried("cut")},
		},
		{name: "expired", change: &ledger.Change{To: ledger.Expired, Error: "too late"}, want: tasks.Status{State: "expired", Error: "too late", History: []tasks.Event{{Text: "too late"}}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			rdb := embedded(t)
			client := tasks.NewClient(rdb, tasks.WithID(mailID))
			receipt := enqueue(t, client, letter(), test.opts...)
			move(t, rdb, test.claim, test.change)
			got, err := client.Status(t.Context(), mailID)
			if err != nil {
				t.Fatal(err)
			}
			test.want.ID, test.want.Queue = mailID, receipt.Queue
			if diff := cmp.Diff(test.want, got, cmpopts.IgnoreFields(tasks.Status{}, "EnqueuedAt", "UpdatedAt"),
				cmpopts.IgnoreFields(tasks.Event{}, "At")); diff != "" {
				t.Error(diff)
			}
			for name, at := range map[string]time.Time{"enqueued": got.EnqueuedAt, "updated": got.UpdatedAt} {
				if age := time.Since(at); age < -time.Second || age > 10*time.Second || at.Location() != time.UTC {
					t.Errorf("%s at %v, want now in UTC", name, at)
				}
			}
		})
	}
}

func TestStatusOfAnAccountsMail(t *testing.T) {
	t.Parallel()
	client := tasks.NewClient(embedded(t), tasks.WithID(mailID))
	e := letter()
	e.Account = "Shop@example.com"
	enqueue(t, client, e)
	if s, err := client.Status(t.Context(), mailID); err != nil || s.Account != "shop@example.com" {
		t.Errorf("status %+v, %v; want the account whose queue it is in", s, err)
	}
}

// TestStatusOfTwoCopies names both: an attempt that was taken for dead lived.
func TestStatusOfTwoCopies(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	client := tasks.NewClient(rdb, tasks.WithID(mailID))
	enqueue(t, client, letter())
	for _, gmailID := range []string{"18c1", "18c2"} {
		move(t, rdb, false, &ledger.Change{Token: gmailID, To: ledger.Sent, GmailID: gmailID})
	}
	if s, err := client.Status(t.Context(), mailID); err != nil || s.GmailID != "18c1" || s.AlsoSent != "18c2" {
		t.Errorf("status %+v, %v; want both copies", s, err)
	}
}

// TestStatusJSON holds the names that scripts rely on.
func TestStatusJSON(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC)
	b, err := json.Marshal([]any{
		tasks.Status{
			ID: "a", Queue: "default", State: "sent", Attempts: 1, GmailID: "g", ThreadID: "t", AlsoSent: "h", Account: "shop@example.com", Error: "e",
			EnqueuedAt: at, UpdatedAt: at, NextAt: at,
		},
		tasks.Status{ID: "a", Queue: "default", State: "queued"},
		tasks.Receipt{ID: "a", Queue: "default", ProcessAt: at},
		tasks.Receipt{ID: "a", Queue: "default", Duplicate: true, State: "cancelled"},
	})
	const want = `[{"id":"a","queue":"default","state":"sent","attempts":1,"gmail_id":"g","thread_id":"t","also_sent":"h","account":"shop@example.com","error":"e",` +
		`"enqueued_at":"2026-11-20T09:30:00Z","updated_at":"2026-11-20T09:30:00Z","next_at":"2026-11-20T09:30:00Z"},` +
		`{"id":"a","queue":"default","state":"queued","attempts":0},` +
		`{"id":"a","queue":"default","duplicate":false,"process_at":"2026-11-20T09:30:00Z"},` +
		`{"id":"a","queue":"default","duplicate":true,"state":"cancelled"}]`
	if err != nil || string(b) != want {
		t.Errorf("%s (%v), want %s", b, err, want)
	}
}

func TestStatusNotFound(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		client := tasks.NewClient(rdb)
		if _, err := client.Status(t.Context(), "nothing"); !errors.Is(err, tasks.ErrNotFound) {
			t.Errorf("an ID that nobody used: %v, want ErrNotFound", err)
		}
		l := ledger.New(rdb, ledger.Lifetimes{})
		if _, _, err := l.Reserve(t.Context(), mailID, ledger.Reservation{Queue: "default", Hash: "h"}); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Status(t.Context(), mailID); !errors.Is(err, tasks.ErrNotFound) {
			t.Errorf("a reservation without a task, no queue yet: %v, want ErrNotFound", err)
		}
		enqueue(t, client, letter())
		if _, err := client.Status(t.Context(), mailID); !errors.Is(err, tasks.ErrNotFound) {
			t.Errorf("a reservation without a task: %v, want ErrNotFound", err)
		}
	})
}

// TestDeletedInTheDashboard holds that Status and Cancel tell one story, and
// that the same mail can be enqueued anew.
func TestDeletedInTheDashboard(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		client := tasks.NewClient(rdb, tasks.WithID(mailID))
		for name, opts := range map[string][]tasks.Option{"queued": nil, "scheduled": {tasks.In(time.Hour)}} {
			r := enqueue(t, client, letter(), opts...)
			if r.Duplicate {
				t.Errorf("%s: %+v is a duplicate of what was deleted", name, r)
			}
			if err := asynq.NewInspectorFromRedisClient(rdb).DeleteTask(r.Queue, r.ID); err != nil {
				t.Fatal(err)
			}
			_, asked := client.Status(t.Context(), mailID)
			cancelled := client.Cancel(t.Context(), mailID)
			for what, err := range map[string]error{"Status": asked, "Cancel": cancelled} {
				if !errors.Is(err, tasks.ErrNotFound) || !strings.Contains(err.Error(), "its task was deleted") {
					t.Errorf("%s, %s: %v; want ErrNotFound, and that its task was deleted", name, what, err)
				}
			}
		}
	})
}

// TestStatusWhileItLeaves has a worker take the mail between the look at the
// ledger and the look at asynq.
func TestStatusWhileItLeaves(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	enqueue(t, tasks.NewClient(rdb), letter(), tasks.WithID(mailID))
	looking := another(t, rdb)
	left := false
	looking.AddHook(hook(func(ctx context.Context, cmd redis.Cmder, next redis.ProcessHook) error {
		if isTask(cmd) && !left {
			left = true
			move(t, rdb, true, &ledger.Change{To: ledger.Sent, GmailID: "18c2"})
			if err := asynq.NewInspectorFromRedisClient(rdb).DeleteTask("default", mailID); err != nil {
				t.Error(err)
			}
		}
		return next(ctx, cmd)
	}))
	if s, err := tasks.NewClient(looking).Status(t.Context(), mailID); err != nil || s.State != "sent" {
		t.Errorf("status %+v, %v; want sent", s, err)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		client := tasks.NewClient(rdb, tasks.WithID(mailID))
		for name, opts := range map[string][]tasks.Option{"queued": nil, "scheduled": {tasks.In(time.Hour)}} {
			client := tasks.NewClient(rdb, tasks.WithID(name))
			enqueue(t, client, letter(), opts...)
			for range 2 { // A mail that was cancelled already is no error.
				if err := client.Cancel(t.Context(), name); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			if s, err := client.Status(t.Context(), name); err != nil || s.State != "cancelled" || s.Queue != "default" || !s.NextAt.IsZero() {
				t.Errorf("%s: %+v, %v; want cancelled", name, s, err)
			}
			if again := enqueue(t, client, letter(), opts...); !again.Duplicate || again.State != "cancelled" {
				t.Errorf("%s: the same again is %+v, want a duplicate of what was cancelled", name, again)
			}
		}
		if n := countTasks(t, rdb); n != 0 {
			t.Errorf("%d tasks of cancelled mail", n)
		}
		if err := client.Cancel(t.Context(), "nothing"); !errors.Is(err, tasks.ErrNotFound) {
			t.Errorf("an ID that nobody used: %v, want ErrNotFound", err)
		}
	})
}

// TestCancelInAWorkersHands: asynq does not delete a task that a worker has,
// and the ledger's word counts.
func TestCancelInAWorkersHands(t *testing.T) {
	t.Parallel()
	for _, state := range []ledger.State{ledger.Waiting, ledger.Retrying} {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			rdb := embedded(t)
			client := tasks.NewClient(rdb, tasks.WithID(mailID))
			enqueue(t, client, letter())
			move(t, rdb, false, &ledger.Change{To: state})
			if err := rdb.HSet(t.Context(), "asynq:{default}:t:"+mailID, "state", "active").Err(); err != nil {
				t.Fatal(err)
			}
			if err := client.Cancel(t.Context(), mailID); err != nil {
				t.Error(err)
			}
			if s, err := client.Status(t.Context(), mailID); err != nil || s.State != "cancelled" {
				t.Errorf("status %+v, %v; want cancelled", s, err)
			}
		})
	}
}

func TestCancelTooLate(t *testing.T) {
	t.Parallel()
	for state, change := range map[string]*ledger.Change{
		"sending": nil, "sent": {To: ledger.Sent, GmailID: "18c2"}, "failed": {To: ledger.Failed}, "unknown": {To: ledger.Unknown},
	} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			rdb := embedded(t)
			client := tasks.NewClient(rdb, tasks.WithID(mailID))
			enqueue(t, client, letter())
			move(t, rdb, true, change)
			err := client.Cancel(t.Context(), mailID)
			if !errors.Is(err, tasks.ErrTooLate) || !strings.Contains(err.Error(), "it is "+state) {
				t.Errorf("Cancel: %v, want ErrTooLate: it is %s", err, state)
			}
			if s, err := client.Status(t.Context(), mailID); err != nil || string(s.State) != state {
				t.Errorf("status %+v, %v; want %s", s, err, state)
			}
			if n := countTasks(t, rdb); n != 1 {
				t.Errorf("%d tasks, want that of the mail", n)
			}
		})
	}
}

// TestAProducerOutlivesRedissData takes it away from under a producer, whose
// later mail is found all the same.
func TestAProducerOutlivesRedissData(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		client := tasks.NewClient(rdb)
		enqueue(t, client, letter())
		if err := rdb.FlushAll(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		client.SetNow(func() time.Time { return time.Now().Add(10 * time.Second) })
		r := enqueue(t, client, letter())
		if s, err := client.Status(t.Context(), r.ID); err != nil || s.State != "queued" {
			t.Errorf("Status: %+v, %v; want it queued", s, err)
		}
		if err := client.Cancel(t.Context(), r.ID); err != nil {
			t.Errorf("Cancel: %v", err)
		}
		if n := countTasks(t, rdb); n != 0 {
			t.Errorf("%d tasks after it was cancelled, want none", n)
		}
	})
}

// TestStatesAreTheLedgers holds that every state of the ledger's is one of
// Status's, and is settled in both or in neither.
func TestStatesAreTheLedgers(t *testing.T) {
	t.Parallel()
	open := []ledger.State{ledger.Queued, ledger.Waiting, ledger.Sending, ledger.Retrying}
	settled := []ledger.State{ledger.Sent, ledger.Failed, ledger.Unknown, ledger.Expired, ledger.Cancelled}
	for want, states := range map[bool][]ledger.State{false: open, true: settled} {
		for _, s := range states {
			if tasks.State(s).Settled() != want || s.Settled() != want {
				t.Errorf("%s: settled %v here and %v in the ledger, want %v", s, tasks.State(s).Settled(), s.Settled(), want)
			}
		}
	}
	if tasks.StateScheduled.Settled() {
		t.Error("scheduled mail is settled")
	}
}
