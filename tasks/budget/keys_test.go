package budget_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks/budget"
)

// useAll leaves every key that there is.
func useAll(t *testing.T, b *budget.Budget) {
	t.Helper()
	set(t, b, budget.Change{Concurrency: budget.To(2)})
	mustGo(t, b, mail())
	set(t, b, budget.Change{Rate: budget.To(60_000)})
	mustGo(t, b, criticalMail())
	mustWait(t, b, criticalMail(), budget.Concurrency)
	for _, k := range []budget.Kind{budget.CutRate, budget.CutConcurrency} {
		if _, err := b.Cut(t.Context(), account, k); err != nil {
			t.Fatal(err)
		}
	}
	freeze(t, b, budget.Freeze{Until: in(time.Hour), Reason: "429"})
}

// lifetimes are the keys of docs/redis.md, and how long they live at most.
var lifetimes = map[string]time.Duration{
	"postroom:{budget:shop@example.com}:limits":   -1,
	"postroom:{budget:shop@example.com}:freeze":   time.Hour,
	"postroom:{budget:shop@example.com}:cut":      time.Hour,
	"postroom:{budget:shop@example.com}:pace":     2 * time.Minute,
	"postroom:{budget:shop@example.com}:waiting":  2 * time.Minute,
	"postroom:{budget:shop@example.com}:leases":   time.Hour,
	"postroom:{budget:shop@example.com}:critical": time.Hour,
	"postroom:{budget:shop@example.com}:days":     24*time.Hour + 30*time.Minute,
	"postroom:{project}:pace":                     2 * time.Minute,
}

func TestKeys(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	useAll(t, budget.New(rdb, budget.WithProject(60_000)))
	names, err := rdb.Keys(t.Context(), "*").Result()
	if err != nil || len(names) != len(lifetimes) {
		t.Errorf("the keys are %q (%v), want %d", names, err, len(lifetimes))
	}
	for _, name := range names {
		want, ok := lifetimes[name]
		ttl := rdb.PTTL(t.Context(), name).Val()
		if !ok || ttl > want || ttl < want-time.Minute {
			t.Errorf("%s lives for %v, want %v", name, ttl, want)
		}
	}
}

// TestNothingButLimitsStays of an account that sends no more.
func TestNothingButLimitsStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.now = time.Now().Truncate(time.Millisecond) // As the freeze's.
	w.server.SetTime(w.now)
	useAll(t, budget.New(w.rdb, budget.WithProject(60_000)))
	w.pass(24*time.Hour + 31*time.Minute)
	if got := w.server.Keys(); !slices.Equal(got, []string{"postroom:{budget:shop@example.com}:limits"}) {
		t.Errorf("the keys are %q, want the limits alone", got)
	}
}

// TestSizeIsBounded holds docs/redis.md's word on a busy account.
func TestSizeIsBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := budget.New(w.rdb, only(budget.Limits{Rate: 6000, Daily: 1_000_000}))
	for range 500 {
		s := mustGo(t, b, mail())
		give(t, b, s, budget.Used)
		w.pass(8 * time.Minute)
	}
	fields, err := w.rdb.HLen(t.Context(), "postroom:{budget:shop@example.com}:days").Result()
	if err != nil || fields > 97+3 {
		t.Errorf("the day has %d fields (%v), want at most 100", fields, err)
	}
	if n := len(w.server.Keys()); n > 2 {
		t.Errorf("the keys are %q, want the day and the pace", w.server.Keys())
	}
}

// TestCluster holds that each script keeps to one slot.
func TestCluster(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, "--cluster-enabled", "yes")
	if err := server.Client().ClusterAddSlotsRange(t.Context(), 0, 16383).Err(); err != nil {
		t.Fatal(err)
	}
	rdb := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{server.Addr}})
	t.Cleanup(func() { _ = rdb.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		info, err := rdb.ClusterInfo(ctx).Result()
		if err == nil && strings.Contains(info, "cluster_state:ok") {
			break
		}
		if ctx.Err() != nil {
			t.Fatalf("the cluster does not come up: %v\n%s", err, info)
		}
		time.Sleep(10 * time.Millisecond)
	}
	b := budget.New(rdb, budget.WithProject(60_000))
	useAll(t, b)
	s := mail()
	give(t, b, s, budget.Used)
	give(t, b, s, budget.Refused)
	if got := look(t, b); got.Messages != 2 || got.InFlight != 2 {
		t.Errorf("%+v, want two messages in flight", got)
	}
}

func TestEveryErrorSaysWhatWasDone(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	server.Kill()
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr, MaxRetries: -1, DialerRetries: 1})
	t.Cleanup(func() { _ = rdb.Close() })
	b := budget.New(rdb)
	for what, do := range map[string]func(context.Context) error{
		"take": func(ctx context.Context) error { _, err := b.Take(ctx, account, mail()); return err },
		"give": func(ctx context.Context) error { return b.Give(ctx, account, mail(), budget.Refused) },
		"cut":  func(ctx context.Context) error { _, err := b.Cut(ctx, account, budget.CutRate); return err },
		"look": func(ctx context.Context) error { _, err := b.Look(ctx, account); return err },
		"set limits": func(ctx context.Context) error {
			_, err := b.SetLimits(ctx, account, budget.Change{})
			return err
		},
	} {
		var netErr net.Error
		if err := do(t.Context()); !errors.As(err, &netErr) || !strings.HasPrefix(err.Error(), "budget: "+what+": ") {
			t.Errorf("%s: %v, want the network's error", what, err)
		}
	}
}
