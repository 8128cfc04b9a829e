package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/delivery"
)

// checkQueues names those in which mail waits that no account sends.
func (c *checkCommand) checkQueues(ctx context.Context) []finding {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	rdb, err := openRedis(&c.redisConfig)
	if err != nil {
		return []finding{{"", err}}
	}
	defer func() { _ = rdb.Close() }()
	_, all, err := c.readAccounts(ctx, rdb)
	if err != nil {
		return nil // The line before says it.
	}
	left, err := forsaken(ctx, rdb, all)
	if err != nil {
		return []finding{{"", fmt.Errorf("not read: %w", err)}}
	}
	if len(left) == 0 {
		return []finding{{"no mail waits for an account that is not there", nil}}
	}
	found := make([]finding, 0, len(left))
	for _, q := range left {
		found = append(found, finding{"", warningError{fmt.Errorf("%s: %d mails wait, and no account sends them: %s",
			c.Redact.Text(q.name), q.mails, q.remedy())}})
	}
	return found
}

// forsakenQueue is one whose mail nobody sends.
type forsakenQueue struct {
	name, account string
	mails         int
}

func (q forsakenQueue) remedy() string {
	if q.account == "" {
		return "no account is the default: set POSTROOM_FROM, or worker auth login --default"
	}
	return "log in with that account (worker auth login), or archive them in the dashboard"
}

// forsaken finds the queues of accounts that are not among all. It reads their
// names page by page.
func forsaken(ctx context.Context, rdb redis.UniversalClient, all []delivery.Account) ([]forsakenQueue, error) {
	served := map[string]bool{}
	for _, a := range all {
		served[strings.ToLower(a.Address)] = true
		if a.Default {
			served[""] = true
		}
	}
	inspector := asynq.NewInspectorFromRedisClient(rdb)
	var left []forsakenQueue
	names := rdb.SScan(ctx, "asynq:queues", 0, "", 0).Iterator()
	for names.Next(ctx) {
		_, account, ok := tasks.ParseQueue(names.Val())
		if !ok || served[strings.ToLower(account)] {
			continue
		}
		info, err := inspector.GetQueueInfo(names.Val())
		if errors.Is(err, asynq.ErrQueueNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if n := info.Pending + info.Active + info.Scheduled + info.Retry; n > 0 {
			left = append(left, forsakenQueue{names.Val(), account, n})
		}
	}
	return left, names.Err()
}
