package delivery

import (
	"context"
	"sync"
	"time"

	"github.com/hibiken/asynq"

	"github.com/postroom/postroom/tasks"
)

// postbox has one account's mail taken and sent.
type postbox struct {
	*handler
	late *sync.WaitGroup // What a stop did not wait for.
	end  context.CancelFunc
}

func (b *postbox) run(ctx context.Context) {
	// A worker that has just started keeps to what the others were told.
	if err := b.untilAnswered(ctx, "read the account's budget", b.learnBudget); err != nil {
		return // Told to stop before Redis was there.
	}
	watch, stopWatching := context.WithCancel(ctx)
	defer stopWatching()
	go b.watchBudget(watch)
	var both sync.WaitGroup
	for _, of := range []rank{critical, ordinary} {
		both.Go(func() { (&laneServers{b, of}).run(ctx) })
	}
	both.Wait()
}

// laneServers runs the asynq servers for one rank of an account's mail, and stops
// them while that can't be sent for long. Critical mail has one for itself, so
// that no other mail holds its handlers.
type laneServers struct {
	*postbox
	rank rank
}

func (l *laneServers) run(ctx context.Context) {
	for ctx.Err() == nil {
		closed, changed := l.gate.state(l.rank)
		if closed.isLong(l.Now()) {
			rest(ctx, closed.until.Sub(l.Now()), changed)
			continue
		}
		if err := l.serve(ctx); err != nil {
			l.redisTrouble("start an account's servers", err)
			_ = sleep(ctx, askAgainMax) // It ends early only with ctx.
		}
	}
}

// rest waits until ctx is done, the gate changes, or the time is over.
func rest(ctx context.Context, left time.Duration, changed <-chan struct{}) {
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-changed:
	case <-timer.C:
	}
}

// serve runs the servers until ctx is done or the account can't send for long.
func (l *laneServers) serve(ctx context.Context) error {
	handling, cancel := context.WithCancel(l.life)
	defer cancel()
	l.gate.reopen(l.rank)
	var servers []*asynq.Server
	// Whatever started is stopped, and what it held put back: first nobody
	// passes the gate and all who did have ended, then the tasks of those who
	// wait there go back, then their handlers are told.
	closed := false
	defer func() { l.stop(ctx, servers, closed) }()
	account := l.account()
	client := steadfast{UniversalClient: l.Redis, line: l.line, empty: l.empty, riders: l.riders, pause: pendingPoll}
	for _, handlers := range shares(l.Concurrency) {
		server := asynq.NewServerFromRedisClient(client, l.serverConfig(handling, l.queues(account), handlers))
		if err := server.Start(l); err != nil {
			return err
		}
		servers = append(servers, server)
	}
	closed = l.untilLongWait(ctx, account.Default)
	return nil
}

// queues are those that these servers take mail from.
func (l *laneServers) queues(account *Account) map[string]int {
	queues := map[string]int{}
	add := func(account string) {
		if l.rank == critical {
			queues[tasks.QueueName(tasks.Critical, account)] = 1
			return
		}
		queues[tasks.QueueName(tasks.Default, account)] = defaultWeight
		queues[tasks.QueueName(tasks.Bulk, account)] = 1
	}
	if l.address != "" {
		add(l.address)
	}
	if account.Default {
		add("")
	}
	if len(queues) == 0 {
		panic("delivery: an account without an address is not the default") // Validate refuses it.
	}
	return queues
}

// defaultWeight is how often the default lane is asked before bulk for once
// that it is the other way round: bulk mail is slow then, and never starves.
const defaultWeight = 10

// A server takes one task after the other from Redis, and more handlers than a
// few would wait for it. An account with more than that is to be fast; one
// with fewer may be one of hundreds, and a server costs a connection.
const (
	fewHandlers = 4
	fastShare   = 2
)

// shares divides handlers among servers.
func shares(handlers int) []int {
	share := fastShare
	if handlers <= fewHandlers {
		share = fewHandlers
	}
	var list []int
	for ; handlers > 0; handlers -= share {
		list = append(list, min(handlers, share))
	}
	return list
}

func (l *laneServers) serverConfig(ctx context.Context, queues map[string]int, handlers int) asynq.Config {
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
		Logger:                   asynqLog{l.log.Sugar()},
		LogLevel:                 asynq.ErrorLevel,
	}
}

// untilLongWait returns when ctx is done, the gate is closed for long, or the
// account became the default or is it no more: then its queues are others. It
// reports whether it was the gate.
func (l *laneServers) untilLongWait(ctx context.Context, isDefault bool) (isClosed bool) {
	for ctx.Err() == nil {
		closed, changed := l.gate.state(l.rank)
		if closed.isLong(l.Now()) {
			return true
		}
		if l.account().Default != isDefault {
			return false
		}
		left := aLongTime
		if closed.kind != "" {
			left = closed.until.Sub(l.Now())
		}
		rest(ctx, left, changed)
	}
	return false
}
