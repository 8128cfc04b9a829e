package ledgermodel_test

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// counter counts the commands that Redis did. A script that it does not know yet
// is none.
type counter struct{ commands int }

func (*counter) DialHook(next redis.DialHook) redis.DialHook { return next }

func (n *counter) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		n.count(err)
		return err
	}
}

func (n *counter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := next(ctx, cmds)
		for _, cmd := range cmds {
			n.count(cmd.Err())
		}
		return err
	}
}

func (n *counter) count(err error) {
	if !redis.HasErrorPrefix(err, "NOSCRIPT") {
		n.commands++
	}
}
