package main

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"github.com/postroom/postroom/internal/heap"
	"github.com/postroom/postroom/tasks"
)

// runCommand is `worker run`.
type runCommand struct {
	redisConfig    `embed:""`
	replicasConfig `embed:""`
	backendConfig  `embed:""`
	workerConfig   `embed:""`
}

// Run sends mail until it is told to stop. SIGHUP has it read its templates anew, and
// does nothing else: not when a terminal closes either.
func (r *runCommand) Run(ctx context.Context, to console) error {
	told := hangups() // Before anything else: a SIGHUP ends no worker.
	heap.RaiseFloor()
	log := newLogger(&r.logConfig, to.err)
	defer func() { _ = log.Sync() }() // A terminal can't be synced, and that is all right.
	rdb, err := openRedis(&r.redisConfig)
	if err != nil {
		return err
	}
	r.waitReplicas = int(r.WaitReplicas)
	w, err := newWorker(r.Backend, &r.workerConfig, rdb, log, to.out)
	if err == nil {
		err = w.listen(ctx)
	}
	if err != nil {
		return errors.Join(err, rdb.Close())
	}
	warnOfRedis(ctx, rdb, r.waitReplicas, log)
	w.warnOfTemplates()
	w.started = func() { w.announce(version) }
	go w.reloadAt(ctx, told)
	// The client is left to the process's end: where Redis does not answer,
	// asynq may still use it.
	return w.run(ctx)
}

// announce says what has started, and where.
func (w *worker) announce(version string) {
	fields := []zap.Field{zap.String("version", version), zap.String("backend", string(w.backend))}
	if from := w.cfg.From.Address.Address; from != "" { // Else the store knows the accounts.
		fields = append(fields, zap.String("account", w.cfg.Redact.Address(from)))
	}
	fields = append(fields, zap.Int("templates", len(w.templates.current().Names())), zap.Int("concurrency", int(w.cfg.Concurrency)))
	if w.admin != nil {
		fields = append(fields, zap.String("admin", "http://"+openable(w.admin.Addr())))
	}
	w.log.Info("worker started", fields...)
}

func openRedis(c *redisConfig) (redis.UniversalClient, error) {
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
