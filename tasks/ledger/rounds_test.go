package ledger_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/tasks/ledger"
)

// TestAWishForANewRoundIsRemembered holds what is between the ledger's word and
// asynq's: whoever breaks off there leaves a record that says so.
func TestAWishForANewRoundIsRemembered(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, _ redis.UniversalClient) {
		mustReserve(t, l)
		finish(t, l, ledger.Change{Token: "1", To: ledger.Failed, Error: "no"})
		for range 2 {
			reopen(t, l, ledger.Round{Requeue: true})
		}
		if rec := look(t, l); !rec.Requeue || len(rec.History) != 2 {
			t.Errorf("record = %+v; want one wish, not fulfilled", rec)
		}
		if err := l.Requeued(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if rec := look(t, l); rec.Requeue {
			t.Errorf("record = %+v; want the wish fulfilled", rec)
		}
		if d, _ := l.Reopen(t.Context(), id, ledger.Round{Requeue: true}); d.Made {
			t.Error("a mail that is queued was reopened")
		}
	})
	onEach(t, func(t *testing.T, l *ledger.Ledger, _ redis.UniversalClient) {
		mustReserve(t, l)
		finish(t, l, ledger.Change{Token: "1", To: ledger.Failed, Error: "no"})
		reopen(t, l, ledger.Round{Requeue: true})
		begin(t, l, ledger.Attempt{Token: "2"}) // Its task was there all the same.
		if rec := look(t, l); rec.Requeue {
			t.Errorf("record = %+v; want no wish: it is being sent", rec)
		}
	})
}

func TestUnknownMailIsReopenedByName(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, _ redis.UniversalClient) {
		mustReserve(t, l)
		begin(t, l, ledger.Attempt{Token: "1"})
		finish(t, l, ledger.Change{Token: "1", To: ledger.Unknown, Claimed: true, Used: true, Error: "cut"})
		if d, err := l.Reopen(t.Context(), id, ledger.Round{}); d.Made || d.State != ledger.Unknown || err != nil {
			t.Errorf("Reopen = %+v, %v; want unknown, refused", d, err)
		}
		reopen(t, l, ledger.Round{Unknown: true})
		if rec := look(t, l); rec.Attempts != 0 || rec.Resent || !rec.LeftBy.IsZero() {
			t.Errorf("record = %+v; want all forgotten", rec)
		}
	})
}

// TestLostMail holds what becomes of an open mail without a task.
func TestLostMail(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, rdb redis.UniversalClient) {
		lose := func(idle time.Duration) (ledger.State, bool) {
			t.Helper()
			state, lost, err := l.Lose(t.Context(), id, idle)
			if err != nil {
				t.Fatal(err)
			}
			return state, lost
		}
		if state, lost := lose(0); lost || state != "" {
			t.Errorf("without a record: %q, %v", state, lost)
		}
		mustReserve(t, l)
		if state, lost := lose(time.Minute); lost || state != ledger.Queued {
			t.Errorf("just reserved: %v, %v; want queued, left alone", state, lost)
		}
		if state, lost := lose(0); !lost || state != ledger.Failed {
			t.Errorf("lost: %v, %v; want failed", state, lost)
		}
		rec := look(t, l)
		if !rec.Lost || rec.Error != ledger.LostText {
			t.Errorf("record = %+v; want it to say that it was lost", rec)
		}
		if _, lost := lose(0); lost {
			t.Error("a failed mail was lost again")
		}
		// Whoever asks for it again means it.
		mustReserve(t, l)
		if rec := look(t, l); rec.State != ledger.Queued || rec.Lost || rec.Error != "" {
			t.Errorf("record = %+v; want it queued anew", rec)
		}
		if ttl := rdb.TTL(t.Context(), recordKey).Val(); ttl != -1 {
			t.Errorf("lifetime %v, want none", ttl)
		}
		begin(t, l, ledger.Attempt{Token: "1"})
		if state, lost := lose(time.Minute); lost || state != ledger.Sending {
			t.Errorf("being sent: %v, %v; want it left alone", state, lost)
		}
		if err := rdb.HSet(t.Context(), recordKey, "deadline", 1, "enqueued", 1, "updated", 1).Err(); err != nil {
			t.Fatal(err)
		}
		if state, lost := lose(time.Minute); !lost || state != ledger.Unknown {
			t.Errorf("lost while it was sent: %v, %v; want unknown", state, lost)
		}
		if _, fresh, _ := reserve(t, l, "h1"); fresh {
			t.Error("a mail that Gmail may have was reserved anew")
		}
	})
}

// TestARecordThatWasLostWhileItsMailWasSent is what a failover can leave: the
// same mail again is a duplicate all the same.
func TestARecordThatWasLostWhileItsMailWasSent(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, _ redis.UniversalClient) {
		finish(t, l, ledger.Change{Token: "1", To: ledger.Sent, Claimed: true, Used: true, GmailID: "g", Queue: "default"})
		rec, fresh, err := reserve(t, l, "h1")
		if err != nil || fresh || rec.State != ledger.Sent {
			t.Errorf("the same again = %+v, fresh %v, %v; want it sent", rec, fresh, err)
		}
	})
}

// TestHistory holds that it tells what happened, and has an end.
func TestHistory(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, _ redis.UniversalClient) {
		mustReserve(t, l)
		long := strings.Repeat("ä \"quoted\"\n", 60)
		for i := range 60 {
			token := strconv.Itoa(i)
			begin(t, l, ledger.Attempt{Token: token, Limit: 100})
			finish(t, l, ledger.Change{Token: token, To: ledger.Retrying, Claimed: true, Used: true, Error: fmt.Sprintf("%d: %s", i, long)})
		}
		events := look(t, l).History
		if n := len(events); n < 8 || n > 30 {
			t.Fatalf("%d events are kept, want the last ones", n)
		}
		last := events[len(events)-1]
		if last.Attempt != 60 || !strings.HasPrefix(last.Text, "59: ä \"quoted\"\n") || time.Since(last.At).Abs() > time.Minute {
			t.Errorf("the last event is %+v", last)
		}
		if n := len(last.Text); n > 400 {
			t.Errorf("a text of %d bytes, want 400 at most", n)
		}
	})
}

// TestANewRoundKnowsWhatGmailMayHave takes a mail that was resent once, and
// failed then, into a new round: that is no licence for one more copy. Who asks
// for an unknown mail by name gives one.
func TestANewRoundKnowsWhatGmailMayHave(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, _ redis.UniversalClient) {
		unknown := func(token string, want ledger.State) {
			t.Helper()
			begin(t, l, ledger.Attempt{Token: token, Resend: true})
			change := ledger.Change{Token: token, To: ledger.Unknown, Claimed: true, Used: true, Resend: true, Error: "cut"}
			if state, ok := finish(t, l, change); !ok || state != want {
				t.Errorf("an unknown outcome = %v, %v; want %v", state, ok, want)
			}
		}
		mustReserve(t, l)
		unknown("1", ledger.Retrying)
		begin(t, l, ledger.Attempt{Token: "2"})
		finish(t, l, ledger.Change{Token: "2", To: ledger.Failed, Claimed: true, Used: true, Error: "400"})
		reopen(t, l, ledger.Round{})
		if rec := look(t, l); !rec.Resent || rec.LeftBy.IsZero() || rec.Attempts != 0 {
			t.Errorf("record = %+v; want it resent, and no attempts", rec)
		}
		unknown("3", ledger.Unknown)
		reopen(t, l, ledger.Round{Unknown: true})
		unknown("4", ledger.Retrying)
	})
}

// TestAWishEndsWithTheMail has a late worker fail a mail between a person's wish
// and its task.
func TestAWishEndsWithTheMail(t *testing.T) {
	t.Parallel()
	for _, to := range []ledger.State{ledger.Failed, ledger.Expired, ledger.Sent} {
		onEach(t, func(t *testing.T, l *ledger.Ledger, _ redis.UniversalClient) {
			mustReserve(t, l)
			finish(t, l, ledger.Change{Token: "1", To: ledger.Failed, Error: "no"})
			reopen(t, l, ledger.Round{Requeue: true})
			finish(t, l, ledger.Change{Token: "late", To: to, GmailID: "g"})
			if rec := look(t, l); rec.State != to || rec.Requeue {
				t.Errorf("record = %+v; want it %s, and no wish", rec, to)
			}
		})
	}
}
