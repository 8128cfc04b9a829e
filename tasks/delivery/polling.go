package delivery

import (
	"sync/atomic"
	"time"

	"github.com/postroom/postroom/tasks"
)

const (
	// pendingPoll is the time between two looks at an idle queue: the middle
	// mail waits for half of it.
	pendingPoll = 40 * time.Millisecond
	// delayedPoll is how exact scheduled and retried mail is.
	delayedPoll = time.Second
	// janitorInterval is for completed tasks, of which there are none.
	janitorInterval = 10 * time.Minute
)

// An idle process makes at most 500 script calls a second with up to 500
// accounts: 300 for pending mail and what asynq's servers say of themselves
// every five seconds, 150 for delayed mail, which takes two calls a queue, and
// 40 for the accounts' budgets.
const (
	pendingCalls   = 300
	fewestCalls    = 100 // For pending mail, however many accounts.
	heartbeatEvery = 5   // Seconds.
	delayedCalls   = 150
	budgetCalls    = 40
)

// polling is how often a process may ask each of its queues, however many servers
// ask. It follows the accounts as they come and go.
type polling struct{ queues, calls atomic.Int64 }

// share spreads the calls over the queues of so many accounts, and the plain
// ones. Each account has so many servers.
func (p *polling) share(accounts, servers int) {
	p.queues.Store(int64(len(tasks.Lanes()) * (accounts + 1)))
	p.calls.Store(int64(max(fewestCalls, pendingCalls-accounts*servers/heartbeatEvery)))
}

// pending is the least time between two looks at a queue that had no mail.
func (p *polling) pending() time.Duration {
	return time.Duration(p.queues.Load()) * time.Second / time.Duration(max(1, p.calls.Load()))
}

// delayed is the same for mail that is due later.
func (p *polling) delayed() time.Duration {
	return time.Duration(p.queues.Load()) * 2 * time.Second / delayedCalls
}

// budgets is the time between two looks at an account's budget.
func (p *polling) budgets() time.Duration {
	accounts := p.queues.Load() / int64(len(tasks.Lanes()))
	return max(budgetPoll, time.Duration(accounts)*time.Second/budgetCalls)
}
