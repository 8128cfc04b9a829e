package delivery

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"go.uber.org/zap"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/budget"
	"github.com/postroom/postroom/tasks/ledger"
)

// wait is step 6: it returns when the mail may go, or when ctx is done because
// the task is being put back. The verdict is that of a mail that may never go.
func (a *attempt) wait(ctx context.Context) (*verdict, error) {
	s := &spot{line: &a.turns.lines[a.rank()]}
	defer s.leave()
	for {
		if err := a.standInLine(ctx, s); err != nil {
			return nil, err
		}
		if err := a.passGate(ctx); err != nil {
			return nil, err
		}
		freed := a.turns.freed() // Before the answer, so that none is missed after it.
		answer, err := a.askBudget(ctx)
		if err != nil {
			return nil, err
		}
		switch {
		case answer.Go:
			a.AfterStep(StepWait, a.id)
			return nil, nil //nolint:nilnil // The way goes on.
		case answer.Never:
			// Limits are changed by people, who may want them back.
			return a.withPast(ctx, func() *verdict { return a.deferred(errTooManyEver) })
		}
		a.leaveGate()
		if v, err := a.waitTurn(ctx, answer, s, freed); v != nil || err != nil {
			return v, err
		}
	}
}

var errTooManyEver = errors.New("it has more recipients than the account may send such mail to in a day")

func (a *attempt) rank() rank {
	if lane, _, _ := tasks.ParseQueue(a.queue); lane == tasks.Critical {
		return critical
	}
	return ordinary
}

// passGate waits until the account can send at all.
func (a *attempt) passGate(ctx context.Context) error {
	passed, err := a.gate.pass(ctx, a.rank(), func(c closure) { a.noteWaiting(ctx, c) })
	if err != nil {
		return err
	}
	a.ticket, a.inside = passed, true
	return nil
}

// askBudget asks whether the account may send now, in all workers together.
func (a *attempt) askBudget(ctx context.Context) (answer budget.Answer, err error) {
	if a.unlimited.Load() {
		return budget.Answer{Go: true}, nil
	}
	if a.send.Token == "" { // Whoever waits asks again under the same.
		a.send = budget.Send{
			Token: rand.Text()[:16], Recipients: len(a.recipients()),
			Critical: a.rank() == critical, Lease: a.SendTimeout(a.message.Size()) + claimMargin,
		}
	}
	a.booked, a.end = true, budget.Unused
	err = a.untilAnswered(ctx, "ask for the account's turn", func(ctx context.Context) (err error) {
		answer, err = a.Budget.Take(ctx, a.address, a.send)
		return err
	})
	a.booked = err != nil || answer.Go // An answer that got lost may have been a yes.
	a.turn = time.Now()
	return answer, err
}

// missedTurn reports whether the account's turn came so long ago that it is
// another's now: where Redis did not take claims for a while, the turns of all that
// time would be taken at once, and beside places in flight that have ended.
func (a *attempt) missedTurn() bool { return a.booked && time.Since(a.turn) > turnKeeps }

// How a mail waits for its turn.
const (
	// turnKeeps is less than what a place in flight outlasts its send by.
	turnKeeps = 3 * time.Second
	// turnPoll is the longest time between two questions: limits may have been
	// changed, and who is urgent goes first.
	turnPoll = 2 * time.Second
	// worthNoting is how long a wait is that status tells of.
	worthNoting = 5 * time.Second
)

// waitTurn waits for what the budget said. What takes long is the account's
// wait: its servers stop. A mail that alone is too large for what is left of
// the day is put back for so long, and holds up nobody who stands behind it.
func (a *attempt) waitTurn(ctx context.Context, answer budget.Answer, s *spot, freed <-chan struct{}) (*verdict, error) {
	until := a.Now().Add(answer.Wait)
	day := answer.For == budget.Daily || answer.For == budget.Recipients
	switch {
	case answer.For == budget.Frozen:
		a.gate.close(closedFrozen, answer.Text, "", until)
		return nil, nil //nolint:nilnil // The gate has it wait.
	case day && answer.Spent && answer.Wait > longWait:
		a.spend(answer, until)
		return nil, nil //nolint:nilnil // The gate has it wait.
	case day && answer.Wait > longWait:
		return a.withPast(ctx, func() *verdict {
			return &verdict{state: ledger.Retrying, err: errors.New(tooManyText), in: answer.Wait, waits: true}
		})
	case day && !answer.Spent:
		s.leave()
	case !s.wait(answer.For):
		return nil, nil //nolint:nilnil // Who stands before it asks.
	}
	if answer.Wait >= worthNoting {
		a.noteTurn(ctx, answer.For, answer.Wait)
	}
	if answer.For == budget.Concurrency {
		a.turns.awaitPlace(ctx, answer.Wait, freed)
		return nil, ctx.Err()
	}
	return nil, sleep(ctx, min(answer.Wait, turnPoll))
}

// noteTurn is noteWaiting for the account's turn, once: in so long.
func (a *attempt) noteTurn(ctx context.Context, what budget.Reason, in time.Duration) {
	if !a.noted {
		a.noted = true
		a.noteWaiting(ctx, closure{until: a.Now().Add(in), reason: turnText(what)})
	}
}

// tooManyText is what people read of a mail whose recipients are too many for
// now.
const tooManyText = "waits: the account's day has no room for so many recipients now"

// spend lets mail of the same rank wait for room in the account's day.
func (a *attempt) spend(answer budget.Answer, until time.Time) {
	reason := budget.Spent{Until: until, Of: answer.For}.Text()
	if !a.gate.spend(a.rank(), answer.Day, reason, until) {
		return
	}
	a.log.Warn("account waits", zap.String("account", a.Redact.Address(a.address)), zap.String("state", closedSpent),
		zap.Bool("critical", a.rank() == critical), zap.Time("until", until), zap.String("reason", reason))
}

func turnText(of budget.Reason) string { return "waits for the account's turn: " + string(of) }

// giveTurn ends what askBudget began. It is not tried again: the lease ends by
// itself, and what was booked stays booked.
func (a *attempt) giveTurn() {
	if !a.booked {
		return
	}
	a.booked = false
	ctx, cancel := context.WithTimeout(a.life, giveTimeout)
	defer cancel()
	_ = a.Budget.Give(ctx, a.address, a.send, a.end)
	a.send.Token = ""
	a.turns.setFree()
}

const giveTimeout = 5 * time.Second

// endOf is what a failed send means for the budget: what may have left is used.
func endOf(e *mailer.Error) budget.End {
	switch e.Class {
	case mailer.Unreachable:
		return budget.Unused
	case mailer.Permanent, mailer.Throttled:
		return budget.Refused
	case mailer.Blocked:
		if e.Confirmed {
			return budget.Unused // The token endpoint said it: Gmail was not asked.
		}
		return budget.Refused
	case mailer.Temporary, mailer.Unknown:
	}
	return budget.Used
}

// watchBudget learns, again and again, what other workers were told about the
// account, and what people allow it. While Redis does not answer nobody learns
// anything.
func (b *postbox) watchBudget(ctx context.Context) {
	for sleep(ctx, b.polling.budgets()) == nil {
		_ = b.learnBudget(ctx)
	}
}

func (b *postbox) learnBudget(ctx context.Context) error {
	s, err := b.Budget.Look(ctx, b.address)
	if err != nil {
		b.learnt.Store(nil)
		return err
	}
	b.learnt.Store(&s)
	b.unlimited.Store(s.Unlimited)
	b.gate.allow(s.Limits.Day(), budget.Day{Messages: s.Messages, Recipients: s.Recipients})
	if c, _ := b.gate.state(ordinary); s.Frozen.Until.After(b.Now()) && s.Frozen.Until.Sub(c.until) > sameFreeze {
		b.gate.close(closedFrozen, s.Frozen.Reason, "", s.Frozen.Until)
	}
	return nil
}

// sameFreeze is by how much one freeze differs from look to look: Redis says how
// long it lasts, and the answer takes its time.
const sameFreeze = time.Second

// budgetPoll is how soon a worker knows of another's freeze.
const budgetPoll = time.Second
