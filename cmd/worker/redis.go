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
)

// durability is what the docs promise only of a Redis that persists and never
// evicts.
type durability struct {
	// problems are sentences; empty where all is well.
	problems []string
	// unknown says that the server does not tell, as managed ones do.
	unknown bool
}

// readDurability asks the server how it keeps what it is given.
func readDurability(ctx context.Context, rdb redis.UniversalClient) (durability, error) {
	var d durability
	if err := rdb.Ping(ctx).Err(); err != nil {
		return d, err
	}
	settings := map[string]string{}
	for _, name := range []string{"appendonly", "maxmemory-policy"} {
		got, err := rdb.ConfigGet(ctx, name).Result()
		if err != nil {
			d.unknown = true
			return d, nil //nolint:nilerr // A server that answers PING and not CONFIG is managed, not away.
		}
		settings[name] = got[name]
	}
	if settings["appendonly"] != "yes" {
		d.problems = append(d.problems, "appendonly is off: accepted mail is lost when Redis ends (set appendonly yes)")
	}
	if policy := settings["maxmemory-policy"]; policy != "noeviction" && policy != "" {
		d.problems = append(d.problems, "maxmemory-policy is "+policy+": accepted mail is lost when memory runs out (set noeviction)")
	}
	return d, nil
}

// checkRedis is a line of `worker check`.
func (c *checkCommand) checkRedis(ctx context.Context) (string, error) {
	rdb, err := openRedis(&c.redisConfig)
	if err != nil {
		return "", err
	}
	defer func() { _ = rdb.Close() }()
	d, err := readDurability(ctx, rdb)
	switch {
	case err != nil:
		return "", fmt.Errorf("REDIS_URL: not reached: %w", err)
	case d.unknown:
		return "reached; its durability is not known (CONFIG refused)", nil
	case len(d.problems) > 0:
		return "", warningError{errors.New(strings.Join(d.problems, "; "))}
	}
	return "reached, appendonly, noeviction", nil
}

// warnOfRedis says at a worker's start what `worker check` would.
func warnOfRedis(ctx context.Context, rdb redis.UniversalClient, log *zap.Logger) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	d, err := readDurability(ctx, rdb)
	if err != nil {
		log.Error("Redis is not reached; waiting for it", zap.Error(err))
		return
	}
	for _, problem := range d.problems {
		log.Warn("Redis does not keep what it is given", zap.String("problem", problem))
	}
	if d.unknown {
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
