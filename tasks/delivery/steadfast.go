package delivery

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// steadfast is the Redis client that asynq's servers get.
//
// When a task's end can't be written, asynq tries again later under a context
// that it has cancelled meanwhile, so that the later try always fails and the
// task is delivered a second time (asynq v0.26.0 processor.go:312, PR #926).
// Scripts therefore run without their context's cancellation, and with its
// deadline. Both ways are needed: after a restart of Redis a script is not
// known, and EvalSha falls back to Eval.
//
// A queue that was just empty is not asked. What is put back goes one after the
// other, as line says. What becomes of a task takes its mail's outcome along, as
// riders says.
type steadfast struct {
	redis.UniversalClient

	line   *lineUp
	empty  *empties
	riders *riders
	// pause is the time between two dequeues where Redis gives an error: asynq
	// asks again at once.
	pause time.Duration
}

func (c steadfast) Eval(ctx context.Context, script string, keys []string, args ...any) *redis.Cmd {
	if id, ok := taskID(args); ok {
		if cmd, ok := c.withRider(lasting{ctx}, id, c.riders.learn(script), keys, args); ok {
			return cmd
		}
	}
	return c.UniversalClient.Eval(lasting{ctx}, script, keys, args...)
}

func (c steadfast) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	if queue, id, ok := putBack(keys, args); ok {
		c.line.await(queue, id)
		defer c.line.drop(queue, id)
	}
	if isDequeue(keys) {
		return c.dequeue(ctx, sha, keys, args)
	}
	if isForward(keys) {
		return c.forward(ctx, sha, keys, args)
	}
	growStack() // It is a task's end, as a rule.
	if id, ok := taskID(args); ok {
		if cmd, ok := c.withRider(lasting{ctx}, id, sha, keys, args); ok {
			return cmd
		}
	}
	return c.UniversalClient.EvalSha(lasting{ctx}, sha, keys, args...)
}

// dequeue asks a queue for a task, unless it had none a moment ago.
func (c steadfast) dequeue(ctx context.Context, sha string, keys []string, args []any) *redis.Cmd {
	pending := keys[0]
	if c.empty.skip(pending) {
		cmd := redis.NewCmd(ctx)
		cmd.SetErr(redis.Nil)
		return cmd
	}
	cmd := c.UniversalClient.EvalSha(lasting{ctx}, sha, keys, args...)
	switch err := cmd.Err(); {
	case err == nil:
		c.empty.note(pending, true)
	case errors.Is(err, redis.Nil):
		c.empty.note(pending, false)
	case !redis.HasErrorPrefix(err, "NOSCRIPT"):
		time.Sleep(c.pause)
	}
	return cmd
}

// isDequeue knows the script by its keys: it alone asks whether the queue is
// paused (asynq v0.26.0 internal/rdb/rdb.go, dequeueCmd).
func isDequeue(keys []string) bool {
	return len(keys) > 1 && strings.HasSuffix(keys[1], ":paused")
}

// taskID is the ID of the task that a script is about: it is the first argument of
// all that say what becomes of one (doneCmd, markAsCompleteCmd, requeueCmd,
// retryCmd and archiveCmd in the same file).
func taskID(args []any) (id string, ok bool) {
	if len(args) == 0 {
		return "", false
	}
	id, ok = args[0].(string)
	return id, ok
}

// forward moves what is due to its queue, unless nothing was a moment ago.
func (c steadfast) forward(ctx context.Context, sha string, keys []string, args []any) *redis.Cmd {
	set := keys[0]
	if c.empty.skipDelayed(set) {
		cmd := redis.NewCmd(ctx)
		cmd.SetVal(int64(0))
		return cmd
	}
	cmd := c.UniversalClient.EvalSha(lasting{ctx}, sha, keys, args...)
	if moved, err := cmd.Int64(); err == nil && moved == 0 {
		c.empty.noteDelayed(set)
	}
	return cmd
}

// isForward knows the script by its keys (forwardCmd in the same file).
func isForward(keys []string) bool {
	return len(keys) == 2 && strings.HasSuffix(keys[1], ":pending") &&
		(strings.HasSuffix(keys[0], ":scheduled") || strings.HasSuffix(keys[0], ":retry"))
}

// lasting is a context without its cancellation, and with its deadline.
type lasting struct{ context.Context } //nolint:containedctx // It is one.

func (lasting) Done() <-chan struct{} { return nil }
func (lasting) Err() error            { return nil }
