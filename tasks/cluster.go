package tasks

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/redis/go-redis/v9"
)

// follower has a cluster's client find out who has taken over from a master that
// does not answer. By itself the client would go on to ask the dead one until
// its minute is over (go-redis v9.23 ClusterStateReloadInterval): only a master
// that lives can say that another is in its place.
type follower struct{ cluster *redis.ClusterClient }

var _ redis.Hook = follower{}

// DialHook changes nothing.
func (follower) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook looks at what came of a command.
func (f follower) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		f.look(ctx, err)
		return err
	}
}

// ProcessPipelineHook looks at what came of each of a pipeline's commands.
func (f follower) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := next(ctx, cmds)
		f.look(ctx, err)
		for _, cmd := range cmds {
			f.look(ctx, cmd.Err())
		}
		return err
	}
}

// look has the cluster's nodes asked anew: beside the call, and not more often
// than the client allows, which is five times a second.
func (f follower) look(ctx context.Context, err error) {
	_, network := errors.AsType[net.Error](err)
	if network || errors.Is(err, io.EOF) || redis.IsClusterDownError(err) {
		f.cluster.ReloadState(ctx)
	}
}
