package delivery

import (
	"context"
	"strings"

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
// The ends of many tasks come at once, and share round trips where there is a
// piped client. Only the dequeue goes straight: all else waits for it. What is
// put back goes one after the other, as line says.
type steadfast struct {
	redis.UniversalClient

	piped redis.UniversalClient
	line  *lineUp
}

func (c steadfast) Eval(ctx context.Context, script string, keys []string, args ...any) *redis.Cmd {
	return c.UniversalClient.Eval(lasting{ctx}, script, keys, args...)
}

func (c steadfast) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	if queue, id, ok := putBack(keys, args); ok {
		c.line.await(queue, id)
		defer c.line.drop(queue, id)
	}
	if c.piped != nil && !isDequeue(keys) {
		return c.piped.EvalSha(lasting{ctx}, sha, keys, args...)
	}
	return c.UniversalClient.EvalSha(lasting{ctx}, sha, keys, args...)
}

// isDequeue knows the script by its keys: it alone asks whether the queue is
// paused (asynq v0.26.0 internal/rdb/rdb.go, dequeueCmd).
func isDequeue(keys []string) bool {
	return len(keys) > 1 && strings.HasSuffix(keys[1], ":paused")
}

// lasting is a context without its cancellation, and with its deadline.
type lasting struct{ context.Context } //nolint:containedctx // It is one.

func (lasting) Done() <-chan struct{} { return nil }
func (lasting) Err() error            { return nil }
