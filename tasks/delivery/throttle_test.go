package delivery_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postroom/postroom/mailer/mailertest"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/budget"
	"github.com/postroom/postroom/tasks/ledger"
)

// TestAFreezeThatSlides is asked again at the time that Gmail named, and told a
// later one, and again: in a 403 too.
func TestAFreezeThatSlides(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(time.Time) mailertest.Fault{
		"429": mailertest.TooManyRequests, "403": mailertest.ForbiddenRate,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			begun := time.Now()
			first, second := begun.Add(time.Second), begun.Add(3*time.Second)
			var early atomic.Int64
			o.gmail.Decide(func(mailertest.Request) mailertest.Fault {
				switch now := time.Now(); {
				case now.Before(first):
					return answer(first)
				case now.Before(second):
					early.Add(1)
					return answer(second)
				default:
					return mailertest.Fault{}
				}
			})
			ids := o.enqueueMany(8)
			o.cfg.Concurrency = 1
			o.work()
			o.eventually("the later freeze", func() bool {
				s, err := o.cfg.Budget.Look(t.Context(), shop)
				return err == nil && s.Frozen.Until.Sub(second).Abs() < 500*time.Millisecond &&
					strings.Contains(s.Frozen.Reason, "throttled "+name)
			})
			o.eventually("all mail", func() bool { return o.sent(ids) == len(ids) })
			if took := time.Since(begun); took < 3*time.Second {
				t.Errorf("all was sent after %v, want nothing before the later time", took)
			}
			if n := early.Load(); n != 1 {
				t.Errorf("Gmail was asked %d times before the later time, want once", n)
			}
			for _, id := range ids {
				if rec := o.record(id); rec.Attempts != 1 {
					t.Errorf("%s took %d attempts, want one", id, rec.Attempts)
				}
			}
		})
	}
}

// TestOne429CutsNoNeighbourOff has it come while others are on their way: they
// end, whatever becomes of the account, and are sent once.
func TestOne429CutsNoNeighbourOff(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	until := time.Now().Add(time.Hour)
	refused := tasks.Addresses{"refused@example.org"}
	o.gmail.Decide(func(r mailertest.Request) mailertest.Fault {
		if r.Recipients[0] == refused[0] {
			return mailertest.TooManyRequests(until)
		}
		return mailertest.Slow(2 * time.Second)
	})
	o.cfg.Concurrency = 4
	ids := o.enqueueMany(3)
	pool, _ := o.work()
	o.eventually("three on their way", func() bool { return o.gmail.Counts().Sends == 3 })
	e := hello()
	e.To = refused
	last := o.enqueue(e)
	behind := o.enqueueMany(3)
	o.eventually("the account is frozen", func() bool { return pool.Accounts()[0].State == "frozen" })
	for _, id := range ids {
		if s := o.await(id, ledger.Sent); s.Attempts != 1 {
			t.Errorf("%s took %d attempts, want one", id, s.Attempts)
		}
		o.accepted(id, 1)
	}
	o.eventually("the rest back in its queue", func() bool { return o.pending() == 4 })
	if s := o.await(last, ledger.Waiting); s.Attempts != 0 || s.NextAt.Before(until.Add(-time.Minute)) {
		t.Errorf("the refused one = %+v, want it to wait for the account, no attempt used", s)
	}
	if got := o.gmail.Counts(); got.Sends != 4 || o.sent(behind) != 0 {
		t.Errorf("Gmail was asked %d times, want 4", got.Sends)
	}
}

// TestAPlaceOfADeadWorkerIsFreeInTheEnd has a worker hold the account's only
// place in flight, and never give it back.
func TestAPlaceOfADeadWorkerIsFreeInTheEnd(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.allow(budget.Change{Concurrency: budget.To(1)})
	const lease = 3 * time.Second
	dead := budget.Send{Token: "dead", Recipients: 1, Lease: lease}
	begun := time.Now()
	if a, err := o.cfg.Budget.Take(t.Context(), shop, dead); err != nil || !a.Go {
		t.Fatalf("%+v, %v", a, err)
	}
	o.work()
	id := o.enqueue(hello())
	o.await(id, ledger.Sent)
	if took := time.Since(begun); took < lease {
		t.Errorf("the mail went after %v beside a send that may still be on its way", took)
	}
}

// TestA429WithATimeHalvesThePaceToo: else a quota lower than the limit would be
// met again as soon as each freeze is over.
func TestA429WithATimeHalvesThePaceToo(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.allow(budget.Change{Rate: budget.To(600)})
	o.gmail.Script(mailertest.TooManyRequestsRetryAfter("2"))
	id := o.enqueue(hello())
	o.work()
	o.await(id, ledger.Sent)
	if s, err := o.cfg.Budget.Look(t.Context(), shop); err != nil || s.Rate < 300 || s.Rate > 540 || s.Limits.Rate != 600 {
		t.Errorf("%+v, %v; want half of the rate, which grows since the freeze was over", s, err)
	}
}
