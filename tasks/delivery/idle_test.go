package delivery_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/postroom/postroom/mailer/mailertest"
)

// TestIdleAccountsLeaveRedisAlone counts the calls of a process with many.
func TestIdleAccountsLeaveRedisAlone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ accounts, concurrency int }{{1, 4}, {1, 64}, {60, 4}} {
		t.Run(fmt.Sprintf("%d accounts, %d handlers", c.accounts, c.concurrency), func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.cfg.Accounts, o.cfg.Concurrency = nil, c.concurrency
			for i := range c.accounts {
				o.cfg.Accounts = append(o.cfg.Accounts, recorded(fmt.Sprintf("a%d@example.com", i), &mailertest.Recorder{}))
			}
			o.work()
			time.Sleep(2 * time.Second) // They start.
			const span = 3 * time.Second
			before, began := o.scriptCalls(), time.Now()
			time.Sleep(span)
			perSecond := float64(o.scriptCalls()-before) / time.Since(began).Seconds()
			if perSecond > 500 || perSecond < 20 {
				t.Errorf("%.0f script calls a second, want at most 500 and some", perSecond)
			}
		})
	}
}

// scriptCalls is how many scripts Redis has run.
func (o *office) scriptCalls() (calls int) {
	o.t.Helper()
	stats, err := o.rdb.InfoMap(o.t.Context(), "commandstats").Result()
	if err != nil {
		o.t.Fatal(err)
	}
	for _, section := range stats {
		if _, err := fmt.Sscanf(section["cmdstat_evalsha"], "calls=%d,", &calls); err == nil {
			return calls
		}
	}
	o.t.Fatal("Redis tells no number of script calls")
	return 0
}
