package ledger_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks/ledger"
)

// onEach runs a test on a real Redis, and on the embedded one of `worker dev`.
func onEach(t *testing.T, test func(*testing.T, *ledger.Ledger, redis.UniversalClient)) {
	t.Helper()
	t.Run("redis", func(t *testing.T) {
		t.Parallel()
		rdb := redistest.Start(t).Client()
		test(t, ledger.New(rdb, ledger.Lifetimes{}), rdb)
	})
	t.Run("miniredis", func(t *testing.T) {
		t.Parallel()
		rdb := redis.NewClient(&redis.Options{Addr: miniredis.RunT(t).Addr()})
		t.Cleanup(func() { _ = rdb.Close() })
		test(t, ledger.New(rdb, ledger.Lifetimes{}), rdb)
	})
}

const id = "order-1041"

// recordKey is where the record of id lies.
const recordKey = "postroom:{61}:mail:order-1041"

func reserve(t *testing.T, l *ledger.Ledger, hash string) (ledger.Record, bool, error) {
	t.Helper()
	return l.Reserve(t.Context(), id, ledger.Reservation{Queue: "default", Hash: hash})
}

func mustReserve(t *testing.T, l *ledger.Ledger) {
	t.Helper()
	if _, fresh, err := reserve(t, l, "h1"); err != nil || !fresh {
		t.Fatalf("Reserve = fresh %v, %v; want a fresh record", fresh, err)
	}
}

func look(t *testing.T, l *ledger.Ledger) ledger.Record {
	t.Helper()
	rec, err := l.Look(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func claim(t *testing.T, l *ledger.Ledger, a ledger.Attempt) ledger.Claim {
	t.Helper()
	if a.Lease == 0 {
		a.Lease = time.Minute
	}
	if a.Limit == 0 {
		a.Limit = 12
	}
	c, err := l.Begin(t.Context(), id, a)
	if err != nil {
		t.Fatal(err)
	}
	if c.Won && time.Until(c.Until) <= 0 {
		t.Errorf("Begin's claim is over already: until %v", c.Until)
	}
	return c
}

func begin(t *testing.T, l *ledger.Ledger, a ledger.Attempt) (ledger.State, bool) {
	t.Helper()
	c := claim(t, l, a)
	return c.State, c.Won
}

func finish(t *testing.T, l *ledger.Ledger, c ledger.Change) (ledger.State, bool) {
	t.Helper()
	state, ok, err := l.Finish(t.Context(), id, c)
	if err != nil {
		t.Fatal(err)
	}
	return state, ok
}

func TestReserve(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, _ redis.UniversalClient) {
		mustReserve(t, l)
		rec, fresh, err := reserve(t, l, "h1")
		if err != nil || fresh || rec.State != ledger.Queued || rec.Queue != "default" {
			t.Errorf("the same again = %+v, fresh %v, %v; want the record that stands", rec, fresh, err)
		}
		if _, _, err := reserve(t, l, "h2"); !errors.Is(err, ledger.ErrTaken) {
			t.Errorf("another payload = %v, want ErrTaken", err)
		}
		finish(t, l, ledger.Change{Token: "t", To: ledger.Sent, GmailID: "g"})
		rec, fresh, err = reserve(t, l, "h1")
		if err != nil || fresh || rec.State != ledger.Sent {
			t.Errorf("after it was sent = %+v, fresh %v, %v; want sent", rec, fresh, err)
		}
	})
}

func TestARepeatedChangeCountsOnce(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, _ redis.UniversalClient) {
		mustReserve(t, l)
		begin(t, l, ledger.Attempt{Token: "one"})
		for range 3 {
			state, ok := finish(t, l, ledger.Change{
				Token: "one", To: ledger.Retrying, Claimed: true, Used: true, Age: time.Second, Error: "503",
			})
			if !ok || state != ledger.Retrying {
				t.Errorf("Finish = %v, %v; want retrying, written", state, ok)
			}
		}
		rec := look(t, l)
		if rec.Attempts != 1 || rec.Age != time.Second || rec.Error != "503" {
			t.Errorf("after three writes of one end: %d attempts, age %v, %q; want 1, 1s, 503", rec.Attempts, rec.Age, rec.Error)
		}
	})
}

// TestSentIsNeverUndone holds that a recorded ID outlives whatever anybody
// writes afterwards.
func TestSentIsNeverUndone(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, _ redis.UniversalClient) {
		mustReserve(t, l)
		begin(t, l, ledger.Attempt{Token: "one"})
		finish(t, l, ledger.Change{Token: "one", To: ledger.Sent, Claimed: true, Used: true, GmailID: "g1", ThreadID: "t1"})
		for _, to := range []ledger.State{ledger.Waiting, ledger.Retrying, ledger.Failed, ledger.Unknown, ledger.Expired} {
			for _, token := range []string{"one", "two"} {
				finish(t, l, ledger.Change{Token: token, To: to, Used: true, Error: "late"})
			}
		}
		if state, ok := begin(t, l, ledger.Attempt{Token: "three", Resend: true}); ok || state != ledger.Sent {
			t.Errorf("Begin = %v, %v; want sent, refused", state, ok)
		}
		if d, _ := l.Cancel(t.Context(), id); d.Made || d.State != ledger.Sent {
			t.Errorf("Cancel = %+v; want sent, refused", d)
		}
		if d, _ := l.Reopen(t.Context(), id, ledger.Round{Unknown: true}); d.Made {
			t.Error("Reopen took a sent mail")
		}
		rec := look(t, l)
		if rec.State != ledger.Sent || rec.GmailID != "g1" || rec.ThreadID != "t1" || rec.Attempts != 1 {
			t.Errorf("record = %+v; want it as it was sent", rec)
		}
	})
}

func TestSentIsTakenOverAnyState(t *testing.T) {
	t.Parallel()
	before := map[string]func(*testing.T, *ledger.Ledger){
		"queued":  func(*testing.T, *ledger.Ledger) {},
		"sending": func(t *testing.T, l *ledger.Ledger) { begin(t, l, ledger.Attempt{Token: "other"}) },
		"failed": func(t *testing.T, l *ledger.Ledger) {
			finish(t, l, ledger.Change{Token: "other", To: ledger.Failed})
		},
		"unknown": func(t *testing.T, l *ledger.Ledger) {
			finish(t, l, ledger.Change{Token: "other", To: ledger.Unknown})
		},
		"cancelled": func(t *testing.T, l *ledger.Ledger) {
			if d, err := l.Cancel(t.Context(), id); !d.Made || err != nil {
				t.Fatalf("Cancel = %+v, %v", d, err)
			}
		},
	}
	for name, prepare := range before {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, l *ledger.Ledger, _ redis.UniversalClient) {
				mustReserve(t, l)
				prepare(t, l)
				if got := look(t, l).State; string(got) != name {
					t.Fatalf("prepared state is %q", got)
				}
				finish(t, l, ledger.Change{Token: "late", To: ledger.Sent, Claimed: true, GmailID: "g1"})
				finish(t, l, ledger.Change{Token: "later", To: ledger.Sent, Claimed: true, GmailID: "g2"})
				rec := look(t, l)
				if rec.State != ledger.Sent || rec.GmailID != "g1" || rec.AlsoSent != "g2" {
					t.Errorf("record = %+v; want sent as g1, also as g2", rec)
				}
			})
		})
	}
}

// TestTheReceiptOfWhatWasSettled comes when a person has said already that the mail
// was sent: it is the mail's own, and no second copy's.
func TestTheReceiptOfWhatWasSettled(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, _ redis.UniversalClient) {
		mustReserve(t, l)
		begin(t, l, ledger.Attempt{Token: "1"})
		finish(t, l, ledger.Change{Token: "1", To: ledger.Unknown, Claimed: true, Used: true})
		if d, err := l.Settle(t.Context(), id, ledger.Sent); !d.Made || err != nil {
			t.Fatalf("Settle = %+v, %v", d, err)
		}
		for _, want := range []ledger.Record{
			{GmailID: "g1", ThreadID: "t1"}, {GmailID: "g1", ThreadID: "t1"}, {GmailID: "g1", ThreadID: "t1", AlsoSent: "g2"},
		} {
			change := ledger.Change{Token: "2", To: ledger.Sent, Claimed: true, Used: true, GmailID: "g1", ThreadID: "t1"}
			if want.AlsoSent != "" {
				change.GmailID, change.ThreadID = want.AlsoSent, "t2"
			}
			finish(t, l, change)
			rec := look(t, l)
			if rec.State != ledger.Sent || rec.GmailID != want.GmailID || rec.ThreadID != want.ThreadID || rec.AlsoSent != want.AlsoSent {
				t.Errorf("record = %+v; want %s in %s, also %q", rec, want.GmailID, want.ThreadID, want.AlsoSent)
			}
		}
	})
}

func TestUnknownGoesOnceMore(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, _ redis.UniversalClient) {
		mustReserve(t, l)
		for i, want := range []ledger.State{ledger.Retrying, ledger.Unknown} {
			token := string(rune('a' + i))
			begin(t, l, ledger.Attempt{Token: token, Resend: true})
			change := ledger.Change{
				Token: token, To: ledger.Unknown, Claimed: true, Used: true, Resend: true, Next: time.Now().Add(time.Minute),
			}
			for range 2 { // The second is the client's, which had no answer.
				if state, ok := finish(t, l, change); !ok || state != want {
					t.Errorf("end %d = %v, %v; want %v", i+1, state, ok, want)
				}
			}
			if next := look(t, l).NextAt; next.IsZero() != (want == ledger.Unknown) {
				t.Errorf("%s is due at %v; what is held has no such time", want, next)
			}
		}
		if got := look(t, l).Attempts; got != 2 {
			t.Errorf("%d attempts, want 2", got)
		}
	})
}

func TestCancel(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, _ redis.UniversalClient) {
		if d, err := l.Cancel(t.Context(), "nobody"); d.State != "" || d.Made || err != nil {
			t.Errorf("Cancel of an unknown ID = %+v, %v", d, err)
		}
		mustReserve(t, l)
		for range 2 {
			if d, err := l.Cancel(t.Context(), id); !d.Made || d.Queue != "default" || err != nil {
				t.Errorf("Cancel = %+v, %v; want it cancelled in default", d, err)
			}
		}
		if state, ok := begin(t, l, ledger.Attempt{Token: "one"}); ok || state != ledger.Cancelled {
			t.Errorf("Begin = %v, %v; want cancelled, refused", state, ok)
		}
	})
}

func TestReopenStartsANewRound(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, _ redis.UniversalClient) {
		mustReserve(t, l)
		begin(t, l, ledger.Attempt{Token: "one"})
		finish(t, l, ledger.Change{Token: "one", To: ledger.Failed, Claimed: true, Used: true, Age: time.Hour, Error: "no"})
		if state, ok := begin(t, l, ledger.Attempt{Token: "two"}); ok || state != ledger.Failed {
			t.Errorf("Begin = %v, %v; want failed, refused", state, ok)
		}
		if d, err := l.Reopen(t.Context(), id, ledger.Round{}); !d.Made || err != nil {
			t.Fatalf("Reopen = %+v, %v", d, err)
		}
		if rec := look(t, l); rec.State != ledger.Queued || rec.Attempts != 0 || rec.Age != 0 {
			t.Errorf("record = %+v; want queued, nothing counted", rec)
		}
	})
}

// TestLifetimes holds that an open mail's record never ends by itself, and a
// settled one's does.
func TestLifetimes(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, rdb redis.UniversalClient) {
		const none = -1 // As TTL answers for a key without one.
		check := func(what string, want time.Duration) {
			t.Helper()
			ttl, err := rdb.TTL(t.Context(), recordKey).Result()
			if err != nil || ttl > want || ttl < want-time.Minute && want > 0 || ttl != want && want == none {
				t.Errorf("%s: lifetime %v, %v; want %v", what, ttl, err, want)
			}
		}
		mustReserve(t, l)
		check("queued", none)
		begin(t, l, ledger.Attempt{Token: "one"})
		check("sending", none)
		finish(t, l, ledger.Change{Token: "one", To: ledger.Failed, Claimed: true})
		check("failed", 90*24*time.Hour)
		if _, err := l.Reopen(t.Context(), id, ledger.Round{}); err != nil {
			t.Fatal(err)
		}
		check("reopened", none)
		finish(t, l, ledger.Change{Token: "two", To: ledger.Expired})
		check("expired", 90*24*time.Hour)
		finish(t, l, ledger.Change{Token: "three", To: ledger.Sent, GmailID: "g"})
		check("sent", 7*24*time.Hour)
	})
	onEach(t, func(t *testing.T, l *ledger.Ledger, rdb redis.UniversalClient) {
		mustReserve(t, l)
		begin(t, l, ledger.Attempt{Token: "one"})
		endClaim(t, rdb)
		begin(t, l, ledger.Attempt{Token: "two"})
		if ttl := rdb.TTL(t.Context(), recordKey).Val(); ttl < 89*24*time.Hour {
			t.Errorf("given up: lifetime %v, want 90 days", ttl)
		}
	})
	onEach(t, func(t *testing.T, l *ledger.Ledger, rdb redis.UniversalClient) {
		mustReserve(t, l)
		if d, err := l.Cancel(t.Context(), id); !d.Made || err != nil {
			t.Fatal(d, err)
		}
		if ttl := rdb.TTL(t.Context(), recordKey).Val(); ttl < 6*24*time.Hour || ttl > 7*24*time.Hour {
			t.Errorf("cancelled: lifetime %v, want 7 days", ttl)
		}
	})
}

// TestNothingIsClaimedWithoutARecord is a task that another program queued by
// itself, or whose record has had its time.
func TestNothingIsClaimedWithoutARecord(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, _ redis.UniversalClient) {
		if state, ok := begin(t, l, ledger.Attempt{Token: "one"}); ok || state != "" {
			t.Errorf("Begin = %q, %v; want no state, refused", state, ok)
		}
		if rec := look(t, l); rec.State != "" {
			t.Errorf("record = %+v; want none", rec)
		}
	})
}

func TestDeferredIsCountedFromTheFirstTime(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, _ redis.UniversalClient) {
		mustReserve(t, l)
		finish(t, l, ledger.Change{Token: "one", To: ledger.Retrying, Deferred: true})
		first := look(t, l).DeferredAt
		finish(t, l, ledger.Change{Token: "two", To: ledger.Retrying, Deferred: true})
		if again := look(t, l).DeferredAt; first.IsZero() || !again.Equal(first) {
			t.Errorf("DeferredAt = %v, then %v; want the first time", first, again)
		}
		begin(t, l, ledger.Attempt{Token: "three"})
		if again := look(t, l).DeferredAt; !again.Equal(first) {
			t.Errorf("DeferredAt = %v after an attempt began; want the first time, %v", again, first)
		}
		finish(t, l, ledger.Change{Token: "three", To: ledger.Retrying, Claimed: true, Used: true})
		if rec := look(t, l); !rec.DeferredAt.IsZero() {
			t.Errorf("DeferredAt = %v after an attempt was used; want none", rec.DeferredAt)
		}
		begin(t, l, ledger.Attempt{Token: "four"})
		finish(t, l, ledger.Change{Token: "five", To: ledger.Retrying, Deferred: true})
		if rec := look(t, l); rec.State != ledger.Sending || rec.DeferredAt.IsZero() {
			t.Errorf("record = %+v after a redelivery was put back; want when, and sending still", rec)
		}
		finish(t, l, ledger.Change{Token: "four", To: ledger.Waiting, Claimed: true})
		if rec := look(t, l); !rec.DeferredAt.IsZero() {
			t.Errorf("DeferredAt = %v though its account is what is at fault; want none", rec.DeferredAt)
		}
	})
}

func TestRedisAway(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	l := ledger.New(server.Client(), ledger.Lifetimes{})
	server.Kill()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	for name, call := range map[string]func() error{
		"Look":    func() error { return last(l.Look(ctx, id)) },
		"Reserve": func() error { return last(l.Reserve(ctx, id, ledger.Reservation{})) },
		"Begin":   func() error { return last(l.Begin(ctx, id, ledger.Attempt{})) },
		"Finish":  func() error { return last(l.Finish(ctx, id, ledger.Change{})) },
		"Cancel":  func() error { return last(l.Cancel(ctx, id)) },
		"Reopen":  func() error { return last(l.Reopen(ctx, id, ledger.Round{})) },
	} {
		if call() == nil {
			t.Errorf("%s without a Redis gave no error", name)
		}
	}
}

// last is the error that ends a call's results.
func last(results ...any) error {
	err, _ := results[len(results)-1].(error)
	return err
}

// TestWhatGoesAlongGoesAfter holds that other commands find the change made.
func TestWhatGoesAlongGoesAfter(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, _ redis.UniversalClient) {
		mustReserve(t, l)
		if _, _, err := l.Finish(t.Context(), "another", ledger.Change{Token: "1", To: ledger.Failed}); err != nil {
			t.Fatal(err) // The script is known from here on.
		}
		begin(t, l, ledger.Attempt{Token: "1"})
		var read *redis.StringCmd
		change := ledger.Change{Token: "1", To: ledger.Sent, Claimed: true, Used: true, GmailID: "g"}
		state, ok, err := l.FinishWith(t.Context(), id, change, func(pipe redis.Pipeliner) {
			read = pipe.HGet(t.Context(), recordKey, "state")
		})
		if state != ledger.Sent || !ok || err != nil || read.Val() != "sent" {
			t.Errorf("FinishWith = %v, %v, %v, and what went along found it %q", state, ok, err, read.Val())
		}
	})
}
