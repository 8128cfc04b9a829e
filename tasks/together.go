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
	h := &handing{}
	h.put = func(pipe redis.Pipeliner) {
		h.done = c.ledger.ReserveIn(ctx, pipe, o.email.ID, r)
	}
	err := c.handOver(ctx, o, r.Queue, h)
	if err != nil && !errors.Is(err, asynq.ErrTaskIDConflict) { // The conflict is with this very call, repeated.
		return Receipt{}, err
	}
	if h.done == nil || redis.HasErrorPrefix(h.done.Err(), "NOSCRIPT") {
		// A Redis that has just started does not know the script yet.
		_, _, err = c.ledger.Reserve(ctx, o.email.ID, r)
	} else {
		err = h.done.Err()
	}
	if err != nil {
		return Receipt{}, err
	}
	return o.receipt(r.Queue), nil
}

// handOver gives a task to asynq. Of what Redis answers asynq makes a text; the
// error here is the answer itself.
func (c *Client) handOver(ctx context.Context, o order, queue string, h *handing) error {
	if err := c.names.name(ctx, queue, c.now()); err != nil {
		return err
	}
	ctx = context.WithValue(ctx, handingKey{}, h)
	_, err := c.queue.EnqueueContext(ctx, o.task(), taskOptions(o.email.ID, queue, o.due)...)
	if err != nil && h.err != nil {
		return h.err
	}
	return err
}

// handing is what a call's context brings along to asynq's Redis client.
type handing struct {
	// put, where there is one, goes out before the task, in one pipeline.
	put  func(redis.Pipeliner)
	done *redis.Cmd
	// err is what came of the last command.
	err error
}

type handingKey struct{}

// together is the Redis client that asynq's gets.
type together struct{ redis.UniversalClient }

func (t together) EvalSha(ctx context.Context, sha1 string, keys []string, args ...any) *redis.Cmd {
	h, ok := ctx.Value(handingKey{}).(*handing)
	if !ok {
		return t.UniversalClient.EvalSha(ctx, sha1, keys, args...)
	}
	var task *redis.Cmd
	if h.put == nil {
		task = t.UniversalClient.EvalSha(ctx, sha1, keys, args...)
	} else {
		pipe := t.Pipeline()
		h.put(pipe)
		task = pipe.EvalSha(ctx, sha1, keys, args...)
		_, err := pipe.Exec(ctx)
		if h.done.Err() == nil && task.Err() == nil && err != nil {
			task.SetErr(err) // Redis's answer to the login, which go-redis tells no command of.
		}
	}
	h.err = task.Err()
	return task
}

// Eval is called where Redis does not know the script.
func (t together) Eval(ctx context.Context, script string, keys []string, args ...any) *redis.Cmd {
	task := t.UniversalClient.Eval(ctx, script, keys, args...)
	if h, ok := ctx.Value(handingKey{}).(*handing); ok {
		h.err = task.Err()
	}
	return task
}
