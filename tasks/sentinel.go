package tasks

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/redis/go-redis/v9"
)

// namer says of a sentinel's answer that leads to no master what is wrong with
// the URL. go-redis calls such sentinels unreachable, and gives the answer for
// Redis's own: pipelines then tell none of their commands of it.
type namer struct{ master string }

var _ redis.Hook = namer{}

// DialHook looks at what came of asking the sentinels.
func (n namer) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := next(ctx, network, addr)
		switch {
		case errors.Is(err, redis.Nil):
			return nil, fmt.Errorf("the sentinels know no master %q: look at master_name in REDIS_URL", n.master)
		case err != nil && strings.Contains(err.Error(), "ERR unknown command 'sentinel'"):
			return nil, errors.New("what answers is no sentinel: look at host and port in REDIS_URL")
		}
		return conn, err
	}
}

// ProcessHook changes nothing.
func (namer) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

// ProcessPipelineHook changes nothing.
func (namer) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}
