package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/postroom/postroom/tasks"
)

// decision is what one command does to each of several mails.
type decision struct {
	queue *queue
	do    func(ctx context.Context, id string) error
	// state is how a mail stands afterwards.
	state tasks.State
	json  bool
}

// each decides about one mail after the other, and says of each what became of
// it. It goes on after one that could not be done, and fails in the end.
func (d *decision) each(ctx context.Context, to console, ids []string) error {
	var failures []error
	for _, id := range ids {
		err := d.one(ctx, to, id)
		if err == nil {
			continue
		}
		failures = append(failures, err)
		if exitStatus(err) == exitRedis || ctx.Err() != nil {
			break // The next would only wait as long again.
		}
		if isUnsaid(err) {
			break // Nobody would know of the next.
		}
	}
	return errors.Join(failures...)
}

func (d *decision) one(ctx context.Context, to console, id string) error {
	err := d.do(ctx, id)
	switch {
	case errors.Is(err, tasks.ErrOutcomeUnknown):
		return fmt.Errorf("%s: %w, then type: enqueue settle %s --as sent, or: enqueue retry --unknown %s", id, err, id, id)
	case err != nil:
		return fmt.Errorf("%s: %w", id, d.queue.where(err))
	}
	if d.json {
		err = json.NewEncoder(to.out).Encode(map[string]string{"id": id, "state": string(d.state)})
	} else {
		_, err = fmt.Fprintln(to.out, id, d.state)
	}
	if err != nil {
		return unsaidError{fmt.Errorf("%s is %s now, but that can't be printed: %w", id, d.state, err)}
	}
	return nil
}

// unsaidError is about a result that could not be printed: what was asked is
// done.
type unsaidError struct{ error }

func (e unsaidError) Unwrap() error { return e.error }

func isUnsaid(err error) bool {
	_, ok := errors.AsType[unsaidError](err)
	return ok
}
