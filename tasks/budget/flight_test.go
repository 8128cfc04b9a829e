package budget_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks/budget"
)

func TestOneInFlightIsKept(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		b := budget.New(rdb, only(budget.Limits{Rate: 600_000, Concurrency: 4}))
		others := []budget.Send{mustGo(t, b, mail()), mustGo(t, b, mail()), mustGo(t, b, mail())}
		mustWait(t, b, mail(), budget.Concurrency)
		urgent, alsoUrgent := mustGo(t, b, criticalMail()), criticalMail()
		mustWait(t, b, alsoUrgent, budget.Concurrency)
		if s := look(t, b); s.InFlight != 4 {
			t.Errorf("%d in flight, want 4", s.InFlight)
		}
		// A place that gets free is for critical mail that waits.
		give(t, b, others[0], budget.Used)
		mustWait(t, b, mail(), budget.Rate)
		mustGo(t, b, alsoUrgent)
		give(t, b, others[1], budget.Used)
		give(t, b, alsoUrgent, budget.Used)
		mustGo(t, b, mail())
		mustGo(t, b, mail())
		give(t, b, urgent, budget.Used)
		mustWait(t, b, mail(), budget.Concurrency)
	})
}

// TestTheOnlyPlaceIsForAll: of one none can be kept.
func TestTheOnlyPlaceIsForAll(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		b := budget.New(rdb, only(budget.Limits{Rate: 600_000, Concurrency: 1}))
		mustGo(t, b, mail())
		mustWait(t, b, mail(), budget.Concurrency)
		mustWait(t, b, criticalMail(), budget.Concurrency)
	})
}

// TestInFlightOfManyWorkers counts what is on its way at once.
func TestInFlightOfManyWorkers(t *testing.T) {
	t.Parallel()
	b := budget.New(redistest.Start(t).Client(), only(budget.Limits{Rate: 600_000, Concurrency: 4}))
	var mu sync.Mutex
	var others, all, mostOthers, mostAll int
	work := func(s budget.Send) func(context.Context) {
		return func(ctx context.Context) {
			s := s
			s.Token = mail().Token
			if !await(ctx, t, b, account, s) {
				return
			}
			count := func(n int) {
				mu.Lock()
				defer mu.Unlock()
				all += n
				if !s.Critical {
					others += n
				}
				mostOthers, mostAll = max(mostOthers, others), max(mostAll, all)
			}
			count(+1)
			time.Sleep(2 * time.Millisecond) // The send.
			count(-1)
			if err := b.Give(t.Context(), account, s, budget.Used); err != nil {
				t.Error(err)
			}
		}
	}
	var both sync.WaitGroup
	both.Go(func() { workers(t, 12, time.Second, work(mail())) })
	both.Go(func() { workers(t, 6, time.Second, work(criticalMail())) })
	both.Wait()
	if mostOthers > 3 || mostAll != 4 {
		t.Errorf("%d others and %d of all were in flight at once, want at most 3 and just 4", mostOthers, mostAll)
	}
	if s := look(t, b); s.InFlight > 18 {
		t.Errorf("%d are in flight after the end", s.InFlight)
	}
}

// TestADeadHoldersLeaseEnds: its worker died while it was sending.
func TestADeadHoldersLeaseEnds(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]func() budget.Send{"other": mail, "critical": criticalMail} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			b := budget.New(w.rdb, only(budget.Limits{Rate: 600_000, Concurrency: 1}))
			dead := kind()
			dead.Lease = 10 * time.Second
			mustGo(t, b, dead)
			w.pass(dead.Lease - time.Millisecond)
			mustWait(t, b, kind(), budget.Concurrency)
			if s := look(t, b); s.InFlight != 1 {
				t.Errorf("%d in flight, want the dead one's until its lease ends", s.InFlight)
			}
			w.pass(2 * time.Millisecond)
			if s := look(t, b); s.InFlight != 0 {
				t.Errorf("%d in flight after the lease, want none", s.InFlight)
			}
			w.pass(time.Minute)
			long := kind()
			long.Lease = time.Hour
			mustGo(t, b, long)
			give(t, b, dead, budget.Used) // Its own end comes too late to matter.
			w.pass(59 * time.Minute)
			mustWait(t, b, kind(), budget.Concurrency)
		})
	}
}

func TestLease(t *testing.T) {
	t.Parallel()
	b := budget.New(newWorld(t).rdb)
	for _, lease := range []time.Duration{0, -time.Second, time.Microsecond, time.Hour + 1} {
		s := mail()
		s.Lease = lease
		if a, err := b.Take(t.Context(), account, s); err == nil || a.Go {
			t.Errorf("a lease of %v was taken: %+v", lease, a)
		}
	}
}
