package ledger_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/tasks/ledger"
)

// TestAMailIsSetAside holds what becomes of open mail whose task a person
// archived: it stands among the failed, whole, until a new round.
func TestAMailIsSetAside(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, rdb redis.UniversalClient) {
		mustReserve(t, l)
		setAside := func(idle time.Duration) (ledger.State, bool) {
			t.Helper()
			state, aside, err := l.SetAside(t.Context(), id, idle, []byte("payload"))
			if err != nil {
				t.Fatal(err)
			}
			return state, aside
		}
		if state, aside := setAside(time.Minute); aside || state != ledger.Queued {
			t.Errorf("SetAside at once = %v, %v; want it refused", state, aside)
		}
		if state, aside := setAside(0); !aside || state != ledger.Failed {
			t.Errorf("SetAside = %v, %v; want it failed", state, aside)
		}
		rec := look(t, l)
		if !rec.Archived || rec.Lost || !rec.Kept || rec.Error != ledger.ArchivedText || len(rec.History) != 1 {
			t.Errorf("record = %+v; want it archived, kept", rec)
		}
		if payload, err := l.Kept(t.Context(), id); string(payload) != "payload" || err != nil {
			t.Errorf("Kept = %q, %v", payload, err)
		}
		if ttl := rdb.TTL(t.Context(), keptKey).Val(); ttl <= 89*24*time.Hour {
			t.Errorf("it is kept for %v, want as long as its record", ttl)
		}
		if _, aside := setAside(0); aside {
			t.Error("it was set aside twice")
		}
		// Its ID is not free, as that of a lost mail is.
		if rec, fresh, err := reserve(t, l, "h1"); fresh || err != nil || rec.State != ledger.Failed {
			t.Errorf("the same again = %+v, fresh %v, %v; want a duplicate that failed", rec, fresh, err)
		}
		reopen(t, l, ledger.Round{})
		if rec := look(t, l); rec.Archived || rec.State != ledger.Queued {
			t.Errorf("after a new round: %+v; want it queued, and the mark gone", rec)
		}
	})
}

// TestTheMarkEndsWithTheMail holds that what is settled otherwise is archived no
// longer.
func TestTheMarkEndsWithTheMail(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*testing.T, *ledger.Ledger){
		"sent": func(t *testing.T, l *ledger.Ledger) {
			finish(t, l, ledger.Change{Token: "late", To: ledger.Sent, Claimed: true, GmailID: "g"})
		},
		"settled": func(t *testing.T, l *ledger.Ledger) { settle(t, l, ledger.Failed) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, l *ledger.Ledger, _ redis.UniversalClient) {
				mustReserve(t, l)
				if _, aside, err := l.SetAside(t.Context(), id, 0, []byte("payload")); !aside || err != nil {
					t.Fatal(aside, err)
				}
				end(t, l)
				if rec := look(t, l); rec.Archived || rec.Kept {
					t.Errorf("record = %+v; want neither mark", rec)
				}
			})
		})
	}
}

// TestTidy holds that what has had its time leaves the index, and nothing else.
func TestTidy(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, rdb redis.UniversalClient) {
		mustReserve(t, l)
		finish(t, l, ledger.Change{Token: "one", To: ledger.Failed})
		past := float64(time.Now().Add(-time.Second).UnixMilli())
		for _, gone := range []string{"one", "two", "three"} {
			rdb.ZAdd(t.Context(), failedKey, redis.Z{Score: past, Member: gone})
		}
		for _, want := range []int64{2, 1, 0} {
			if n, err := l.Tidy(t.Context(), shard, 2); n != want || err != nil {
				t.Errorf("Tidy = %d, %v; want %d", n, err, want)
			}
		}
		if left := rdb.ZRange(t.Context(), failedKey, 0, -1).Val(); len(left) != 1 || left[0] != id {
			t.Errorf("left are %q, want %s", left, id)
		}
	})
}
