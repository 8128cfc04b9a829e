package tasks

import (
	"context"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// inspect returns asynq's inspector, whose calls end when ctx does.
func (c *Client) inspect(ctx context.Context) *asynq.Inspector {
	return asynq.NewInspectorFromRedisClient(within{c.rdb, ctx})
}

// within makes a client's calls under a context of its own: asynq's inspector
// takes none, and makes these three.
type within struct {
	redis.UniversalClient
	ctx context.Context //nolint:containedctx // It is what within is for.
}

func (w within) SIsMember(_ context.Context, key string, member any) *redis.BoolCmd {
	return w.UniversalClient.SIsMember(w.ctx, key, member)
}

func (w within) EvalSha(_ context.Context, sha1 string, keys []string, args ...any) *redis.Cmd {
	return w.UniversalClient.EvalSha(w.ctx, sha1, keys, args...)
}

func (w within) Eval(_ context.Context, script string, keys []string, args ...any) *redis.Cmd {
	return w.UniversalClient.Eval(w.ctx, script, keys, args...)
}
