package main

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"github.com/postroom/postroom/tasks"
)

// runCommand is `worker run`.
type runCommand struct {
	config `embed:""`
}

// Run sends mail until it is told to stop.
func (r *runCommand) Run(ctx context.Context, to console) error {
	log := newLogger(&r.config, to.err)
	defer func() { _ = log.Sync() }() // A terminal can't be synced, and that is all right.
	rdb, err := openRedis(&r.config)
	if err != nil {
		return err
	}
	w, err := newWorker(ctx, &r.config, rdb, log, to.out)
	if err != nil {
		return errors.Join(err, rdb.Close())
	}
	warnOfRedis(ctx, rdb, log)
	w.announce(version)
	return errors.Join(w.run(ctx), rdb.Close())
}

// announce says what has started, and where.
func (w *worker) announce(version string) {
	fields := []zap.Field{
		zap.String("version", version), zap.String("backend", string(w.cfg.Backend)),
		zap.String("account", w.cfg.Redact.Address(w.cfg.From.Address.Address)),
		zap.Int("templates", len(w.templates.Names())), zap.Int("concurrency", int(w.cfg.Concurrency)),
	}
	if w.admin != nil {
		fields = append(fields, zap.String("admin", "http://"+w.admin.Addr()))
	}
	w.log.Info("worker started", fields...)
}

func openRedis(c *config) (redis.UniversalClient, error) {
	rdb, err := tasks.OpenRedis(c.RedisURL)
	if err != nil {
		return nil, usageError{err}
	}
	return rdb, nil
}

// silence keeps go-redis from writing to stderr past the log: whoever asked
// Redis gets the error and logs it.
type silence struct{}

func (silence) Printf(context.Context, string, ...any) {}
