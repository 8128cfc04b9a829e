package delivery

import (
	"context"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"go.uber.org/zap"
)

// stop ends the servers and puts back what only waited. Where the process is to
// end (ctx is done) and Redis does not answer, it does not wait for that: what
// could not be put back is taken up again when its lease ends. Where the gate was
// closed, and opens meanwhile, what is sending is not waited for: its claim
// keeps it from going twice.
func (l *laneServers) stop(ctx context.Context, servers []*asynq.Server, closed bool) {
	stopped := l.within(ctx, func() { eachAtOnce(servers, (*asynq.Server).Stop) })
	grace, cancel := context.WithTimeout(context.WithoutCancel(l.life), l.Grace)
	defer cancel()
	needed := func() bool {
		now, _ := l.gate.state(l.rank)
		return closed && ctx.Err() == nil && !now.isLong(l.Now())
	}
	if !l.gate.shutDown(grace, l.rank, needed) && grace.Err() != nil {
		l.log.Warn("still sending at the end of the grace time; such mail is found unknown later",
			zap.Duration("grace", l.Grace))
	}
	time.Sleep(settleTime)
	// At once: their mail goes back in one line.
	if !l.within(ctx, func() { eachAtOnce(servers, (*asynq.Server).Shutdown) }) || !stopped {
		l.log.Warn("Redis does not answer; mail that waited here is taken up again when its lease ends")
	}
}

// stopPatience is how long Redis may take to hear that an account's servers
// stop.
const stopPatience = 5 * time.Second

func eachAtOnce(servers []*asynq.Server, do func(*asynq.Server)) {
	var all sync.WaitGroup
	for _, s := range servers {
		all.Go(func() { do(s) })
	}
	all.Wait()
}

// within reports whether do ended, at most stopPatience after ctx is done. It
// goes on all the same.
func (b *postbox) within(ctx context.Context, do func()) bool {
	done := make(chan struct{})
	b.late.Go(func() {
		do()
		close(done)
	})
	select {
	case <-done:
		return true
	case <-ctx.Done():
	}
	timer := time.NewTimer(stopPatience)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}

// settleTime lets asynq take up what the last handlers returned, before tasks
// are put back.
const settleTime = 20 * time.Millisecond
