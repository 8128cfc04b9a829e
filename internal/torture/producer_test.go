package torture_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postroom/postroom/tasks"
)

// producers enqueue the mails of a plan.
type producers struct {
	*world

	away error // A call that ended in it is repeated; nil: each that failed.

	accepted  atomic.Int64 // Mails.
	repeated  atomic.Int64 // Calls that were repeated because Redis did not answer.
	duplicate atomic.Int64 // Calls that were told so.
	all       sync.WaitGroup
}

// enqueueFunc accepts a mail.
type enqueueFunc func(context.Context, mail) (tasks.Receipt, error)

// producing is how many producers there are at once.
const producing = 6

// call is one Enqueue to come.
type call struct {
	at    time.Duration
	mail  mail
	again bool
}

// produce has the producers work from a time on. Each mail is one producer's;
// the call that comes once more is another's.
func (p *producers) produce(queue func(addr string) enqueueFunc, from time.Time) {
	ctx := p.t.Context()
	calls := make([][]call, producing)
	for i, m := range p.plan.mails {
		calls[i%producing] = append(calls[i%producing], call{at: m.at, mail: m})
		if other := (i + 1) % producing; m.again > 0 {
			calls[other] = append(calls[other], call{at: m.at + m.again, mail: m, again: true})
		}
	}
	for _, own := range calls {
		slices.SortFunc(own, func(a, b call) int { return int(a.at - b.at) })
		enqueue := queue(p.relays[p.plan.workers].addr)
		p.all.Go(func() {
			for _, c := range own {
				if sleepUntil(ctx, from.Add(c.at)) != nil {
					return
				}
				p.enqueue(ctx, enqueue, c)
			}
		})
	}
}

// enqueue calls until the mail is accepted, as the contract has it.
func (p *producers) enqueue(ctx context.Context, enqueue enqueueFunc, c call) {
	for first := true; ctx.Err() == nil; first = false {
		receipt, err := enqueue(ctx, c.mail)
		switch {
		case err == nil:
			p.note(c, receipt, first)
			return
		case p.away != nil && !errors.Is(err, p.away):
			if ctx.Err() == nil {
				p.complainf("%s: Enqueue failed with %v, which does not say to call again", c.mail.id, err)
			}
			return
		}
		p.repeated.Add(1)
		_ = sleepUntil(ctx, time.Now().Add(50*time.Millisecond)) // The loop looks at ctx.
	}
}

func (p *producers) note(c call, receipt tasks.Receipt, first bool) {
	if receipt.Duplicate {
		p.duplicate.Add(1)
	}
	if c.again {
		return
	}
	p.accepted.Add(1)
	if receipt.Duplicate && first && c.mail.again == 0 {
		p.complainf("%s: the first Enqueue under this ID was told that it is a duplicate", c.mail.id)
	}
}

// queue is Postroom's own.
func (w *world) queue(addr string) enqueueFunc {
	client := w.client(addr)
	return func(ctx context.Context, m mail) (tasks.Receipt, error) {
		return client.Enqueue(ctx, emailOf(m), tasks.WithID(m.id), tasks.OnLane(m.lane))
	}
}

// emailOf is what is enqueued: the same for each call.
func emailOf(m mail) tasks.Email {
	e := tasks.Email{Account: m.account, To: tasks.Addresses{"Ada <ada@example.org>"}, OnUnknown: m.given}
	if m.lane == tasks.Bulk {
		e.Subject, e.Text = "News "+m.id, "All is well.\n"
		return e
	}
	e.Template, e.Data = "welcome", map[string]any{"name": m.id}
	return e
}

func sleepUntil(ctx context.Context, at time.Time) error {
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
