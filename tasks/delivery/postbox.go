package delivery

import (
	"context"
	"sync"
	"time"

	"github.com/hibiken/asynq"

	"github.com/postroom/postroom/tasks"
)

// longWait is how long an account may be unable to send before its servers
// stop and its mail goes back to the queue.
const longWait = time.Minute

// isLong reports whether the account can't send for long, or has not been able
// to, pause after pause: no handler holds mail for as long as an asynq task may
// take.
func (c closure) isLong(now time.Time) bool {
	return c.kind != "" && max(c.until.Sub(now), now.Sub(c.since)) > longWait
}

// postbox runs one account's asynq servers, and stops them while the account
// can't send for long.
type postbox struct {
	*handler
	late *sync.WaitGroup // What a stop did not wait for.
	end  context.CancelFunc
}

func (b *postbox) run(ctx context.Context) {
	// A worker that has just started keeps to what the others were told.
	if err := b.untilAnswered(ctx, "read the account's freeze", b.learnFreeze); err != nil {
		return // Told to stop before Redis was there.
	}
	watch, stopWatching := context.WithCancel(ctx)
	defer stopWatching()
	go b.watchFreeze(watch)
	defer b.metrics.forget(b.Redact.Address(b.address))
	for ctx.Err() == nil {
		c, changed := b.gate.state()
		if c.isLong(b.Now()) {
			b.rest(ctx, c.until.Sub(b.Now()), changed)
			continue
		}
		if err := b.serve(ctx); err != nil {
			b.redisTrouble("start an account's servers", err)
			_ = sleep(ctx, askAgainMax) // It ends early only with ctx.
		}
	}
}

// rest waits until ctx is done, the gate changes, or the time is over.
func (b *postbox) rest(ctx context.Context, left time.Duration, changed <-chan struct{}) {
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-changed:
	case <-timer.C:
	}
}

// serve runs the servers until ctx is done or the account can't send for long.
func (b *postbox) serve(ctx context.Context) error {
	handling, cancel := context.WithCancel(b.life)
	defer cancel()
	b.gate.reopen()
	var servers []*asynq.Server
	// Whatever started is stopped, and what it held put back: first nobody
	// passes the gate and all who did have ended, then the tasks of those who
	// wait there go back, then their handlers are told.
	defer func() { b.stop(ctx, servers) }()
	account := b.account()
	client := steadfast{UniversalClient: b.Redis, line: b.line, empty: b.empty, pause: pendingPoll}
	for _, queues := range b.queues(account) {
		for _, handlers := range shares(b.Concurrency) {
			server := asynq.NewServerFromRedisClient(client, b.serverConfig(handling, queues, handlers))
			if err := server.Start(b); err != nil {
				return err
			}
			servers = append(servers, server)
		}
	}
	b.untilLongWait(ctx, account.Default)
	return nil
}

// queues are those of each server: the critical lane has one for itself, so
// that no other mail holds its handlers.
func (b *postbox) queues(account *Account) []map[string]int {
	urgent, rest := map[string]int{}, map[string]int{}
	add := func(account string) {
		urgent[tasks.QueueName(tasks.Critical, account)] = 1
		rest[tasks.QueueName(tasks.Default, account)] = defaultWeight
		rest[tasks.QueueName(tasks.Bulk, account)] = 1
	}
	if b.address != "" {
		add(b.address)
	}
	if account.Default {
		add("")
	}
	return []map[string]int{urgent, rest}
}

// defaultWeight is how often the default lane is asked before bulk for once
// that it is the other way round: bulk mail is slow then, and never starves.
const defaultWeight = 10

// share is how many handlers one server has: each server takes one task after
// the other from Redis, and more handlers than these would wait for it.
const share = 4

// shares divides handlers among servers.
func shares(handlers int) []int {
	var list []int
	for ; handlers > 0; handlers -= share {
		list = append(list, min(handlers, share))
	}
	return list
}

func (b *postbox) serverConfig(ctx context.Context, queues map[string]int, handlers int) asynq.Config {
	return asynq.Config{
		Concurrency:              handlers,
		BaseContext:              func() context.Context { return ctx },
		Queues:                   queues,
		TaskCheckInterval:        pendingPoll,
		DelayedTaskCheckInterval: delayedPoll,
		JanitorInterval:          janitorInterval,
		IsFailure:                isFailure,
		RetryDelayFunc:           retryDelay,
		ShutdownTimeout:          time.Millisecond,
		Logger:                   asynqLog{b.log.Sugar()},
		LogLevel:                 asynq.ErrorLevel,
	}
}

// untilLongWait returns when ctx is done, the gate is closed for long, or the
// account became the default or is it no more: then its queues are others.
func (b *postbox) untilLongWait(ctx context.Context, isDefault bool) {
	for ctx.Err() == nil {
		c, changed := b.gate.state()
		if b.account().Default != isDefault {
			return
		}
		b.showState()
		if c.isLong(b.Now()) {
			return
		}
		left := aLongTime
		if c.kind != "" {
			left = c.until.Sub(b.Now())
		}
		b.rest(ctx, left, changed)
	}
}

func (b *postbox) showState() {
	c := b.gate.standing()
	for _, kind := range []string{closedFrozen, closedUnreachable, closedBlocked} {
		value := 0.0
		if c.kind == kind {
			value = 1
		}
		b.metrics.closed.WithLabelValues(b.Redact.Address(b.address), kind).Set(value)
	}
}

// watchFreeze learns, again and again, what other workers were told about the
// account. While Redis does not answer nobody learns anything.
func (b *postbox) watchFreeze(ctx context.Context) {
	for sleep(ctx, freezePoll) == nil {
		_ = b.learnFreeze(ctx)
	}
}

func (b *postbox) learnFreeze(ctx context.Context) error {
	f, err := b.Budget.Frozen(ctx, b.address)
	if err != nil {
		return err
	}
	if c, _ := b.gate.state(); f.Until.After(b.Now()) && f.Until.After(c.until) {
		b.gate.close(closedFrozen, f.Reason, "", f.Until)
	}
	return nil
}

// freezePoll is how soon a worker knows of another's freeze.
const freezePoll = time.Second
