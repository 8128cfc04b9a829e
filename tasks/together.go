package tasks

import (
	"context"
	"errors"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/tasks/ledger"
)

// enqueueTogether reserves an ID that this call has made and hands the task to
// asynq in one round trip, in this order. Nobody else has the ID, so there is
// nothing that the reservation could find to keep the task back.
func (c *Client) enqueueTogether(ctx context.Context, o order, r ledger.Reservation) (Receipt, error) {
	before := &before{}
	before.put = func(pipe redis.Pipeliner) {
		before.done = c.ledger.ReserveIn(ctx, pipe, o.email.ID, r)
	}
	_, err := c.queue.EnqueueContext(context.WithValue(ctx, beforeKey{}, before), o.task(), taskOptions(o.email.ID, r.Queue, o.due)...)
	if err != nil && !errors.Is(err, asynq.ErrTaskIDConflict) { // The conflict is with this very call, repeated.
		return Receipt{}, err
	}
	if before.done == nil || redis.HasErrorPrefix(before.done.Err(), "NOSCRIPT") {
		// A Redis that has just started does not know the script yet.
		_, _, err = c.ledger.Reserve(ctx, o.email.ID, r)
	} else {
		err = before.done.Err()
	}
	if err != nil {
		return Receipt{}, err
	}
	return o.receipt(r.Queue), nil
}

// together is the Redis client that asynq's gets. What a call's context brings
// along goes out before asynq's own script, in one pipeline.
type together struct{ redis.UniversalClient }

// before is what goes out before a task.
type before struct {
	put  func(redis.Pipeliner)
	done *redis.Cmd
}

type beforeKey struct{}

func (t together) EvalSha(ctx context.Context, sha1 string, keys []string, args ...any) *redis.Cmd {
	b, ok := ctx.Value(beforeKey{}).(*before)
	if !ok {
		return t.UniversalClient.EvalSha(ctx, sha1, keys, args...)
	}
	pipe := t.Pipeline()
	b.put(pipe)
	task := pipe.EvalSha(ctx, sha1, keys, args...)
	_, _ = pipe.Exec(ctx) // Each command has its own error.
	return task
}
