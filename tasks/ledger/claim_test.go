package ledger_test

import (
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/tasks/ledger"
)

func TestAnotherAttemptIsKeptOut(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, _ redis.UniversalClient) {
		mustReserve(t, l)
		if _, ok := begin(t, l, ledger.Attempt{Token: "one"}); !ok {
			t.Fatal("the first attempt was refused")
		}
		if state, ok := begin(t, l, ledger.Attempt{Token: "two"}); ok || state != ledger.Sending {
			t.Errorf("a second attempt = %v, %v; want sending, refused", state, ok)
		}
		if _, ok := begin(t, l, ledger.Attempt{Token: "one"}); !ok {
			t.Error("the same claim repeated was refused")
		}
		if state, ok := finish(t, l, ledger.Change{Token: "two", To: ledger.Failed}); ok || state != ledger.Sending {
			t.Errorf("a stranger's failure = %v, %v; want sending, refused", state, ok)
		}
		if _, ok := finish(t, l, ledger.Change{Token: "one", To: ledger.Retrying, Claimed: true, Used: true}); !ok {
			t.Error("the attempt's own end was refused")
		}
	})
}

// TestALateEndIsRefused has an attempt end that another one took over from, and
// that is over too.
func TestALateEndIsRefused(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, rdb redis.UniversalClient) {
		mustReserve(t, l)
		begin(t, l, ledger.Attempt{Token: "one"})
		endClaim(t, rdb)
		begin(t, l, ledger.Attempt{Token: "two", Resend: true})
		finish(t, l, ledger.Change{Token: "two", To: ledger.Retrying, Claimed: true, Used: true, Error: "503"})
		late := ledger.Change{Token: "one", To: ledger.Failed, Claimed: true, Used: true, Error: "late"}
		if state, ok := finish(t, l, late); ok || state != ledger.Retrying {
			t.Errorf("the late end = %v, %v; want retrying, refused", state, ok)
		}
		if rec := look(t, l); rec.Error != "503" || rec.Attempts != 2 {
			t.Errorf("record = %+v; want it as the second attempt left it", rec)
		}
	})
}

// TestAClaimThatIsOver is a worker that died while it was sending.
func TestAClaimThatIsOver(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, rdb redis.UniversalClient) {
		mustReserve(t, l)
		begin(t, l, ledger.Attempt{Token: "dead"})
		endClaim(t, rdb)
		if _, ok := begin(t, l, ledger.Attempt{Token: "two", Resend: true}); !ok {
			t.Fatal("a mail that may go once more was refused")
		}
		if rec := look(t, l); rec.Attempts != 1 || !rec.Resent {
			t.Errorf("record = %+v; want the dead attempt counted, and resent", rec)
		}
		if state, ok := finish(t, l, ledger.Change{Token: "dead", To: ledger.Retrying, Claimed: true, Used: true}); ok {
			t.Errorf("the late attempt wrote %v over the live one", state)
		}
		endClaim(t, rdb)
		state, ok := begin(t, l, ledger.Attempt{Token: "three", Resend: true})
		if ok || state != ledger.Unknown {
			t.Errorf("the second time = %v, %v; want unknown: never more than once more", state, ok)
		}
	})
}

func TestAClaimThatIsOverHolds(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, rdb redis.UniversalClient) {
		mustReserve(t, l)
		begin(t, l, ledger.Attempt{Token: "dead"})
		endClaim(t, rdb)
		for range 2 {
			state, ok := begin(t, l, ledger.Attempt{Token: "two"})
			if ok || state != ledger.Unknown {
				t.Errorf("Begin = %v, %v; want unknown, refused", state, ok)
			}
		}
		if rec := look(t, l); rec.Error == "" || rec.Attempts != 1 {
			t.Errorf("record = %+v; want one attempt and a reason", rec)
		}
	})
}

// endClaim lets the claim's deadline pass, and the time for a last word too.
func endClaim(t *testing.T, rdb redis.UniversalClient) {
	t.Helper()
	past := time.Now().Add(-time.Second).UnixMilli()
	n, err := rdb.HSet(t.Context(), recordKey, "deadline", past, "called", past).Result()
	if err != nil || n != 1 {
		t.Fatalf("HSET deadline and called of %s = %d new fields, %v; want called alone to be new", recordKey, n, err)
	}
}

// TestALastWord is a worker that lives and had no Redis until its claim was
// over.
func TestALastWord(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, rdb redis.UniversalClient) {
		set := func(field string, ago time.Duration) {
			t.Helper()
			if err := rdb.HSet(t.Context(), recordKey, field, time.Now().Add(-ago).UnixMilli()).Err(); err != nil {
				t.Fatal(err)
			}
		}
		refused := func(when string) {
			t.Helper()
			c := claim(t, l, ledger.Attempt{Token: "two", Resend: true})
			if in := time.Until(c.Until); c.Won || c.State != ledger.Sending || in <= 0 || in > ledger.LastWord {
				t.Errorf("%s: %+v, in %v; want to be asked again within %v", when, c, in, ledger.LastWord)
			}
		}
		mustReserve(t, l)
		begin(t, l, ledger.Attempt{Token: "one"})
		set("deadline", time.Hour)
		refused("the claim is over")
		refused("at once again")
		set("called", ledger.LastWord+time.Second)
		refused("Redis may have been away since the call")
		finish(t, l, ledger.Change{Token: "one", To: ledger.Sent, Claimed: true, Used: true, GmailID: "g"})
		if c := claim(t, l, ledger.Attempt{Token: "two", Resend: true}); c.Won || c.State != ledger.Sent || c.Attempts != 1 {
			t.Errorf("after the last word: %+v, want sent with one attempt", c)
		}
	})
}

// TestAnAnswerThatGotLost claims again under the same token: the time that the
// answer took is not the send's.
func TestAnAnswerThatGotLost(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, rdb redis.UniversalClient) {
		mustReserve(t, l)
		begin(t, l, ledger.Attempt{Token: "one"})
		endClaim(t, rdb)
		if c := claim(t, l, ledger.Attempt{Token: "one"}); !c.Won || time.Until(c.Until) < 50*time.Second {
			t.Errorf("Begin = %+v, want a whole minute", c)
		}
		if _, ok := begin(t, l, ledger.Attempt{Token: "two", Resend: true}); ok {
			t.Error("another attempt was let in beside it")
		}
	})
}

func TestADeadAttemptWasTheLast(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, rdb redis.UniversalClient) {
		mustReserve(t, l)
		begin(t, l, ledger.Attempt{Token: "one"})
		finish(t, l, ledger.Change{Token: "one", To: ledger.Retrying, Claimed: true, Used: true})
		begin(t, l, ledger.Attempt{Token: "two"})
		endClaim(t, rdb)
		c := claim(t, l, ledger.Attempt{Token: "three", Resend: true, Limit: 2})
		if c.Won || !c.GivenUp || c.State != ledger.Unknown || c.Attempts != 2 {
			t.Errorf("Begin after two of two attempts = %+v, want it given up", c)
		}
	})
}

// TestWhatCanNotBeSentAnyMore ends, without a claim, the mail of a worker that
// died while it was sending.
func TestWhatCanNotBeSentAnyMore(t *testing.T) {
	t.Parallel()
	for _, to := range []ledger.State{ledger.Expired, ledger.Failed} {
		t.Run(string(to), func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, l *ledger.Ledger, rdb redis.UniversalClient) {
				mustReserve(t, l)
				begin(t, l, ledger.Attempt{Token: "dead"})
				end := ledger.Change{Token: "two", To: to, Error: "its own"}
				if state, ok := finish(t, l, end); ok || state != ledger.Sending {
					t.Errorf("over a live claim = %v, %v; want it refused", state, ok)
				}
				endClaim(t, rdb)
				for range 2 { // The second is the client's, which had no answer.
					if state, ok := finish(t, l, end); !ok || state != ledger.Unknown {
						t.Errorf("over a dead claim = %v, %v; want unknown, written", state, ok)
					}
				}
				if rec := look(t, l); rec.Attempts != 1 || !strings.Contains(rec.Error, "worker ended") {
					t.Errorf("record = %+v; want one attempt, and the reason", rec)
				}
				if ttl := rdb.TTL(t.Context(), recordKey).Val(); ttl < 80*24*time.Hour {
					t.Errorf("lifetime %v, want 90 days", ttl)
				}
			})
		})
	}
}

// TestALateSentCountsOnce has an attempt that another one took for dead, and
// counted, say after all that it sent the mail.
func TestALateSentCountsOnce(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, l *ledger.Ledger, rdb redis.UniversalClient) {
		mustReserve(t, l)
		begin(t, l, ledger.Attempt{Token: "late"})
		endClaim(t, rdb)
		begin(t, l, ledger.Attempt{Token: "two", Resend: true})
		finish(t, l, ledger.Change{Token: "two", To: ledger.Unknown, Claimed: true, Used: true, Error: "cut"})
		finish(t, l, ledger.Change{Token: "late", To: ledger.Sent, Claimed: true, Used: true, GmailID: "g"})
		if rec := look(t, l); rec.State != ledger.Sent || rec.Attempts != 2 {
			t.Errorf("record = %+v; want it sent, in two attempts", rec)
		}
	})
}
