package ledger_test

import (
	"testing"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks/ledger"
)

// TestIfSent holds that another's script runs for mail that is sent, and for no
// other.
func TestIfSent(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	l := ledger.New(rdb, ledger.Lifetimes{})
	script := ledger.NewIfSent(`return redis.call("RPUSH", KEYS[1], ARGV[1], ARGV[2])`)
	keys := append(make([]string, 0, 8), "word")
	check := func(when string, want int64) {
		t.Helper()
		err := script.EvalSha(t.Context(), rdb, id, keys, "a", "b").Err()
		if ledger.Refused(err) != (want == 0) {
			t.Errorf("%s: EvalSha = %v", when, err)
		}
		if n := rdb.Del(t.Context(), "word").Val(); n != want {
			t.Errorf("%s: the script wrote %d keys, want %d", when, n, want)
		}
	}
	check("unknown to Redis", 0)
	if err := script.Eval(t.Context(), rdb, id, keys, "a", "b").Err(); !ledger.Refused(err) {
		t.Errorf("Eval = %v, for a mail that is not there", err)
	}
	check("no record", 0)
	mustReserve(t, l)
	check("queued", 0)
	begin(t, l, ledger.Attempt{Token: "1"})
	check("sending", 0)
	finish(t, l, ledger.Change{Token: "1", To: ledger.Sent, Claimed: true, Used: true, GmailID: "g"})
	check("sent", 1)
	if len(keys) != 1 || keys[:2][1] != "" {
		t.Errorf("the caller's keys were changed: %q", keys[:2])
	}
}
