package delivery_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postroom/postroom/mailer/mailertest"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/budget"
	"github.com/postroom/postroom/tasks/delivery"
	"github.com/postroom/postroom/tasks/ledger"
)

// allow gives the account limits, as `worker auth set` does.
func (o *office) allow(c budget.Change) {
	o.t.Helper()
	if _, err := budget.New(o.rdb).SetLimits(o.t.Context(), shop, c); err != nil {
		o.t.Fatal(err)
	}
}

// enqueueMany queues so many mails.
func (o *office) enqueueMany(n int, opts ...tasks.Option) []string {
	o.t.Helper()
	ids := make([]string, n)
	for i := range ids {
		ids[i] = o.enqueue(hello(), append(opts, tasks.WithID(fmt.Sprintf("m-%s-%02d", time.Now().Format("150405.000000"), i)))...)
	}
	return ids
}

func (o *office) sent(ids []string) (n int) {
	o.t.Helper()
	for _, id := range ids {
		if o.state(id) == tasks.StateSent {
			n++
		}
	}
	return n
}

// TestTheRateHoldsForAllWorkers has two of them send at 20 a second together.
func TestTheRateHoldsForAllWorkers(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.allow(budget.Change{Rate: budget.To(1200)})
	ids := o.enqueueMany(60)
	began := time.Now()
	o.work()
	o.work()
	o.eventually("all mail", func() bool { return o.sent(ids) == len(ids) })
	// Half a second's worth may go at once.
	if took := time.Since(began); took < 2400*time.Millisecond || took > 6*time.Second {
		t.Errorf("60 mails at 20 a second took %v, want about 2.5 s", took)
	}
}

// TestASetLimitIsAtWorkWithinSeconds stops an account, and lets it go on.
func TestASetLimitIsAtWorkWithinSeconds(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.work()
	first := o.enqueueMany(1)
	o.eventually("mail without a limit", func() bool { return o.sent(first) == 1 })
	o.allow(budget.Change{Rate: budget.To(1)})
	time.Sleep(3 * time.Second) // "Within seconds."
	ids := o.enqueueMany(6)
	time.Sleep(2 * time.Second)
	if n := o.sent(ids); n > 2 {
		t.Errorf("%d of 6 mails went in two seconds at one a minute", n)
	}
	o.eventually("the wait to be seen", func() bool {
		for _, id := range ids {
			if s, err := o.client.Status(t.Context(), id); err == nil && s.State == tasks.StateWaiting && strings.Contains(s.Error, "rate") {
				return !s.NextAt.IsZero()
			}
		}
		return false
	})
	o.allow(budget.Change{Rate: budget.ToDefault()})
	began := time.Now()
	o.eventually("all mail", func() bool { return o.sent(ids) == len(ids) })
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the rest went %v after the limit was lifted, want within seconds", took)
	}
	for _, id := range ids {
		if rec := o.record(id); rec.Attempts != 1 {
			t.Errorf("%s took %d attempts, want one", id, rec.Attempts)
		}
	}
}

// budgetLooks is how often a worker looks at an account's budget.
const budgetLooks = time.Second

// TestAUsedUpDayKeepsSomeForCriticalMail fills an account's day.
func TestAUsedUpDayKeepsSomeForCriticalMail(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.allow(budget.Change{Daily: budget.To(10)})
	ids := o.enqueueMany(14)
	pool, _ := o.work()
	o.eventually("the day's mail", func() bool { return o.sent(ids) == 9 })
	o.eventually("the word for people", func() bool { return pool.Accounts()[0].State == "spent" })
	o.eventually("the rest back in its queue", func() bool { return o.pending() == 5 })
	urgent := o.enqueueMany(1, tasks.OnLane(tasks.Critical))
	o.eventually("critical mail", func() bool { return o.sent(urgent) == 1 })
	if n := len(o.retrying()); n != 0 {
		t.Errorf("%d tasks in the retry tab, want none", n)
	}
	time.Sleep(2 * budgetLooks) // Nothing has changed: nobody may ask again.
	if n := len(o.log.FilterMessage("account waits").All()); n != 1 {
		t.Errorf("%d times the account began to wait, want once", n)
	}
	// A change that no worker has seen in between.
	o.allow(budget.Change{Daily: budget.To(11)})
	o.allow(budget.Change{Daily: budget.To(100)})
	o.eventually("the rest, once more is allowed", func() bool { return o.sent(ids) == len(ids) })
}

// to is a mail to so many.
func to(n int) tasks.Email {
	e := hello()
	e.To = nil
	for i := range n {
		e.To = append(e.To, fmt.Sprintf("r%d@example.org", i))
	}
	return e
}

// TestMoreRecipientsThanADayHas puts the mail back: limits are people's, who may
// want them back.
func TestMoreRecipientsThanADayHas(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.allow(budget.Change{Recipients: budget.To(3)})
	o.work()
	id := o.enqueue(to(4))
	o.eventually("its way back", func() bool { return o.state(id) == tasks.StateRetrying })
	rec := o.record(id)
	if rec.Attempts != 0 || !strings.Contains(rec.Error, "more recipients than the account may send such mail to in a day") {
		t.Errorf("%d attempts, %q; want none, and why", rec.Attempts, rec.Error)
	}
	o.allow(budget.Change{Recipients: budget.ToDefault()})
	o.eventually("the mail", func() bool {
		o.hurry()
		return o.state(id) == tasks.StateSent
	})
}

// TestMoreRecipientsThanADayEverHas gives people an hour to allow more.
func TestMoreRecipientsThanADayEverHas(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.allow(budget.Change{Recipients: budget.To(10)})
	id := o.enqueue(to(11))
	_, stop := o.work()
	o.await(id, ledger.Retrying)
	stop()
	o.cfg.Now = in(time.Hour + time.Minute)
	o.work()
	o.hurryTo(id, ledger.Failed)
	o.accepted(id, 0)
}

// TestOneLargeMailHoldsUpNoOther has a mail wait that is too large for what is
// left of the day, and smaller ones go.
func TestOneLargeMailHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.allow(budget.Change{Recipients: budget.To(20)})
	pool, _ := o.work()
	first := o.enqueue(to(15), tasks.OnLane(tasks.Critical))
	o.eventually("the first", func() bool { return o.state(first) == tasks.StateSent })
	large := o.enqueue(to(10), tasks.OnLane(tasks.Critical))
	o.eventually("the large one's way back", func() bool { return o.state(large) == tasks.StateRetrying })
	reset := o.enqueue(to(1), tasks.OnLane(tasks.Critical))
	o.eventually("a password reset", func() bool { return o.state(reset) == tasks.StateSent })
	if rec := o.record(large); rec.Attempts != 0 || rec.NextAt.Before(time.Now().Add(time.Hour)) {
		t.Errorf("%+v; want it to wait for the day's end, no attempt used", rec)
	}
	if s := pool.Accounts()[0]; s.State != "sending" {
		t.Errorf("the account is %+v, want sending", s)
	}
}

// roomless is a budget that has no room for many recipients for a while.
type roomless struct {
	delivery.Budget

	asked atomic.Int64
}

func (r *roomless) Take(ctx context.Context, account string, s budget.Send) (budget.Answer, error) {
	if s.Recipients > 1 {
		r.asked.Add(1)
		return budget.Answer{For: budget.Recipients, Wait: 30 * time.Second}, nil
	}
	return r.Budget.Take(ctx, account, s)
}

// TestALargeMailStandsInNoLine is one that is to wait for so short a time that it
// is not put back: others go meanwhile.
func TestALargeMailStandsInNoLine(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.allow(budget.Change{Recipients: budget.To(100)})
	b := &roomless{Budget: o.cfg.Budget}
	o.cfg.Budget = b
	large := o.enqueue(to(10))
	o.work()
	o.eventually("the large one's question", func() bool { return b.asked.Load() > 0 })
	small := o.enqueueMany(3)
	o.eventually("the small ones", func() bool { return o.sent(small) == len(small) })
	o.accepted(large, 0)
}

// TestA429WithoutATimeHalvesThePace of an account that had none.
func TestA429WithoutATimeHalvesThePace(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.gmail.Script(mailertest.TooManyRequestsNoTime())
	id := o.enqueue(hello())
	o.work()
	o.eventually("the mail", func() bool { return o.state(id) == tasks.StateSent })
	if s, err := budget.New(o.rdb, budget.WithDefaults(unlimited)).Look(t.Context(), shop); err != nil || s.Rate == 0 || s.Unlimited {
		t.Errorf("%+v, %v; want a rate that was cut", s, err)
	}
	if rec := o.record(id); rec.Attempts != 1 {
		t.Errorf("%d attempts, want one", rec.Attempts)
	}
	other := newOffice(t)
	other.gmail.Script(mailertest.TooManyConcurrent())
	id = other.enqueue(hello())
	other.work()
	other.eventually("the mail", func() bool { return other.state(id) == tasks.StateSent })
	if s, err := budget.New(other.rdb, budget.WithDefaults(unlimited)).Look(t.Context(), shop); err != nil || s.Concurrency == 0 {
		t.Errorf("%+v, %v; want the requests in flight cut", s, err)
	}
}

// TestEachSendGivesItsLeaseBack, whatever came of it: a worker that dies has
// its leases end by themselves.
func TestEachSendGivesItsLeaseBack(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.allow(budget.Change{Concurrency: budget.To(2)})
	o.gmail.Script(
		mailertest.InvalidArgument("Invalid To header"), mailertest.TooManyRequestsRetryAfter("1"), mailertest.Fault{},
	)
	ids := o.enqueueMany(8)
	o.work()
	o.eventually("all outcomes", func() bool {
		for _, id := range ids {
			if !o.state(id).Settled() {
				return false
			}
		}
		return true
	})
	b := budget.New(o.rdb, budget.WithDefaults(unlimited))
	o.eventually("no lease", func() bool {
		s, err := b.Look(t.Context(), shop)
		return err == nil && s.InFlight == 0
	})
	// What Gmail refused was not sent.
	if s, err := b.Look(t.Context(), shop); err != nil || s.Messages != 7 {
		t.Errorf("%d messages are counted (%v), want 7", s.Messages, err)
	}
}

// TestATurnDoesNotKeep has Redis's memory full for a while: mail whose turn came
// meanwhile can't be claimed. It goes one after the other then.
func TestATurnDoesNotKeep(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.cfg.Concurrency = 12
	o.allow(budget.Change{Rate: budget.To(60)})
	o.gmail.Script(mailertest.Slow(10 * time.Millisecond))
	ids := o.enqueueMany(12)
	o.work()
	o.eventually("the first is sent", func() bool { return o.sent(ids) >= 1 })
	o.eventually("all are taken", func() bool { return o.pending() == 0 })
	if err := o.rdb.ConfigSet(t.Context(), "maxmemory", "1").Err(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(9 * time.Second)
	before := o.gmail.Counts().Sends
	if err := o.rdb.ConfigSet(t.Context(), "maxmemory", "0").Err(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(3 * time.Second)
	if n := o.gmail.Counts().Sends - before; n > 5 {
		t.Errorf("%d mails went in 3 s, want one a second", n)
	}
	o.eventually("all mail", func() bool { return o.sent(ids) == len(ids) })
	if got := o.gmail.Counts().Sends; got != len(ids) {
		t.Errorf("Gmail was asked %d times", got)
	}
}
