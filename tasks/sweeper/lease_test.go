package sweeper_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/directory"
	"github.com/postroom/postroom/tasks/ledger"
	"github.com/postroom/postroom/tasks/sweeper"
)

// watched is a ledger that notes who goes through it.
type watched struct {
	*ledger.Ledger

	shards atomic.Int64
}

func (w *watched) Open(ctx context.Context, shard int, unseen time.Duration, n int) ([]string, error) {
	w.shards.Add(1)
	return w.Ledger.Open(ctx, shard, unseen, n)
}

// another makes a further Sweeper, which tells when it is at work.
func (w *world) another(lease time.Duration) (*sweeper.Sweeper, *watched) {
	w.t.Helper()
	seen := &watched{Ledger: w.ledger}
	cfg := w.cfg
	cfg.Ledger, cfg.Lease, cfg.Pause, cfg.Log = seen, lease, 10*time.Millisecond, zap.NewNop()
	s, err := sweeper.New(cfg)
	w.must(err)
	return s, seen
}

// TestOneSweeperIsAtWork holds that of several one works, and that another one
// takes over when it ends.
func TestOneSweeperIsAtWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const lease = 400 * time.Millisecond
	first, firstSaw := w.another(lease)
	stop := w.run(first)
	w.eventually("the first works", func() bool { return firstSaw.shards.Load() > ledger.Shards })
	second, secondSaw := w.another(lease)
	w.run(second)
	time.Sleep(4 * lease) // It would have taken over by then.
	if n := secondSaw.shards.Load(); n != 0 {
		t.Errorf("the second went through %d shards beside the first", n)
	}
	stop()
	w.eventually("the second works", func() bool { return secondSaw.shards.Load() > 0 })
	before := firstSaw.shards.Load()
	w.eventually("the second goes on", func() bool { return secondSaw.shards.Load() > 2*ledger.Shards })
	if n := firstSaw.shards.Load() - before; n != 0 {
		t.Errorf("the first went through %d shards after its end", n)
	}
}

// TestTheLeaseIsKept holds that a round, a wait within it and a pause may be
// longer than the lease.
func TestTheLeaseIsKept(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		rate  int
		pause time.Duration
	}{
		"a long round": {100, 0}, // 6.4 s.
		"a long wait":  {1, 0},   // 10 s.
		"a long pause": {1_000_000, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			const lease = 1500 * time.Millisecond // Long enough for a machine that stands still for a moment.
			w.cfg.Rate, w.cfg.Pause, w.cfg.Lease = row.rate, row.pause, lease
			w.run(w.sweeper())
			w.eventually("it holds the lease", func() bool { return w.rdb.Exists(t.Context(), sweeper.LeaseKey).Val() == 1 })
			holder := w.rdb.Get(t.Context(), sweeper.LeaseKey).Val()
			for range 100 {
				time.Sleep(lease / 25)
				if now := w.rdb.Get(t.Context(), sweeper.LeaseKey).Val(); now != holder {
					t.Fatalf("the lease is %q's, want it kept by %q", now, holder)
				}
			}
		})
	}
}

// TestTheLeaseIsGivenBack holds that nobody has to wait for the end of one.
func TestTheLeaseIsGivenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s, saw := w.another(time.Hour)
	stop := w.run(s)
	w.eventually("it works", func() bool { return saw.shards.Load() > 0 })
	if ttl := w.rdb.PTTL(t.Context(), sweeper.LeaseKey).Val(); ttl <= 0 || ttl > time.Hour {
		t.Errorf("the lease lasts for %v, want an hour", ttl)
	}
	stop()
	if n := w.rdb.Exists(t.Context(), sweeper.LeaseKey).Val(); n != 0 {
		t.Error("the lease is still held")
	}
}

// TestADeadSweepersLeaseEnds is one that was killed.
func TestADeadSweepersLeaseEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(w.rdb.Set(t.Context(), sweeper.LeaseKey, "somebody", time.Second).Err())
	s, saw := w.another(200 * time.Millisecond)
	began := time.Now()
	w.run(s)
	w.eventually("it works", func() bool { return saw.shards.Load() > 0 })
	if took := time.Since(began); took < 900*time.Millisecond {
		t.Errorf("it took over after %v; the lease lasted for a second", took)
	}
}

// TestASweeperThatWasTakenOverEnds is one that was suspended for longer than its
// lease.
func TestASweeperThatWasTakenOverEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const lease = 200 * time.Millisecond
	s, saw := w.another(lease)
	w.run(s)
	w.eventually("it works", func() bool { return saw.shards.Load() > 0 })
	w.must(w.rdb.Set(t.Context(), sweeper.LeaseKey, "somebody", 0).Err())
	time.Sleep(2 * lease) // It learns so.
	before := saw.shards.Load()
	time.Sleep(2 * lease)
	if n := saw.shards.Load() - before; n != 0 {
		t.Errorf("it went through %d shards more", n)
	}
	if got := w.rdb.Get(t.Context(), sweeper.LeaseKey).Val(); got != "somebody" {
		t.Errorf("the lease is %q's, want it left alone", got)
	}
}

// TestItGoesOnAfterAnOutage holds that it says once that it can't work.
func TestItGoesOnAfterAnOutage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cfg.Lease, w.cfg.Pause = 100*time.Millisecond, 10*time.Millisecond
	w.run(w.sweeper())
	w.redis.Kill()
	w.eventually("it says so", func() bool { return w.log.FilterMessage("sweep broke off; it goes on later").Len() > 0 })
	time.Sleep(3 * time.Second) // It tries some more times.
	w.redis.Restart()           // Empty, as it writes nothing to disk.
	w.client = tasks.NewClient(w.rdb)
	w.publish(directory.Account{Address: shop, Default: true})
	id := w.enqueue(hello())
	w.must(w.inspector.DeleteTask(queue, id))
	w.eventually("it goes on", func() bool { return w.record(id).State == ledger.Failed })
	if n := w.log.FilterMessage("sweep broke off; it goes on later").Len(); n != 1 {
		t.Errorf("said %d times, want once", n)
	}
}

// TestManySweepersDoNoHarm has several at work on the same mail, whatever the
// lease says.
func TestManySweepersDoNoHarm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	ids := make([]string, 0, 50)
	for range 50 {
		id := w.enqueue(hello())
		w.take(id, time.Now())
		w.must(w.rdb.ZRem(ctx, key("lease"), id).Err())
		ids = append(ids, id)
	}
	var all sync.WaitGroup
	for range 4 {
		s := w.sweeper()
		all.Go(func() {
			if err := s.Sweep(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, id := range ids {
		w.listed(id, "pending")
	}
}
