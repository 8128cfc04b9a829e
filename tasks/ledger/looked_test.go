package ledger_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/tasks/ledger"
)

// doubt has a mail end without an answer, on an account that can look it up.
func doubt(t *testing.T, l *ledger.Ledger, token string) {
	t.Helper()
	if _, ok := begin(t, l, ledger.Attempt{Token: token, Resend: true}); !ok {
		t.Fatal("Begin was refused")
	}
	change := ledger.Change{
		Token: token, To: ledger.Unknown, Claimed: true, Used: true, Resend: true, LookUp: true,
		Next: time.Now().Add(time.Minute), Error: "cut",
	}
	for range 2 {
		if state, ok := finish(t, l, change); !ok || state != ledger.Unknown {
			t.Fatalf("Finish = %v, %v; want unknown", state, ok)
		}
	}
	if rec := look(t, l); !rec.LookUp || rec.NextAt.IsZero() || rec.LeftBy.IsZero() || rec.Attempts == 0 {
		t.Fatalf("record = %+v; want it to be looked up", rec)
	}
}

// looked says n times what came of it, and returns what the last one led to.
func looked(t *testing.T, l *ledger.Ledger, n int, u ledger.LookUp, a ledger.Absence) (state ledger.State, held bool) {
	t.Helper()
	u.Limit = 12
	for range n {
		var err error
		if state, held, err = l.Looked(t.Context(), id, u, a); err != nil {
			t.Fatal(err)
		}
	}
	return state, held
}

func TestAnUnknownMailIsLookedUp(t *testing.T) {
	t.Parallel()
	thrice := ledger.Absence{Times: 3, Most: 10}
	slowly := ledger.Absence{Times: 3, Over: time.Hour, Most: 10}
	absent, resend := ledger.LookUp{Absent: true}, ledger.LookUp{Absent: true, Resend: true}
	nothing := ledger.LookUp{Resend: true}
	for _, test := range []struct {
		name  string
		n     int
		found ledger.LookUp
		after ledger.Absence
		want  ledger.State
		held  bool
	}{
		{"absent twice decides nothing", 2, resend, thrice, ledger.Unknown, false},
		{"absent three times", 3, resend, thrice, ledger.Retrying, false},
		{"absent three times, held", 3, absent, thrice, ledger.Unknown, true},
		{"absent three times in a moment", 3, resend, slowly, ledger.Unknown, false},
		{"nothing found out decides nothing", 9, nothing, thrice, ledger.Unknown, false},
		{"until nobody looks any more", 10, nothing, thrice, ledger.Retrying, false},
		{"until nobody looks any more, held", 10, ledger.LookUp{}, thrice, ledger.Unknown, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, l *ledger.Ledger, _ redis.UniversalClient) {
				mustReserve(t, l)
				doubt(t, l, "1")
				if state, held := looked(t, l, test.n, test.found, test.after); state != test.want || held != test.held {
					t.Fatalf("Looked = %v, held %v; want %v, held %v", state, held, test.want, test.held)
				}
				rec := look(t, l)
				if again := test.want == ledger.Unknown && !test.held; rec.LookUp != again {
					t.Errorf("record = %+v; want LookUp %v", rec, again)
				}
				if _, ok := begin(t, l, ledger.Attempt{Token: "2"}); ok != (test.want == ledger.Retrying) {
					t.Errorf("another attempt was let through: %v", ok)
				}
			})
		})
	}
}

// TestAMailIsResentOnceThoughAbsentTwice has the second copy end without an
// answer too.
func TestAMailIsResentOnceThoughAbsentTwice(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, rdb redis.UniversalClient) {
		thrice, resend := ledger.Absence{Times: 3, Most: 10}, ledger.LookUp{Absent: true, Resend: true}
		mustReserve(t, l)
		doubt(t, l, "1")
		first := look(t, l).LeftBy
		looked(t, l, 3, resend, thrice)
		doubt(t, l, "2")
		if rec := look(t, l); !rec.LeftBy.Equal(first) {
			t.Errorf("LeftBy = %v, want the first one's, %v", rec.LeftBy, first)
		}
		if state, held := looked(t, l, 3, resend, thrice); state != ledger.Unknown || !held {
			t.Errorf("Looked = %v, held %v; want it held", state, held)
		}
		if ttl := rdb.TTL(t.Context(), recordKey).Val(); ttl < 89*24*time.Hour {
			t.Errorf("lifetime %v, want 90 days", ttl)
		}
		if state, _ := looked(t, l, 1, resend, thrice); state != ledger.Unknown {
			t.Errorf("a late look led to %v", state)
		}
	})
}

// TestAWorkerDiesAndItsMailIsLookedUp has a claim that is over.
func TestAWorkerDiesAndItsMailIsLookedUp(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, rdb redis.UniversalClient) {
		mustReserve(t, l)
		begin(t, l, ledger.Attempt{Token: "1"})
		endClaim(t, rdb)
		c := claim(t, l, ledger.Attempt{Token: "2", Resend: true, LookUpAt: time.Now().Add(time.Minute)})
		if c.Won || !c.GivenUp || !c.LookUp || c.State != ledger.Unknown || c.Attempts != 1 {
			t.Errorf("Begin = %+v; want it unknown, to be looked up", c)
		}
		if rec := look(t, l); !rec.LookUp || rec.NextAt.IsZero() || rec.LeftBy.IsZero() {
			t.Errorf("record = %+v; want it to be looked up", rec)
		}
		if state, held := looked(t, l, 3, ledger.LookUp{Absent: true, Resend: true}, ledger.Absence{Times: 3, Most: 9}); state != ledger.Retrying || held {
			t.Errorf("Looked = %v, %v; want retrying", state, held)
		}
	})
}

// TestALookCountsOnceAndAtItsTime writes looks down again, and late, as a worker
// does that got no answer from Redis.
func TestALookCountsOnceAndAtItsTime(t *testing.T) {
	t.Parallel()
	twice := ledger.Absence{Times: 2, Over: time.Minute, Most: 10}
	onEach(t, func(t *testing.T, l *ledger.Ledger, _ redis.UniversalClient) {
		look := func(token string, ago time.Duration, want ledger.State, wantHeld bool) {
			t.Helper()
			u := ledger.LookUp{Token: token, At: time.Now().Add(-ago), Absent: true}
			if state, held := looked(t, l, 2, u, twice); state != want || held != wantHeld {
				t.Errorf("look %s = %v, held %v; want %v, held %v", token, state, held, want, wantHeld)
			}
		}
		mustReserve(t, l)
		doubt(t, l, "1")
		look("a", time.Hour, ledger.Unknown, false)
		look("b", time.Hour-time.Second, ledger.Unknown, false) // A second after a, and written down an hour later.
		look("c", 0, ledger.Unknown, true)
	})
	onEach(t, func(t *testing.T, l *ledger.Ledger, _ redis.UniversalClient) {
		mustReserve(t, l)
		doubt(t, l, "1")
		once := ledger.Absence{Times: 1, Most: 10}
		if state, held := looked(t, l, 2, ledger.LookUp{Token: "a", Absent: true, Resend: true}, once); state != ledger.Retrying || held {
			t.Errorf("a repeated look that decided = %v, held %v; want retrying", state, held)
		}
	})
}
