package budget_test

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks/budget"
)

const account = "shop@example.com"

// onEach runs a test on a real Redis, and on the embedded one of `worker dev`.
func onEach(t *testing.T, test func(*testing.T, *redis.Client)) {
	t.Helper()
	t.Run("redis", func(t *testing.T) {
		t.Parallel()
		test(t, redistest.Start(t).Client())
	})
	t.Run("miniredis", func(t *testing.T) {
		t.Parallel()
		rdb := redis.NewClient(&redis.Options{Addr: miniredis.RunT(t).Addr()})
		t.Cleanup(func() { _ = rdb.Close() })
		test(t, rdb)
	})
}

// world is a Redis whose clock the test moves.
type world struct {
	*testing.T

	server *miniredis.Miniredis
	rdb    *redis.Client
	now    time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, server: miniredis.RunT(t), now: time.Date(2026, 11, 20, 9, 30, 0, 123_456_000, time.UTC)}
	w.server.SetTime(w.now)
	w.server.ClockTTL(true)
	w.rdb = redis.NewClient(&redis.Options{Addr: w.server.Addr()})
	t.Cleanup(func() { _ = w.rdb.Close() })
	return w
}

func (w *world) pass(d time.Duration) {
	w.now = w.now.Add(d)
	w.server.SetTime(w.now)
}

// only returns limits of which one matters.
func only(l budget.Limits) budget.Option {
	return budget.WithDefaults(func(string) budget.Limits { return l })
}

var tokens atomic.Int64

// mail is a send with a token of its own.
func mail() budget.Send {
	return budget.Send{Token: "t" + strconv.FormatInt(tokens.Add(1), 10), Recipients: 1, Lease: time.Minute}
}

func criticalMail() budget.Send {
	s := mail()
	s.Critical = true
	return s
}

func take(t *testing.T, b *budget.Budget, s budget.Send) budget.Answer {
	t.Helper()
	a, err := b.Take(t.Context(), account, s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func mustGo(t *testing.T, b *budget.Budget, s budget.Send) budget.Send {
	t.Helper()
	if a := take(t, b, s); !a.Go {
		t.Fatalf("the answer is %+v, want go", a)
	}
	return s
}

func mustWait(t *testing.T, b *budget.Budget, s budget.Send, what budget.Reason) budget.Answer {
	t.Helper()
	a := take(t, b, s)
	if a.Go || a.Never || a.For != what || a.Wait <= 0 {
		t.Fatalf("the answer is %+v, want to wait for %q", a, what)
	}
	return a
}

func give(t *testing.T, b *budget.Budget, s budget.Send, e budget.End) {
	t.Helper()
	if err := b.Give(t.Context(), account, s, e); err != nil {
		t.Fatal(err)
	}
}

func look(t *testing.T, b *budget.Budget) budget.State {
	t.Helper()
	s, err := b.Look(t.Context(), account)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func set(t *testing.T, b *budget.Budget, c budget.Change) {
	t.Helper()
	if _, err := b.SetLimits(t.Context(), account, c); err != nil {
		t.Fatal(err)
	}
}

// await is how a handler waits for its turn. It reports whether it came before
// ctx was done.
func await(ctx context.Context, t *testing.T, b *budget.Budget, account string, s budget.Send) bool {
	t.Helper()
	for ctx.Err() == nil {
		a, err := b.Take(ctx, account, s)
		switch {
		case err != nil && ctx.Err() == nil:
			t.Error(err)
			return false
		case err != nil:
			return false
		case a.Go:
			return true
		}
		timer := time.NewTimer(a.Wait)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
	return false
}

// workers runs n at once, each again and again until d is over.
func workers(t *testing.T, n int, d time.Duration, work func(context.Context)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			for ctx.Err() == nil {
				work(ctx)
			}
		})
	}
	all.Wait()
}
