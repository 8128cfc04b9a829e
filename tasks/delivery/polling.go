package delivery

import (
	"time"

	"github.com/postroom/postroom/tasks"
)

// polling is how often a server asks Redis.
type polling struct {
	pending, delayed time.Duration
}

const (
	// pendingPoll is the time between two looks at an idle queue: the middle
	// mail waits for half of it.
	pendingPoll = 40 * time.Millisecond
	// delayedPoll is how exact scheduled and retried mail is.
	delayedPoll = time.Second
	// janitorInterval is for completed tasks, of which there are none.
	janitorInterval = 10 * time.Minute
)

// An idle process makes at most 500 script calls a second, whatever the number
// of its queues: 300 for pending mail and 150 for delayed mail, which takes
// two calls a queue.
const (
	pendingCalls = 300
	delayedCalls = 150
)

// pollingFor spreads the budget over the queues of so many accounts, and the
// servers that each of their queues has.
func pollingFor(accounts, concurrency int) polling {
	lanes := len(tasks.Lanes()) * (accounts + 1) // The plain lanes too.
	queues := lanes * len(shares(concurrency))
	return polling{
		pending: max(pendingPoll, seconds(queues, pendingCalls)),
		delayed: max(delayedPoll, seconds(2*queues, delayedCalls)),
	}
}

// seconds is how long so many calls take at so many a second.
func seconds(calls, aSecond int) time.Duration {
	return time.Duration(float64(calls) / float64(aSecond) * float64(time.Second))
}
