package main

import (
	"context"
	"fmt"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/tasks"
)

// keyQueues is where asynq has the names of all queues.
const keyQueues = "asynq:queues"

// waitingFor is how many mails wait for an account.
func waitingFor(ctx context.Context, rdb redis.UniversalClient, address string) (n int, err error) {
	for _, lane := range tasks.Lanes() {
		open, err := openMail(ctx, rdb, tasks.QueueName(lane, address))
		if err != nil {
			return 0, fmt.Errorf("count its mail: %w", err)
		}
		n += open
	}
	return n, nil
}

// openMail is how many mails of a queue have no outcome yet. A queue that is not
// there has none.
func openMail(ctx context.Context, rdb redis.UniversalClient, queue string) (int, error) {
	info, err := asynq.NewInspectorFromRedisClient(rdb).GetQueueInfo(queue)
	if err == nil {
		return info.Pending + info.Active + info.Scheduled + info.Retry, nil
	}
	// GetQueueInfo, alone of all, does not say ErrQueueNotFound.
	if there, unknown := rdb.SIsMember(ctx, keyQueues, queue).Result(); unknown == nil && !there {
		return 0, nil
	}
	return 0, err
}
