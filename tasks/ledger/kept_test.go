package ledger_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/tasks/ledger"
)

func keep(t *testing.T, l *ledger.Ledger) time.Duration {
	t.Helper()
	left, err := l.Keep(t.Context(), id, []byte("payload"))
	if err != nil {
		t.Fatal(err)
	}
	return left
}

func kept(t *testing.T, l *ledger.Ledger) bool {
	t.Helper()
	payload, err := l.Kept(t.Context(), id)
	if err != nil && !errors.Is(err, ledger.ErrNotKept) {
		t.Fatal(err)
	}
	if err == nil && string(payload) != "payload" {
		t.Errorf("kept is %q", payload)
	}
	return err == nil
}

// TestAFailedMailIsKeptWhole follows its payload until nobody needs it.
func TestAFailedMailIsKeptWhole(t *testing.T) {
	t.Parallel()
	ends := map[string]func(*testing.T, *ledger.Ledger){
		"sent": func(t *testing.T, l *ledger.Ledger) {
			reopen(t, l, ledger.Round{})
			begin(t, l, ledger.Attempt{Token: "2"})
			finish(t, l, ledger.Change{Token: "2", To: ledger.Sent, Claimed: true, GmailID: "g"})
		},
		"sent after all": func(t *testing.T, l *ledger.Ledger) {
			finish(t, l, ledger.Change{Token: "1", To: ledger.Sent, Claimed: true, GmailID: "g"})
		},
		"settled as sent":   func(t *testing.T, l *ledger.Ledger) { settle(t, l, ledger.Sent) },
		"settled as failed": func(t *testing.T, l *ledger.Ledger) { settle(t, l, ledger.Failed) },
		"cancelled": func(t *testing.T, l *ledger.Ledger) {
			reopen(t, l, ledger.Round{})
			if d, err := l.Cancel(t.Context(), id); !d.Made || err != nil {
				t.Fatal(d, err)
			}
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, l *ledger.Ledger, rdb redis.UniversalClient) {
				mustReserve(t, l)
				keep(t, l)
				if kept(t, l) {
					t.Error("a queued mail's payload is kept: asynq has it")
				}
				finish(t, l, ledger.Change{Token: "1", To: ledger.Failed, Error: "no"})
				if left := keep(t, l); left < 89*24*time.Hour || !kept(t, l) {
					t.Fatalf("kept for %v, want 90 days", left)
				}
				end(t, l)
				if kept(t, l) {
					t.Error("it is kept still")
				}
				keep(t, l)
				if kept(t, l) {
					t.Error("a late worker kept it again")
				}
				if n := rdb.Exists(t.Context(), failedKey).Val(); n != 0 {
					t.Error("it stands among the failed still")
				}
			})
		})
	}
}

func settle(t *testing.T, l *ledger.Ledger, as ledger.State) {
	t.Helper()
	for range 2 { // The second is a client's that had no answer.
		if d, err := l.Settle(t.Context(), id, as); !d.Made || d.State != as || d.Queue != "default" || err != nil {
			t.Fatalf("Settle = %+v, %v; want %v", d, err, as)
		}
	}
}

// TestAKeptPayloadLivesAsLongAsItsMail takes a failed mail through another
// round, in which it has no end.
func TestAKeptPayloadLivesAsLongAsItsMail(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, rdb redis.UniversalClient) {
		mustReserve(t, l)
		finish(t, l, ledger.Change{Token: "1", To: ledger.Failed, Error: "no"})
		keep(t, l)
		reopen(t, l, ledger.Round{})
		if ttl := rdb.TTL(t.Context(), keptKey).Val(); ttl != -1 {
			t.Errorf("in a new round it is kept for %v, want for as long as that takes", ttl)
		}
		if _, lost, err := l.Lose(t.Context(), id, 0); !lost || err != nil {
			t.Fatalf("Lose = %v, %v", lost, err)
		}
		if ttl := rdb.TTL(t.Context(), keptKey).Val(); ttl < 89*24*time.Hour {
			t.Errorf("after its task was deleted it is kept for %v, want 90 days", ttl)
		}
	})
}

// TestWhatIsKeptEndsAfterEachRound has a mail fail again, or expire, and its
// worker die before it keeps the payload anew.
func TestWhatIsKeptEndsAfterEachRound(t *testing.T) {
	t.Parallel()
	for _, to := range []ledger.State{ledger.Failed, ledger.Expired, ledger.Unknown} {
		onEach(t, func(t *testing.T, l *ledger.Ledger, rdb redis.UniversalClient) {
			mustReserve(t, l)
			finish(t, l, ledger.Change{Token: "1", To: ledger.Failed, Error: "no"})
			keep(t, l)
			reopen(t, l, ledger.Round{})
			finish(t, l, ledger.Change{Token: "2", To: to, Error: "no"})
			if ttl := rdb.TTL(t.Context(), keptKey).Val(); ttl < 89*24*time.Hour {
				t.Errorf("of %s mail it is kept for %v, want 90 days", to, ttl)
			}
		})
	}
}

// TestWhatCanBeSettled refuses what is not a person's to decide.
func TestWhatCanBeSettled(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, _ redis.UniversalClient) {
		refused := func(want ledger.State) {
			t.Helper()
			if d, err := l.Settle(t.Context(), id, ledger.Sent); d.Made || d.State != want || err != nil {
				t.Errorf("Settle = %+v, %v; want %q, refused", d, err, want)
			}
		}
		refused("")
		mustReserve(t, l)
		refused(ledger.Queued)
		begin(t, l, ledger.Attempt{Token: "1"})
		refused(ledger.Sending)
		finish(t, l, ledger.Change{Token: "1", To: ledger.Sent, Claimed: true, GmailID: "g"})
		refused(ledger.Sent)
	})
	onEach(t, func(t *testing.T, l *ledger.Ledger, _ redis.UniversalClient) {
		mustReserve(t, l)
		finish(t, l, ledger.Change{Token: "1", To: ledger.Unknown, Error: "cut"})
		settle(t, l, ledger.Failed)
		rec := look(t, l)
		if rec.State != ledger.Failed || !rec.Settled || !strings.HasPrefix(rec.History[1].Text, "settled by a person") {
			t.Errorf("record = %+v; want failed, as a person settled", rec)
		}
		if state, _ := begin(t, l, ledger.Attempt{Token: "2"}); state != ledger.Failed {
			t.Errorf("Begin finds %v", state)
		}
	})
}
