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
func (c *laneServers) stop(ctx context.Context, servers []*asynq.Server, closed bool) {
	stopped := c.within(ctx, func() { eachAtOnce(servers, (*asynq.Server).Stop) })
	grace, cancel := context.WithTimeout(context.WithoutCancel(c.life), c.Grace)
	defer cancel()
	needed := func() bool {
		now, _ := c.gate.state(c.rank)
		return closed && ctx.Err() == nil && !now.isLong(c.Now())
	}
	if !c.gate.shutDown(grace, c.rank, needed) && grace.Err() != nil {
		c.log.Warn("still sending at the end of the grace time; such mail is found unknown later",
			zap.Duration("grace", c.Grace))
	}
	time.Sleep(settleTime)
	// At once: their mail goes back in one line.
	if !c.within(ctx, func() { eachAtOnce(servers, (*asynq.Server).Shutdown) }) || !stopped {
		c.log.Warn("Redis does not answer; mail that waited here is taken up again when its lease ends")
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
