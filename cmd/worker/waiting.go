package main

import (
	"fmt"
	"slices"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/tasks"
)

// waitingFor is how many mails wait for an account.
func waitingFor(rdb redis.UniversalClient, address string) (n int, err error) {
	inspector := asynq.NewInspectorFromRedisClient(rdb)
	known, err := inspector.Queues()
	if err != nil {
		return 0, fmt.Errorf("count its mail: %w", err)
	}
	for _, lane := range tasks.Lanes() {
		name := tasks.QueueName(lane, address)
		if !slices.Contains(known, name) {
			continue
		}
		queue, err := inspector.GetQueueInfo(name)
		if err != nil {
			return 0, fmt.Errorf("count its mail: %w", err)
		}
		n += queue.Pending + queue.Scheduled + queue.Retry + queue.Active
	}
	return n, nil
}
