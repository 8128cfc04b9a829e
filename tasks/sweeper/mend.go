package sweeper

import (
	"context"
	"errors"

	"github.com/hibiken/asynq"
	"go.uber.org/zap"

	"github.com/postroom/postroom/tasks/ledger"
)

// mend decides what becomes of an open mail whose task asynq will not come to.
// The task was looked at before the record is read here: what a worker has
// written of the mail by then stands in it.
func (s *Sweeper) mend(ctx context.Context, rec ledger.Record, t task) error {
	rec, err := s.Ledger.Look(ctx, rec.ID)
	if err != nil || !isOpen(rec.State) {
		return err
	}
	switch {
	case t.state == "", t.state == completed:
		return s.withoutTask(ctx, rec)
	case !t.listed:
		return s.unlisted(ctx, rec, t)
	default:
		return s.inArchive(ctx, rec, t)
	}
}

// unlisted puts a task back that is in none of its queue's lists, or active
// with nobody who holds it. The ledger lets it be sent only if it may be.
func (s *Sweeper) unlisted(ctx context.Context, rec ledger.Record, t task) error {
	healed, err := s.asynq.heal(ctx, rec.Queue, rec.ID)
	if !healed || err != nil {
		return err
	}
	if t.state == "active" {
		s.found(rec, foundNoLease)
	} else {
		s.found(rec, foundUnlisted)
	}
	return nil
}

// withoutTask finishes a person's retry that broke off, and settles any other
// mail: whoever deleted its task does not want it to go.
func (s *Sweeper) withoutTask(ctx context.Context, rec ledger.Record) error {
	if _, err := s.asynq.heal(ctx, rec.Queue, rec.ID); err != nil { // What is left of the task.
		return err
	}
	if rec.Requeue {
		err := s.Requeue(ctx, rec.ID)
		if err == nil {
			s.found(rec, foundRetry)
		}
		if !errors.Is(err, ledger.ErrNotKept) {
			return err
		}
	}
	state, lost, err := s.Ledger.Lose(ctx, rec.ID, ledger.LostAfter)
	if lost {
		s.found(rec, settledAs(state, foundDeleted))
	}
	return err
}

// inArchive finishes a person's retry that broke off, runs what asynq archived
// by itself, and settles what a person archived.
func (s *Sweeper) inArchive(ctx context.Context, rec ledger.Record, t task) error {
	if rec.State == ledger.Sending && !s.isPast(rec.Deadline) {
		return nil // Whoever sends it may live.
	}
	info, err := s.asynq.info(ctx, rec.Queue, rec.ID)
	if isGone(err) || err == nil && info.State != asynq.TaskStateArchived {
		return nil // Next time.
	}
	if err != nil {
		return err
	}
	if rec.Requeue {
		if err = s.Requeue(ctx, rec.ID); err == nil {
			s.found(rec, foundRetry)
		}
		return err
	}
	if countedOut(t, info) {
		if !rec.NextAt.IsZero() && !s.isPast(rec.NextAt) {
			return nil // Its pause is not over.
		}
		if err = s.asynq.run(ctx, rec.Queue, rec.ID); err == nil {
			s.found(rec, foundCountedOut)
		}
		return err
	}
	state, aside, err := s.Ledger.SetAside(ctx, rec.ID, ledger.LostAfter, info.Payload)
	if !aside || err != nil {
		return err
	}
	s.found(rec, settledAs(state, foundArchived))
	return s.keepWhole(ctx, rec.ID, info.Payload)
}

// isGone reports whether err says that there is no such task.
func isGone(err error) bool {
	return errors.Is(err, asynq.ErrTaskNotFound) || errors.Is(err, asynq.ErrQueueNotFound)
}

// settledAs is what was found, except where the mail was being sent.
func settledAs(state ledger.State, f found) found {
	if state == ledger.Unknown {
		return foundUnknown
	}
	return f
}

// found says what was wrong with a mail, and is right now.
func (s *Sweeper) found(rec ledger.Record, f found) {
	s.metrics.found.WithLabelValues(string(f)).Inc()
	s.Log.Warn("mail mended", zap.String("mail_id", rec.ID), zap.String("queue", s.Redact.Text(rec.Queue)),
		zap.String("found", string(f)), zap.String("state", string(rec.State)))
}
