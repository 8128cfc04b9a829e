package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"github.com/postroom/postroom/tasks/admin"
)

// checkRedis is a line of `worker check`.
func (c *checkCommand) checkRedis(wait int) func(ctx context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		rdb, err := openRedis(&c.redisConfig)
		if err != nil {
			return "", err
		}
		defer func() { _ = rdb.Close() }()
		state, err := admin.LookAtRedis(ctx, rdb, wait)
		switch {
		case err != nil:
			return "", fmt.Errorf("REDIS_URL: not reached: %w", err)
		case state.Refuses != "":
			return "", fmt.Errorf("REDIS_URL: refuses writes: %s", state.Refuses)
		case len(state.Problems) > 0:
			return "", warningError{errors.New(strings.Join(state.Problems, "; "))}
		case state.Unknown:
			return "reached; its durability is not known (CONFIG refused)", nil
		}
		return "reached, appendonly, noeviction", nil
	}
}

// warnOfRedis says at a worker's start what `worker check` would.
func warnOfRedis(ctx context.Context, rdb redis.UniversalClient, wait int, log *zap.Logger) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	state, err := admin.LookAtRedis(ctx, rdb, wait)
	switch {
	case err != nil:
		log.Error("Redis is not reached; waiting for it", zap.Error(err))
	case state.Refuses != "":
		log.Error("Redis refuses writes; waiting for it", zap.String("problem", state.Refuses))
	}
	for _, problem := range state.Problems {
		log.Warn("Redis does not keep what it is given", zap.String("problem", problem))
	}
	if state.Unknown {
		log.Info("Redis does not tell how it keeps what it is given")
	}
}

// redisError is about a Redis that was not reached, or did not answer.
type redisError struct{ error }

func (e redisError) Unwrap() error { return e.error }

// ofRedis marks an error of the store's that says that Redis does not answer.
func ofRedis(err error) error {
	_, network := errors.AsType[net.Error](err)
	away := network || errors.Is(err, io.EOF) || errors.Is(err, redis.ErrPoolTimeout) || errors.Is(err, context.DeadlineExceeded) ||
		redis.IsLoadingError(err) || redis.IsMasterDownError(err) || redis.IsClusterDownError(err)
	if err != nil && away {
		return redisError{fmt.Errorf("REDIS_URL: %w", err)}
	}
	return err
}
