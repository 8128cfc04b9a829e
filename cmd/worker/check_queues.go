package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/delivery"
)

// checkQueues names those in which mail waits that no account sends.
func (c *checkCommand) checkQueues(ctx context.Context, k known) []finding {
	if k.err != nil {
		return nil // The line before says it.
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	left, err := forsaken(ctx, k.rdb, k.all)
	if err != nil {
		return []finding{{"", fmt.Errorf("not read: %w", err)}}
	}
	if len(left) == 0 {
		return []finding{{"no mail waits for an account that is not there", nil}}
	}
	found := make([]finding, 0, len(left))
	for _, q := range left {
		found = append(found, finding{"", warningError{fmt.Errorf("%s: mail waits (%d), and no account sends it: %s",
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
	return "log in with that account (worker auth login), or archive it in the dashboard"
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
	var left []forsakenQueue
	names := rdb.SScan(ctx, keyQueues, 0, "", 0).Iterator()
	for names.Next(ctx) {
		_, account, ok := tasks.ParseQueue(names.Val())
		if !ok || served[strings.ToLower(account)] {
			continue
		}
		n, err := openMail(ctx, rdb, names.Val())
		if err != nil {
			return nil, err
		}
		if n > 0 {
			left = append(left, forsakenQueue{names.Val(), account, n})
		}
	}
	return left, names.Err()
}
