package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/tasks"
)

// queue is how a command reaches Redis.
type queue struct {
	RedisURL string `name:"redis-url" env:"REDIS_URL" default:"redis://127.0.0.1:6379/0" help:"The queue's Redis. A password in it shows in a process list: set the variable."`

	address string // Where open's client asks.
}

// open returns a client and what closes it.
func (q *queue) open() (*tasks.Client, io.Closer, error) {
	rdb, err := tasks.OpenRedis(q.RedisURL)
	if err != nil {
		return nil, nil, usageError{err}
	}
	q.address = addressOf(rdb, q.RedisURL)
	return tasks.NewClient(rdb), rdb, nil
}

// addressOf is where a client asks, without user and password.
func addressOf(rdb redis.UniversalClient, redisURL string) string {
	if cluster, ok := rdb.(*redis.ClusterClient); ok {
		return strings.Join(cluster.Options().Addrs, ", ")
	}
	server, ok := rdb.(*redis.Client)
	if ok && !strings.Contains(redisURL, "+sentinel://") {
		return server.Options().Addr
	}
	u, err := url.Parse(redisURL)
	if err != nil {
		return "the sentinels"
	}
	return "the sentinels " + strings.Join(append([]string{u.Host}, u.Query()["addr"]...), ", ")
}

// where says of a Redis that did not answer, or with an error, which one it was.
func (q *queue) where(err error) error {
	_, answered := errors.AsType[redis.Error](err)
	if errors.Is(err, tasks.ErrUnavailable) || answered && !errors.Is(err, tasks.ErrLoginRefused) {
		return fmt.Errorf("%w; asked at %s, as --redis-url or REDIS_URL says", err, q.address)
	}
	return err
}
