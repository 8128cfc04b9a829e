package delivery

import (
	"context"
	"errors"
	"time"

	"github.com/hibiken/asynq"

	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/ledger"
)

// lookUpAgain is step 3. Mail that asynq never tried before has no past as a
// rule, and the claim finds out where it has one: that saves a round trip.
func (a *attempt) lookUpAgain(ctx context.Context) (*verdict, error) {
	if tried, known := asynq.GetRetryCount(ctx); known && tried == 0 {
		return nil, nil //nolint:nilnil // The way goes on.
	}
	return a.lookUp(ctx)
}

// lookUp decides by what the ledger has of the mail whether its way goes on.
func (a *attempt) lookUp(ctx context.Context) (*verdict, error) {
	if err := a.look(ctx); err != nil {
		return nil, err
	}
	switch a.record.State {
	case "":
		return a.unrecorded(ctx)
	case ledger.Queued, ledger.Waiting, ledger.Sending, ledger.Retrying:
		return nil, nil //nolint:nilnil // The way goes on.
	case ledger.Failed:
		return a.failedBefore(ctx)
	case ledger.Unknown:
		return a.findOut(ctx)
	case ledger.Sent, ledger.Expired, ledger.Cancelled:
	}
	return a.settledAs(a.record), nil
}

func (a *attempt) look(ctx context.Context) error {
	return a.untilAnswered(ctx, "look the mail up", func(ctx context.Context) (err error) {
		a.record, err = a.Ledger.Look(ctx, a.id)
		a.looked = err == nil
		return err
	})
}

// withPast gives a verdict on mail that was not claimed, with its past known:
// that may have another.
func (a *attempt) withPast(ctx context.Context, now func() *verdict) (*verdict, error) {
	if !a.looked {
		if v, err := a.lookUp(ctx); v != nil || err != nil {
			return v, err
		}
	}
	return now(), nil
}

// forgotten refuses a mail without a record that had one, which has had its time:
// it may have been sent. It is one that asynq had before; or that was enqueued
// so long ago, since asynq does not tell of all that it put back.
func (a *attempt) forgotten(ctx context.Context) (*verdict, error) {
	last, err := a.lastError(ctx)
	if err != nil {
		return nil, err
	}
	enqueued := a.email.EnqueuedAt
	if last != "" || !enqueued.IsZero() && a.Now().Sub(enqueued) >= a.Ledger.Forgets() {
		return &verdict{state: ledger.Failed, err: errForgotten, settled: true}, nil
	}
	return nil, nil //nolint:nilnil // The way goes on.
}

// unrecorded takes on a mail that another program queued by itself: from now on
// it has a record.
func (a *attempt) unrecorded(ctx context.Context) (*verdict, error) {
	if v, err := a.forgotten(ctx); v != nil || err != nil {
		return v, err
	}
	err := a.untilAnswered(ctx, "reserve the mail's ID", func(ctx context.Context) error {
		_, _, err := a.Ledger.Reserve(ctx, a.id, ledger.Reservation{Queue: a.queue, Hash: a.hash()})
		if errors.Is(err, ledger.ErrTaken) {
			return &final{err}
		}
		return err
	})
	if taken, ok := errors.AsType[*final](err); ok {
		return &verdict{state: ledger.Failed, err: taken.error, settled: true}, nil // That mail's record stays as it is.
	}
	return nil, err
}

// hash is the payload's, for a mail that the ledger may not know; empty for one
// that cannot be read.
func (a *attempt) hash() string {
	hash, err := tasks.TaskHash(a.task, a.email)
	if err != nil {
		return ""
	}
	return hash
}

var errForgotten = errors.New("its record has had its time, and it may have been sent: enqueue it anew")

// lastError is what asynq keeps of the task's last time; empty for a task that
// it never had before.
func (a *attempt) lastError(ctx context.Context) (last string, err error) {
	err = a.untilAnswered(ctx, "look at the task", func(context.Context) (err error) {
		last, err = a.lastErrorOf(a.queue, a.id)
		if errors.Is(err, asynq.ErrTaskNotFound) || errors.Is(err, asynq.ErrQueueNotFound) {
			return nil // Somebody deleted it.
		}
		return err
	})
	return last, err
}

// failedBefore tells an operator's "run" in the dashboard, which starts a new
// round, from a redelivery. Where the operator's, the archive had the ledger's
// own error. A mail that counts as lost is here after all, and one that a person
// archived before it was sent, he has run.
func (a *attempt) failedBefore(ctx context.Context) (*verdict, error) {
	last, err := a.lastError(ctx)
	if err != nil {
		return nil, err
	}
	if last != a.record.Error && !a.record.Lost && !a.record.Archived {
		return a.settledAs(a.record), nil
	}
	err = a.untilAnswered(ctx, "start a new round", func(ctx context.Context) error {
		_, err := a.Ledger.Reopen(ctx, a.id, ledger.Round{})
		return err
	})
	a.record.Attempts, a.record.Age, a.record.DeferredAt = 0, 0, time.Time{}
	return nil, err
}
