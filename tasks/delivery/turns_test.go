package delivery_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/mailertest"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/budget"
	"github.com/postroom/postroom/tasks/delivery"
)

// asked counts the questions to a budget.
type asked struct {
	delivery.Budget

	takes atomic.Int64
}

func (a *asked) Take(ctx context.Context, account string, s budget.Send) (budget.Answer, error) {
	a.takes.Add(1)
	return a.Budget.Take(ctx, account, s)
}

// TestManyWhoWaitAskAsOne has fifty handlers wait for five turns a second, and
// for one place in flight.
func TestManyWhoWaitAskAsOne(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		limit budget.Change
		takes time.Duration // One send.
	}{
		"rate":        {budget.Change{Rate: budget.To(300)}, 0},
		"concurrency": {budget.Change{Concurrency: budget.To(1)}, 200 * time.Millisecond},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.allow(c.limit)
			b := &asked{Budget: o.cfg.Budget}
			slow := &slowSender{takes: c.takes}
			o.cfg.Budget, o.cfg.Concurrency = b, 50
			o.cfg.Accounts[0].Sender = slow
			o.enqueueMany(100)
			o.work()
			o.eventually("the first", func() bool { return slow.sent.Load() >= 3 })
			takes, sent, began := b.takes.Load(), slow.sent.Load(), time.Now()
			o.eventually("more", func() bool { return slow.sent.Load() >= sent+15 })
			// One that goes and one that is told to wait; and for a place one looks every 50 ms.
			most := 2*(slow.sent.Load()-sent) + 5
			if what == "concurrency" {
				most += int64(time.Since(began) / (50 * time.Millisecond))
			}
			if n := b.takes.Load() - takes; n > most {
				t.Errorf("%d questions for %d mails, want at most %d", n, slow.sent.Load()-sent, most)
			}
		})
	}
}

// slowSender takes its time.
type slowSender struct {
	mailertest.Recorder

	takes time.Duration
	sent  atomic.Int64
}

func (s *slowSender) Send(ctx context.Context, m *mailer.Message) (mailer.Sent, error) {
	time.Sleep(s.takes)
	s.sent.Add(1)
	return s.Recorder.Send(ctx, m)
}

// patient is a budget that has who waits for a place ask again after ten seconds.
type patient struct{ delivery.Budget }

func (p patient) Take(ctx context.Context, account string, s budget.Send) (budget.Answer, error) {
	a, err := p.Budget.Take(ctx, account, s)
	if a.For == budget.Concurrency {
		a.Wait = 10 * time.Second
	}
	return a, err
}

// TestAFreePlaceIsTakenAtOnce where this process made it free: nobody waits for
// the time that the budget said.
func TestAFreePlaceIsTakenAtOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.allow(budget.Change{Concurrency: budget.To(1)})
	o.cfg.Budget, o.cfg.Concurrency = patient{o.cfg.Budget}, 8
	ids := o.enqueueMany(40)
	o.work()
	o.eventually("all mail", func() bool { return o.sent(ids) == len(ids) })
}

// TestABusyWorkerLeavesPlacesToOthers has one that always has mail for the only
// place, and another that comes later. Where the busy one is as quick as it can be
// each time, the other finds the place free once in a minute or so.
func TestABusyWorkerLeavesPlacesToOthers(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.allow(budget.Change{Concurrency: budget.To(1)})
	busy, late := &slowSender{takes: time.Second}, &slowSender{takes: time.Second}
	o.enqueueMany(60)
	o.cfg.Accounts = []delivery.Account{recorded(shop, busy)}
	o.work()
	o.eventually("the first worker", func() bool { return busy.sent.Load() > 0 })
	asks := &asked{Budget: o.cfg.Budget}
	o.cfg.Budget, o.cfg.Accounts = asks, []delivery.Account{recorded(shop, late)}
	o.work()
	o.eventually("the second worker", func() bool { return asks.takes.Load() > 0 })
	before := busy.sent.Load()
	o.eventually("its mail", func() bool { return late.sent.Load() > 0 })
	if n := busy.sent.Load() - before; n > 8 {
		t.Errorf("the first worker sent %d mails before the second one sent any", n)
	}
}

// TestWhoStandsBehindSaysSo: at one turn in three seconds the fifth mail waits
// for a quarter of a minute, though nobody was told to wait for so long.
func TestWhoStandsBehindSaysSo(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.allow(budget.Change{Rate: budget.To(20)})
	o.cfg.Concurrency = 8
	ids := o.enqueueMany(8)
	o.work()
	o.eventually("one that stands behind", func() bool {
		for _, id := range ids {
			s, err := o.client.Status(t.Context(), id)
			if err == nil && s.State == tasks.StateWaiting && time.Until(s.NextAt) > 4*time.Second {
				return s.Error == "waits for the account's turn: rate"
			}
		}
		return false
	})
}
