package delivery_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/postroom/postroom/mailer/mailertest"
	"github.com/postroom/postroom/tasks/directory"
	"github.com/postroom/postroom/tasks/ledger"
	"github.com/postroom/postroom/tasks/sweeper"
)

// TestIdleAccountsLeaveRedisAlone counts the calls of a process with many, and
// with its sweeper.
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
			o.sweep()
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

// sweep runs a sweeper until the test ends.
func (o *office) sweep() {
	o.t.Helper()
	s, err := sweeper.New(sweeper.Config{
		Redis: o.rdb, Ledger: ledger.New(o.rdb, ledger.Lifetimes{}), Blobs: o.cfg.Blobs, Directory: directory.New(o.rdb),
		Requeue: o.client.Requeue, Pause: time.Millisecond, // It is always in a round.
	})
	if err != nil {
		o.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Run(ctx)
	}()
	o.t.Cleanup(func() {
		cancel()
		<-done
	})
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
