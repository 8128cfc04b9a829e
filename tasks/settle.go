package tasks

import (
	"context"
	"errors"

	"github.com/postroom/postroom/tasks/ledger"
)

// errSettleAs refuses other states.
var errSettleAs = errors.New("a mail is settled as sent or as failed")

// Settle writes down what a person found out about a mail whose outcome nobody
// knew, or that failed: StateSent, or StateFailed. It is not listed any more,
// and its payload is dropped. A mail that is settled so already is no error.
// Errors are ErrNotFound, ErrNotFailed, and those of a Redis that does not
// answer.
func (c *Client) Settle(ctx context.Context, id string, as State) error {
	if as != StateSent && as != StateFailed {
		return errSettleAs
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	d, err := c.ledger.Settle(ctx, id, ledger.State(as))
	switch {
	case err != nil:
		return unavailable(ctx, err)
	case !d.Made:
		return notFailed(d.State)
	}
	// What asynq has of it may stay until its time: the ledger's word counts.
	_ = c.deleteTask(ctx, d.Queue, id)
	return nil
}
