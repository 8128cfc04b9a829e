package tasks

import (
	"context"
	"fmt"
	"time"

	"github.com/hibiken/asynq"

	"github.com/postroom/postroom/tasks/ledger"
)

// Status is what became of a mail.
type Status struct {
	ID    string `json:"id"`
	Queue string `json:"queue"`
	State State  `json:"state"`
	// Attempts is how many were used up; a wait uses none.
	Attempts int `json:"attempts"`
	// GmailID and ThreadID are Gmail's own, once sent.
	GmailID  string `json:"gmail_id,omitempty"`
	ThreadID string `json:"thread_id,omitempty"`
	// AlsoSent is Gmail's ID of a second copy, where one is known of.
	AlsoSent string `json:"also_sent,omitempty"`
	// Account is the one that sent, or last tried to.
	Account string `json:"account,omitempty"`
	// Error is the last one.
	Error string `json:"error,omitempty"`
	// The times are UTC, on Redis's clock. NextAt is when the mail is due, or
	// tried again.
	EnqueuedAt time.Time `json:"enqueued_at,omitzero"`
	UpdatedAt  time.Time `json:"updated_at,omitzero"`
	NextAt     time.Time `json:"next_at,omitzero"`
	// History is what happened to it, oldest first: attempts that did not
	// succeed, and what people decided. The latest part of it is kept.
	History []Event `json:"history,omitempty"`
}

// Event is one in a mail's history.
type Event struct {
	At time.Time `json:"at"`
	// Attempt is how many were used by then, in that round.
	Attempt int    `json:"attempt"`
	Text    string `json:"text"`
}

// Status tells what became of the mail with this ID, or ErrNotFound.
func (c *Client) Status(ctx context.Context, id string) (Status, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	s, err := c.look(ctx, id)
	if err == nil && s.isDue(c.now()) {
		err = c.noteWait(ctx, &s)
	}
	return s, err
}

// isDue reports whether a worker would take the mail now.
func (s *Status) isDue(now time.Time) bool {
	switch s.State {
	case StateQueued:
		return true
	case StateWaiting, StateRetrying:
		return s.NextAt.Before(now)
	default:
		return false
	}
}

func (c *Client) look(ctx context.Context, id string) (Status, error) {
	rec, err := c.ledger.Look(ctx, id)
	if err != nil {
		return Status{}, unavailable(ctx, err)
	}
	if rec.State == ledger.Queued && !rec.Requeue { // That one's task is on its way.
		return c.queued(ctx, id, rec)
	}
	if rec.State == "" {
		return Status{}, ErrNotFound
	}
	return status(id, rec), nil
}

// queued asks asynq too: a reservation whose task never came was never
// accepted.
func (c *Client) queued(ctx context.Context, id string, rec ledger.Record) (Status, error) {
	info, err := c.task(ctx, rec.Queue, id)
	switch {
	case err == nil:
		s := status(id, rec)
		if info.State == asynq.TaskStateScheduled {
			s.State = StateScheduled
		}
		return s, nil
	case !noTask(err):
		return Status{}, unavailable(ctx, err)
	}
	// It may have left between the two looks.
	if rec, err = c.ledger.Look(ctx, id); err != nil {
		return Status{}, unavailable(ctx, err)
	}
	if rec.State == ledger.Queued {
		return Status{}, noTaskError{}
	}
	return status(id, rec), nil
}

func status(id string, rec ledger.Record) Status {
	s := Status{
		ID: id, Queue: rec.Queue, State: State(rec.State), Attempts: rec.Attempts,
		GmailID: rec.GmailID, ThreadID: rec.ThreadID, AlsoSent: rec.AlsoSent, Account: rec.Account, Error: rec.Error,
		EnqueuedAt: rec.EnqueuedAt, UpdatedAt: laterOf(rec.EnqueuedAt, rec.UpdatedAt), NextAt: rec.NextAt,
	}
	if s.Account == "" {
		_, s.Account, _ = ParseQueue(rec.Queue)
	}
	for _, e := range rec.History {
		s.History = append(s.History, Event(e))
	}
	return s
}

// Cancel stops a mail that has not left. A mail that was cancelled already is
// no error; ErrTooLate says how another one stands, ErrNotFound that nothing
// was accepted under the ID. It finds what Status finds: a reservation without
// a task is not cancelled, so that its Enqueue can be finished.
func (c *Client) Cancel(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if _, err := c.look(ctx, id); err != nil {
		return err
	}
	d, err := c.ledger.Cancel(ctx, id)
	switch {
	case err != nil:
		return unavailable(ctx, err)
	case d.State == "":
		return ErrNotFound
	case !d.Made:
		return fmt.Errorf("%w: it is %s", ErrTooLate, d.State)
	}
	// The ledger's word counts: a worker that has the task already drops it
	// when it reads it. A task that stays could outlive that word.
	if c.deleteTask(ctx, d.Queue, id) == nil {
		return nil
	}
	info, err := c.task(ctx, d.Queue, id)
	switch {
	case noTask(err):
		return nil
	case err != nil:
		return unavailable(ctx, err)
	case info.State == asynq.TaskStateActive:
		return nil
	}
	return unavailable(ctx, fmt.Errorf("the mail is cancelled, but its task is still %s: cancel it again", info.State))
}
