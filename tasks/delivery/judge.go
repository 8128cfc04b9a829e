package delivery

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/budget"
	"github.com/postroom/postroom/tasks/ledger"
)

// verdict is what a mail's way came to.
type verdict struct {
	state ledger.State
	err   error
	// settled says that the ledger had it so already, before this redelivery
	// or from another attempt; written, that it has it from this one. In both
	// nothing is left to write.
	settled, written bool
	// claimed and used say whether the mail was claimed, and an attempt used.
	claimed, used bool
	// in is when the mail is tried again, for Retrying; age is what of that
	// counts as the mail's own.
	in, age time.Duration
	// deferred: put back without an attempt, for an hour at most. waits: the
	// same, for as long as it takes.
	deferred, waits bool
	// resend lets the first Unknown go once more; lookUp has it looked up before.
	resend, lookUp bool
	// found says that it was sent by an attempt before this one.
	found bool
}

func failed(err error) *verdict { return &verdict{state: ledger.Failed, err: err} }

// settledAs ends the way of a mail that the ledger has an outcome for, in the
// ledger's words.
func (a *attempt) settledAs(rec ledger.Record) *verdict {
	v := &verdict{state: rec.State, settled: true}
	if rec.Error != "" && rec.State != ledger.Cancelled { // That one has its last trouble.
		v.err = errors.New(rec.Error)
	}
	return v
}

// Mail that meets no fault of its own, but a worker that is not ready for it,
// is put back now and then for a while.
const (
	deferEvery = 15 * time.Second
	deferFor   = time.Hour
)

// deferred puts a mail back without an attempt, for up to an hour from the
// first time. The ledger knows that one.
func (a *attempt) deferred(err error) *verdict {
	if since := a.record.DeferredAt; !since.IsZero() && a.Now().Sub(since) > deferFor {
		return failed(fmt.Errorf("put back for %v: %w", deferFor, err))
	}
	return &verdict{state: ledger.Retrying, err: err, in: deferEvery, deferred: true}
}

// judge decides what a failed send means for the mail, from the error's class.
// It returns no verdict where the account can't send: then the mail waits.
func (a *attempt) judge(err error) *verdict {
	e := errorOf(err)
	a.end = endOf(e)
	a.metrics.sendErrors.WithLabelValues(e.Class.String()).Inc()
	n := a.record.Attempts + 1
	switch e.Class {
	case mailer.Temporary:
		return a.retry(e, n)
	case mailer.Permanent:
		a.answered()
		v := failed(e)
		v.claimed, v.used = true, true
		return v
	case mailer.Unknown:
		v := &verdict{
			state: ledger.Unknown, err: e, claimed: true, used: true, in: backoff(n),
			resend: a.email.OnUnknown == tasks.Resend && n < a.Attempts,
		}
		if !a.lookUpAt().IsZero() {
			v.lookUp, v.in = true, firstLook
		}
		return v
	case mailer.Unreachable:
		a.release(e.Error(), a.unreached(e).until)
		return nil
	case mailer.Throttled:
		a.slowDown(e)
		return nil
	case mailer.Blocked:
		if a.sentBy.Revision != a.account().Revision {
			a.release(replacedText, time.Time{}) // The next try is with the new one.
			return nil
		}
		if !e.Confirmed && !a.gate.suspectBlocked(a.id) {
			// It may be this mail alone.
			v := a.deferred(e)
			v.claimed = true
			return v
		}
		a.release(e.Error(), a.block(e).until)
		return nil
	}
	return failed(fmt.Errorf("the sender gave an error of an unknown class: %w", e))
}

// retry gives a mail its next try, or gives it up.
func (a *attempt) retry(e *mailer.Error, n int) *verdict {
	in := max(backoff(n), e.RetryAt.Sub(a.Now()).Round(time.Second))
	v := &verdict{state: ledger.Retrying, err: e, claimed: true, used: true, in: in, age: in}
	if n >= a.Attempts {
		v.state, v.err = ledger.Failed, fmt.Errorf("given up after %d attempts: %w", n, e)
	} else if a.record.Age+in > a.MaxAge {
		v.state, v.err = ledger.Failed, fmt.Errorf("given up after %v of retries: %w", a.MaxAge, e)
	}
	return v
}

// The longest pause between two attempts.
const maxBackoff = 6 * time.Hour

// backoff is the pause after the n-th attempt: a random time between 1 s and
// min(6 h, 2 s × 4ⁿ⁻¹), in whole seconds as asynq keeps it.
func backoff(n int) time.Duration {
	longest := maxBackoff
	if n <= 7 { // 2 s × 4⁶ is over two hours; n = 8 is over the cap.
		longest = min(maxBackoff, 2*time.Second<<(2*(n-1)))
	}
	return time.Second * time.Duration(1+rand.Int64N(int64(longest/time.Second))) //nolint:gosec // Jitter.
}

// slowDown has the account's mail wait until the backend takes mail again, and
// go at half the pace then, which grows again: in all workers. Where the backend
// named no time, that is a moment.
func (a *attempt) slowDown(e *mailer.Error) {
	a.unlimited.Store(false)
	kind := budget.CutRate
	if strings.Contains(strings.ToLower(e.Text), "concurrent") {
		kind = budget.CutConcurrency
	}
	until := e.RetryAt
	if until.IsZero() {
		until = a.Now().Add(cutPause)
	}
	c := a.closeUntil(closedFrozen, e.Error(), e.Remedy, until)
	// The others have to know, whatever becomes of this worker.
	_ = a.untilAnswered(a.life, "slow the account down", func(ctx context.Context) error {
		if !e.RetryAt.IsZero() {
			if _, err := a.Budget.Freeze(ctx, a.address, budget.Freeze{Until: c.until, Reason: c.reason}); err != nil {
				return err
			}
		}
		_, err := a.Budget.Cut(ctx, a.address, kind)
		return err
	})
	a.release(e.Error(), c.until)
}

// cutPause is how long an account waits that was told to slow down.
const cutPause = time.Second
