package sweeper

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/directory"
)

// allQueues is where asynq has the names of all queues.
const allQueues = "asynq:queues"

// queues goes through all queues, a page at a time: their archives are trimmed,
// and those are told of that have mail and nobody who sends it.
func (s *Sweeper) queues(ctx context.Context) error {
	served, err := s.Directory.Read(ctx)
	if err != nil {
		return err
	}
	left := map[string]bool{}
	for cursor, more := uint64(0), true; more; more = cursor != 0 {
		var names []string
		if names, cursor, err = s.Redis.SScan(ctx, allQueues, cursor, "", pageSize).Result(); err != nil {
			return fmt.Errorf("list queues: %w", err)
		}
		page, err := s.sizes(ctx, names)
		if err != nil {
			return err
		}
		for _, q := range page {
			if err := s.trim(ctx, q); err != nil {
				return err
			}
			if q.open() > 0 && served.Known() && !isServed(served, q.account) {
				left[q.name] = s.sayLeft(q)
			}
		}
	}
	s.left = left
	s.metrics.leftAlone(len(left))
	return nil
}

// queue is one of ours, and how much is in it.
type queue struct {
	name, account                     string
	pending, active, scheduled, retry *redis.IntCmd
	archived                          *redis.IntCmd
	oldest                            *redis.ZSliceCmd // In its archive.
}

func (q *queue) open() int64 {
	return q.pending.Val() + q.active.Val() + q.scheduled.Val() + q.retry.Val()
}

// sizes reads the queues among those names that are Postroom's, in one round
// trip.
func (s *Sweeper) sizes(ctx context.Context, names []string) ([]*queue, error) {
	pipe := s.Redis.Pipeline()
	var all []*queue
	for _, name := range names {
		_, account, ok := tasks.ParseQueue(name)
		if !ok {
			continue // Another program's.
		}
		all = append(all, &queue{
			name: name, account: account,
			pending: pipe.LLen(ctx, queueKey(name, "pending")), active: pipe.LLen(ctx, queueKey(name, "active")),
			scheduled: pipe.ZCard(ctx, queueKey(name, "scheduled")), retry: pipe.ZCard(ctx, queueKey(name, "retry")),
			archived: pipe.ZCard(ctx, queueKey(name, archived)), oldest: pipe.ZRangeWithScores(ctx, queueKey(name, archived), 0, 0),
		})
	}
	if err := s.turn(ctx, len(all)); err != nil || len(all) == 0 {
		return nil, err
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, fmt.Errorf("read queue sizes: %w", err)
	}
	return all, nil
}

// isServed reports whether a worker sends for the account. Of one that can't
// send now, workers say so elsewhere.
func isServed(d directory.Directory, account string) bool {
	if account == "" {
		_, ok := d.Default()
		return ok
	}
	_, ok := d.Account(account)
	return ok
}

// sayLeft says once that nobody sends a queue's mail, when it was so the last
// time too: while workers are replaced it may be so for a moment. It reports
// whether that was said.
func (s *Sweeper) sayLeft(q *queue) bool {
	said, before := s.left[q.name]
	if !before || said {
		return said
	}
	s.Log.Warn("mail waits in a queue that nobody consumes", zap.String("queue", s.Redact.Text(q.name)), zap.Int64("mails", q.open()),
		zap.String("remedy", remedy(q.account)))
	return true
}

func remedy(account string) string {
	if account == "" {
		return "no account is the default: set POSTROOM_FROM, or worker auth login --default"
	}
	return "log in with that account (worker auth login), or archive its mail in the dashboard"
}
