package budget_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks/budget"
)

func freeze(t *testing.T, b *budget.Budget, f budget.Freeze) time.Time {
	t.Helper()
	until, err := b.Freeze(t.Context(), account, f)
	if err != nil {
		t.Fatal(err)
	}
	return until
}

func checkFrozen(t *testing.T, b *budget.Budget, account string, want budget.Freeze) {
	t.Helper()
	s, err := b.Look(t.Context(), account)
	if got := s.Frozen; err != nil || !near(got.Until, want.Until) || got.Reason != want.Reason {
		t.Errorf("%s is frozen %+v (%v), want %+v", account, got, err, want)
	}
}

// near is as close as two clocks come.
func near(a, b time.Time) bool { return a.Sub(b).Abs() < 900*time.Millisecond }

// in is a time that Redis can keep.
func in(d time.Duration) time.Time { return time.Now().Add(d).Truncate(time.Millisecond) }

func TestFreeze(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		b := budget.New(rdb)
		checkFrozen(t, b, account, budget.Freeze{})

		f := budget.Freeze{Until: in(time.Hour), Reason: "User-rate limit exceeded."}
		until := freeze(t, b, f)
		if !near(until, f.Until) || until.Location() != time.UTC {
			t.Errorf("frozen until %v, want %v in UTC", until, f.Until)
		}
		checkFrozen(t, b, account, f)
		checkFrozen(t, budget.New(rdb), "Shop@Example.com", f)
		checkFrozen(t, b, "news@example.com", budget.Freeze{})
		if got := look(t, b).Frozen; got.Until.Location() != time.UTC {
			t.Errorf("frozen until %v, want UTC", got.Until)
		}
	})
}

func TestLaterFreezeHolds(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		b := budget.New(rdb)
		long := budget.Freeze{Until: in(time.Hour), Reason: "long"}
		freeze(t, b, long)
		if until := freeze(t, b, budget.Freeze{Until: in(time.Minute), Reason: "short"}); !near(until, long.Until) {
			t.Errorf("an earlier freeze made it %v, want %v still", until, long.Until)
		}
		checkFrozen(t, b, account, long)
		// As close as it may be said: of the same time the milliseconds decide.
		if until := freeze(t, b, budget.Freeze{Until: long.Until.Add(-time.Second), Reason: "a second less"}); !near(until, long.Until) {
			t.Errorf("an earlier freeze made it %v, want %v", until, long.Until)
		}
		checkFrozen(t, b, account, long)
		longer := budget.Freeze{Until: in(2 * time.Hour), Reason: "longer"}
		if until := freeze(t, b, longer); !near(until, longer.Until) {
			t.Errorf("a later freeze made it %v, want %v", until, longer.Until)
		}
		checkFrozen(t, b, account, longer)
	})
}

func TestFreezeEnds(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		f := budget.Freeze{Until: in(time.Hour), Reason: "long"}
		freeze(t, budget.New(rdb), f)
		// The name, as docs and later versions know it, and its end.
		ttl, err := rdb.PTTL(t.Context(), "postroom:{budget:shop@example.com}:freeze").Result()
		if err != nil || ttl > time.Hour || ttl < time.Hour-time.Minute {
			t.Errorf("the freeze lives for %v (%v), want an hour", ttl, err)
		}
	})
}

func TestFreezeOfThePast(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	b := budget.New(rdb)
	past := budget.Freeze{Until: in(-time.Minute), Reason: "over"}
	if until := freeze(t, b, past); !near(until, past.Until) {
		t.Errorf("frozen until %v, want %v", until, past.Until)
	}
	checkFrozen(t, b, account, budget.Freeze{})
	if n := rdb.DBSize(t.Context()).Val(); n != 0 {
		t.Errorf("%d keys, want none", n)
	}
}

func TestFreezeEndsByItself(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr()})
	t.Cleanup(func() { _ = rdb.Close() })
	b := budget.New(rdb)
	freeze(t, b, budget.Freeze{Until: in(time.Hour), Reason: "long"})
	server.FastForward(time.Hour - time.Minute)
	if f := look(t, b).Frozen; f.Until.IsZero() {
		t.Errorf("a minute before its end: %+v, want frozen", f)
	}
	server.FastForward(time.Minute)
	checkFrozen(t, b, account, budget.Freeze{})
}

// TestFreezeOutlivesRedis holds that a restart lets no account send too early.
func TestFreezeOutlivesRedis(t *testing.T) {
	t.Parallel()
	server := redistest.StartDurable(t)
	b := budget.New(server.Client())
	f := budget.Freeze{Until: in(time.Hour), Reason: "long"}
	freeze(t, b, f)
	server.Kill()
	server.Restart()
	checkFrozen(t, b, account, f)
}

func TestRedisAway(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	b := budget.New(server.Client())
	server.Kill()
	var netErr net.Error
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if _, err := b.Freeze(ctx, account, budget.Freeze{Until: in(time.Hour)}); !errors.As(err, &netErr) || !strings.HasPrefix(err.Error(), "budget: freeze: ") {
		t.Errorf("Freeze: %v, want the network's error", err)
	}
}

// TestAWorkersClockIsNoMatter has Redis's clock an hour behind.
func TestAWorkersClockIsNoMatter(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	server.SetTime(time.Now().Add(-time.Hour))
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr()})
	t.Cleanup(func() { _ = rdb.Close() })
	b := budget.New(rdb)
	f := budget.Freeze{Until: in(time.Minute), Reason: "429"}
	if until := freeze(t, b, f); !near(until, f.Until) {
		t.Errorf("frozen until %v, want %v", until, f.Until)
	}
	checkFrozen(t, b, account, f)
	a, err := b.Take(t.Context(), account, budget.Send{Token: "one", Recipients: 1, Lease: time.Minute})
	if err != nil || a.For != budget.Frozen || (a.Wait-time.Minute).Abs() > time.Second {
		t.Errorf("%+v, %v; want a wait of a minute", a, err)
	}
}
