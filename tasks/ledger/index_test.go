package ledger_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks/ledger"
)

// Where the mail of these tests lies.
const (
	shard     = 61
	openKey   = "postroom:{61}:open"
	failedKey = "postroom:{61}:failed"
	keptKey   = "postroom:{61}:kept:order-1041"
)

// TestEachStateHasItsIndex takes a mail through its states. A mail that is open
// stands in one index, one that failed or is unknown in the other.
func TestEachStateHasItsIndex(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, rdb redis.UniversalClient) {
		check := func(what string, open, failed bool) {
			t.Helper()
			_, notOpen := rdb.ZScore(t.Context(), openKey, id).Result()
			_, notFailed := rdb.ZScore(t.Context(), failedKey, id).Result()
			if (notOpen == nil) != open || (notFailed == nil) != failed {
				t.Errorf("%s: open %v, failed %v; want %v, %v", what, notOpen == nil, notFailed == nil, open, failed)
			}
		}
		mustReserve(t, l)
		check("queued", true, false)
		begin(t, l, ledger.Attempt{Token: "1"})
		check("sending", true, false)
		finish(t, l, ledger.Change{Token: "1", To: ledger.Retrying, Claimed: true, Used: true})
		check("retrying", true, false)
		begin(t, l, ledger.Attempt{Token: "2"})
		finish(t, l, ledger.Change{Token: "2", To: ledger.Unknown, Claimed: true, Used: true})
		check("unknown", false, true)
		reopen(t, l, ledger.Round{Unknown: true})
		check("a new round", true, false)
		begin(t, l, ledger.Attempt{Token: "3"})
		endClaim(t, rdb)
		begin(t, l, ledger.Attempt{Token: "4"})
		check("given up", false, true)
		finish(t, l, ledger.Change{Token: "3", To: ledger.Sent, Claimed: true, GmailID: "g"})
		check("sent after all", false, false)
	})
	onEach(t, func(t *testing.T, l *ledger.Ledger, rdb redis.UniversalClient) {
		mustReserve(t, l)
		if d, err := l.Cancel(t.Context(), id); !d.Made || err != nil {
			t.Fatal(d, err)
		}
		if n := rdb.Exists(t.Context(), openKey, failedKey).Val(); n != 0 {
			t.Errorf("%d indexes hold a cancelled mail", n)
		}
	})
}

func reopen(t *testing.T, l *ledger.Ledger, r ledger.Round) {
	t.Helper()
	if d, err := l.Reopen(t.Context(), id, r); !d.Made || d.State != ledger.Queued || err != nil {
		t.Fatalf("Reopen = %+v, %v; want queued", d, err)
	}
}

// TestOpenMailIsSeenInTurn pages through a shard as a sweeper does.
func TestOpenMailIsSeenInTurn(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, rdb redis.UniversalClient) {
		for i := range 5 {
			member := redis.Z{Score: float64(i + 1), Member: strconv.Itoa(i)}
			if err := rdb.ZAdd(t.Context(), openKey, member).Err(); err != nil {
				t.Fatal(err)
			}
		}
		next := func(n int) []string {
			t.Helper()
			ids, err := l.Open(t.Context(), shard, time.Minute, n)
			if err != nil {
				t.Fatal(err)
			}
			return ids
		}
		if got := next(2); !slices.Equal(got, []string{"0", "1"}) {
			t.Errorf("the first two = %q", got)
		}
		if err := l.Seen(t.Context(), shard, "0", "1", "settled meanwhile"); err != nil {
			t.Fatal(err)
		}
		if got := next(10); !slices.Equal(got, []string{"2", "3", "4"}) {
			t.Errorf("after two were seen = %q", got)
		}
		open, failed, err := l.Counts(t.Context(), shard)
		if err != nil || open != 5 || failed != 0 {
			t.Errorf("Counts = %d, %d, %v; want 5 open", open, failed, err)
		}
	})
}

// TestFailedMailIsPagedThrough reads more mail than a page holds, and leaves out
// whose time is over. The embedded Redis of `worker dev` has cursors that shift
// when an index shrinks between two pages; a real one has not.
func TestFailedMailIsPagedThrough(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	l := ledger.New(rdb, ledger.Lifetimes{})
	pipe := rdb.Pipeline()
	for i := range 300 {
		name := strconv.Itoa(i)
		pipe.ZAdd(t.Context(), failedKey, redis.Z{Score: 1, Member: name})
	}
	if _, err := pipe.Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	mustReserve(t, l)
	finish(t, l, ledger.Change{Token: "1", To: ledger.Failed, Error: "no"})
	var found []string
	for cursor, more := uint64(0), true; more; {
		page, err := l.Failed(t.Context(), shard, cursor, 50)
		if err != nil {
			t.Fatal(err)
		}
		for _, rec := range page.Records {
			found = append(found, rec.ID)
		}
		cursor, more = page.Next, page.Next != 0
	}
	if !slices.Equal(found, []string{id}) {
		t.Errorf("found %q, want %s alone", found, id)
	}
	if _, failed, err := l.Counts(t.Context(), shard); err != nil || failed != 1 {
		t.Errorf("%d stand in the index, %v; want 1: the rest had its time", failed, err)
	}
}
