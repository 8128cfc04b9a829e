package tasks

import (
	"context"
	"errors"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// task looks at a task; noTask tells from the error that there is none.
func (c *Client) task(ctx context.Context, queue, id string) (*asynq.TaskInfo, error) {
	w := &within{UniversalClient: c.rdb, ctx: ctx}
	info, err := asynq.NewInspectorFromRedisClient(w).GetTaskInfo(queue, id)
	return info, w.plain(err)
}

// deleteTask deletes a task that no worker has.
func (c *Client) deleteTask(ctx context.Context, queue, id string) error {
	w := &within{UniversalClient: c.rdb, ctx: ctx}
	return w.plain(asynq.NewInspectorFromRedisClient(w).DeleteTask(queue, id))
}

// runTask moves a task that waits, or is in the archive, to its queue.
func (c *Client) runTask(ctx context.Context, queue, id string) error {
	w := &within{UniversalClient: c.rdb, ctx: ctx}
	return w.plain(asynq.NewInspectorFromRedisClient(w).RunTask(queue, id))
}

// within makes a client's calls under a context of its own: asynq's inspector
// takes none, and makes these three.
type within struct {
	redis.UniversalClient
	ctx context.Context //nolint:containedctx // It is what within is for.
	err error           // What came of the last.
}

// plain is Redis's own error, of which asynq makes a text.
func (w *within) plain(err error) error {
	if err == nil || w.err == nil || noTask(err) {
		return err
	}
	return w.err
}

// noTask reports whether err says that there is no such task.
func noTask(err error) bool {
	return errors.Is(err, asynq.ErrTaskNotFound) || errors.Is(err, asynq.ErrQueueNotFound)
}

func (w *within) SIsMember(_ context.Context, key string, member any) *redis.BoolCmd {
	cmd := w.UniversalClient.SIsMember(w.ctx, key, member)
	w.err = cmd.Err()
	return cmd
}

func (w *within) EvalSha(_ context.Context, sha1 string, keys []string, args ...any) *redis.Cmd {
	cmd := w.UniversalClient.EvalSha(w.ctx, sha1, keys, args...)
	w.err = cmd.Err()
	return cmd
}

func (w *within) Eval(_ context.Context, script string, keys []string, args ...any) *redis.Cmd {
	cmd := w.UniversalClient.Eval(w.ctx, script, keys, args...)
	w.err = cmd.Err()
	return cmd
}
