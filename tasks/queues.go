package tasks

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// queueNames keeps asynq's set of queues, in which dashboards and Status find a
// queue, as it should be. asynq's client puts a name in once, and never again:
// after Redis lost its data a producer that lives on would fill a queue that
// nobody sees.
type queueNames struct {
	rdb redis.UniversalClient

	mu    sync.Mutex
	named map[string]time.Time
}

const (
	// allQueues is the set's key.
	allQueues = "asynq:queues"
	// nameEvery is how long a queue that is in use may be without its name.
	nameEvery = 10 * time.Second
)

func newQueueNames(rdb redis.UniversalClient) *queueNames {
	return &queueNames{rdb: rdb, named: make(map[string]time.Time)}
}

// name puts the queue's name in, now and then.
func (q *queueNames) name(ctx context.Context, queue string, now time.Time) error {
	if !q.isDue(queue, now) {
		return nil
	}
	err := q.rdb.SAdd(ctx, allQueues, queue).Err()
	if err != nil {
		q.mu.Lock()
		q.named[queue] = time.Time{}
		q.mu.Unlock()
	}
	return err
}

// isDue has one call in nameEvery do it. The first is asynq's own.
func (q *queueNames) isDue(queue string, now time.Time) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	last, known := q.named[queue]
	if known && now.Sub(last) < nameEvery {
		return false
	}
	q.named[queue] = now
	return known
}
