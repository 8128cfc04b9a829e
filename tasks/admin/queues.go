package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
)

const (
	// scrapeLimit is how long Redis may take for one scrape, well within
	// Prometheus's own default of 10 s.
	scrapeLimit = 3 * time.Second
	// MaxQueues is how many queues a scrape shows, the first by name: each is
	// seven series. postroom_queues counts them all.
	MaxQueues = 5000
	// queuesAtOnce is how many queues are asked for in one pipeline.
	queuesAtOnce = 200
)

// Queues collects the sizes of all asynq queues when it is scraped:
//
//	postroom_queue_tasks{queue,state}      tasks
//	postroom_queue_latency_seconds{queue}  age of the oldest pending task
//	postroom_queue_paused{queue}           1 while an operator paused it, else 0
//	postroom_queues                        queues there are, also those not shown
//	postroom_redis_up                      1 when Redis answered this scrape, else 0
//
// Label queue is the queue's name, "default" or "default:shop@example.com";
// state is pending, active, scheduled, retry or archived. While Redis is away
// postroom_redis_up alone is there.
//
// It reads asynq's lists and sets themselves, seven or eight commands a queue,
// in two pipelines for each 200 queues. asynq's Inspector has the same numbers,
// but takes three round trips a queue, one of them a script that samples the
// memory of up to 120 tasks: BenchmarkQueues compares the two.
type Queues struct {
	rdb   redis.UniversalClient
	now   func() time.Time
	turns turns

	tasks, latency, paused, count, up *prometheus.Desc
}

var _ prometheus.Collector = (*Queues)(nil)

// NewQueues returns the collector; now is the clock that producers go by.
func NewQueues(rdb redis.UniversalClient, now func() time.Time) *Queues {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("postroom_"+name, help, labels, nil)
	}
	return &Queues{
		rdb: rdb, now: now, turns: newTurns(),
		tasks: desc("queue_tasks",
			"Tasks in a queue, by state: pending, active, scheduled, retry, archived.", "queue", "state"),
		latency: desc("queue_latency_seconds", "Age of a queue's oldest pending task.", "queue"),
		paused:  desc("queue_paused", "1 while an operator paused the queue, else 0.", "queue"),
		count:   desc("queues", "Queues there are."),
		up:      desc("redis_up", "1 when Redis answered this scrape, else 0."),
	}
}

// Describe sends the five descriptions.
func (q *Queues) Describe(ch chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{q.tasks, q.latency, q.paused, q.count, q.up} {
		ch <- desc
	}
}

// Collect reads all queues, or none.
func (q *Queues) Collect(ch chan<- prometheus.Metric) {
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	read, err := take(context.Background(), &q.turns, scrapeLimit, q.read)
	if err != nil {
		gauge(q.up, 0)
		return
	}
	gauge(q.up, 1)
	gauge(q.count, float64(read.total))
	for _, s := range read.sizes {
		for _, state := range []struct {
			name string
			n    *redis.IntCmd
		}{
			{"pending", s.pending},
			{"active", s.active},
			{"scheduled", s.scheduled},
			{"retry", s.retry},
			{"archived", s.archived},
		} {
			gauge(q.tasks, float64(state.n.Val()), s.queue, state.name)
		}
		gauge(q.latency, s.latency(q.now()).Seconds(), s.queue)
		gauge(q.paused, float64(s.paused.Val()), s.queue)
	}
}

// reading is all queues at one time.
type reading struct {
	total int
	sizes []*size
}

func (q *Queues) read(ctx context.Context) (reading, error) {
	names, err := q.rdb.SMembers(ctx, "asynq:queues").Result()
	if err != nil {
		return reading{}, fmt.Errorf("list queues: %w", err)
	}
	slices.Sort(names)
	r := reading{total: len(names)}
	for some := range slices.Chunk(names[:min(len(names), MaxQueues)], queuesAtOnce) {
		sizes := make([]*size, len(some))
		for i, name := range some {
			sizes[i] = &size{queue: name}
		}
		if err := q.pipeline(ctx, sizes, (*size).ask); err != nil {
			return reading{}, fmt.Errorf("read queue sizes: %w", err)
		}
		if err := q.pipeline(ctx, sizes, (*size).askOldest); err != nil {
			return reading{}, fmt.Errorf("read queue latencies: %w", err)
		}
		r.sizes = append(r.sizes, sizes...)
	}
	return r, nil
}

// pipeline has each size ask its questions, in one round trip.
func (q *Queues) pipeline(ctx context.Context, sizes []*size, ask func(*size, context.Context, redis.Pipeliner)) error {
	answers, _ := q.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, s := range sizes {
			ask(s, ctx, p)
		}
		return nil
	})
	// Pipelined's own error is the first answer's, and the first may be a
	// harmless one: an empty queue has no oldest task.
	for _, a := range answers {
		if err := a.Err(); err != nil && !errors.Is(err, redis.Nil) {
			return err
		}
	}
	return nil
}

// size is what Redis said of one queue, in asynq's own keys
// (asynq v0.26.0, internal/base/base.go).
type size struct {
	queue                                       string
	pending, active, scheduled, retry, archived *redis.IntCmd
	paused                                      *redis.IntCmd
	oldest, since                               *redis.StringCmd
}

func (s *size) key(suffix string) string { return "asynq:{" + s.queue + "}:" + suffix }

func (s *size) ask(ctx context.Context, p redis.Pipeliner) {
	s.pending = p.LLen(ctx, s.key("pending"))
	s.active = p.LLen(ctx, s.key("active"))
	s.scheduled = p.ZCard(ctx, s.key("scheduled"))
	s.retry = p.ZCard(ctx, s.key("retry"))
	s.archived = p.ZCard(ctx, s.key("archived"))
	s.paused = p.Exists(ctx, s.key("paused"))
	s.oldest = p.LIndex(ctx, s.key("pending"), -1)
}

func (s *size) askOldest(ctx context.Context, p redis.Pipeliner) {
	if id := s.oldest.Val(); id != "" {
		s.since = p.HGet(ctx, s.key("t:"+id), "pending_since")
	}
}

// latency is zero where nothing waits, where a worker took the oldest task
// meanwhile, and where the producer's clock is ahead of ours.
func (s *size) latency(now time.Time) time.Duration {
	if s.since == nil {
		return 0
	}
	nanoseconds, err := s.since.Int64()
	if err != nil {
		return 0
	}
	return max(0, now.Sub(time.Unix(0, nanoseconds)))
}
