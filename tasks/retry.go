package tasks

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"

	"github.com/postroom/postroom/tasks/ledger"
)

var (
	// ErrNotFailed is returned for mail that has not failed: there is nothing to
	// retry, or to settle.
	ErrNotFailed = errors.New("it has not failed")
	// ErrOutcomeUnknown is returned by Retry for mail that Gmail may have.
	ErrOutcomeUnknown = errors.New("Gmail may have it: look into the account's Sent first") //nolint:staticcheck // A product's name.
	// ErrNotKept is returned by Retry for mail of which nothing is left to send.
	ErrNotKept = errors.New("its payload is gone: enqueue it again, under the same ID where it was deleted, else under another")
)

// Retry starts a new round for a mail that failed: it is queued again, and its
// attempts and age are forgotten. Called again it does no harm. Errors are
// ErrNotFound; ErrOutcomeUnknown, where RetryUnknown is meant; ErrNotFailed;
// ErrNotKept; and those of a Redis that does not answer (ErrUnavailable): the
// same call again finishes what that one began, and so do workers.
func (c *Client) Retry(ctx context.Context, id string) error { return c.retry(ctx, id, false) }

// RetryUnknown is Retry for a mail whose outcome nobody knows, too: if Gmail has
// it, its reader gets two.
func (c *Client) RetryUnknown(ctx context.Context, id string) error { return c.retry(ctx, id, true) }

func (c *Client) retry(ctx context.Context, id string, unknown bool) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	rec, err := c.ledger.Look(ctx, id)
	if err != nil {
		return unavailable(ctx, err)
	}
	if err := c.canRetry(ctx, rec, unknown); err != nil {
		return err
	}
	d, err := c.ledger.Reopen(ctx, id, ledger.Round{Unknown: unknown, Requeue: true})
	switch {
	case err != nil:
		return unavailable(ctx, err)
	case !d.Made:
		return notFailed(d.State)
	}
	if err := c.requeue(ctx, d.Queue, id); err != nil {
		return unavailable(ctx, err)
	}
	return nil
}

// canRetry says why a mail can't go again, before anything is changed.
func (c *Client) canRetry(ctx context.Context, rec ledger.Record, unknown bool) error {
	switch {
	case rec.State == "":
		return ErrNotFound
	case rec.Requeue:
		return nil // Somebody's wish that is not fulfilled yet.
	case rec.State == ledger.Unknown && !unknown:
		return ErrOutcomeUnknown
	case rec.State != ledger.Failed && rec.State != ledger.Unknown:
		return notFailed(rec.State)
	}
	if _, err := c.task(ctx, rec.Queue, rec.ID); err == nil || !noTask(err) {
		return unavailableOrNil(ctx, err)
	}
	_, err := c.ledger.Kept(ctx, rec.ID)
	if errors.Is(err, ledger.ErrNotKept) {
		return ErrNotKept
	}
	return unavailableOrNil(ctx, err)
}

func unavailableOrNil(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	return unavailable(ctx, err)
}

func notFailed(state ledger.State) error {
	if state == "" {
		return ErrNotFound
	}
	return fmt.Errorf("%w: it is %s", ErrNotFailed, state)
}

// requeue has asynq take up a reopened mail's task: the one in its archive, or
// else a new one from what the ledger kept.
func (c *Client) requeue(ctx context.Context, queue, id string) error {
	err := c.runTask(ctx, queue, id)
	if noTask(err) {
		err = c.queueKept(ctx, queue, id)
	}
	if err != nil {
		info, lookErr := c.task(ctx, queue, id)
		switch {
		case lookErr != nil:
			return err
		case info.State == asynq.TaskStateActive:
			return nil // Its worker is about to archive it. Whoever sweeps finds it there.
		case info.State != asynq.TaskStatePending:
			return err
		}
	}
	return c.ledger.Requeued(ctx, id)
}

func (c *Client) queueKept(ctx context.Context, queue, id string) error {
	payload, err := c.ledger.Kept(ctx, id)
	if err != nil {
		return err
	}
	if err := c.names.name(ctx, queue, c.now()); err != nil {
		return err
	}
	_, err = c.queue.EnqueueContext(ctx, asynq.NewTask(TypeDeliver, payload), taskOptions(id, queue, time.Time{})...)
	return err
}
