package sweeper

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"go.uber.org/zap"

	"github.com/postroom/postroom/tasks/ledger"
)

// Sweeper compares and mends. See New and Run.
type Sweeper struct {
	Config

	asynq   *broker
	metrics *metrics
	lease   *lease // nil where nobody else can be at work.

	free     time.Time       // When the next mail may be looked at.
	queuesAt time.Time       // When the queues were last gone through.
	left     map[string]bool // Queues that nobody consumes → whether that was said.
	failing  bool            // The last round broke off.
}

// New returns a Sweeper. Nothing runs yet, and Redis need not be there.
func New(cfg Config) (*Sweeper, error) {
	cfg.setDefaults()
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Sweeper{
		Config: cfg, asynq: newBroker(cfg.Redis, cfg.Now), metrics: newMetrics(cfg.Metrics), left: map[string]bool{},
	}, nil
}

// Run sweeps whenever no other Sweeper does, until ctx is done. It is called
// once.
func (s *Sweeper) Run(ctx context.Context) {
	s.lease = newLease(s.Redis, s.Lease)
	for ctx.Err() == nil {
		taken, err := s.lease.take(ctx)
		if taken {
			err = s.work(ctx)
		}
		s.note(ctx, err)
		_ = sleep(ctx, s.Lease/2)
	}
}

// giveBackLimit is how long the end of a Sweeper waits for Redis.
const giveBackLimit = time.Second

// work goes round after round for as long as the lease is held.
func (s *Sweeper) work(ctx context.Context) error {
	defer func() {
		s.metrics.forget()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), giveBackLimit)
		defer cancel()
		s.lease.giveBack(ctx)
	}()
	for {
		if err := s.round(ctx); err != nil {
			return err
		}
		s.note(ctx, nil)
		if err := s.wait(ctx, time.Now().Add(s.Pause)); err != nil {
			return err
		}
	}
}

// note says once that rounds break off.
func (s *Sweeper) note(ctx context.Context, err error) {
	if ctx.Err() != nil || errors.Is(err, errLost) {
		return
	}
	if err != nil && !s.failing {
		s.Log.Warn("sweep broke off; it goes on later", zap.Error(err))
	}
	s.failing = err != nil
}

// round goes once through all shards, one after the other, and through the
// queues: at its end, and every few minutes of a long one. It begins anywhere,
// so that Sweepers that never get to the end come to all of them.
func (s *Sweeper) round(ctx context.Context) error {
	first := rand.IntN(ledger.Shards) //nolint:gosec // Any will do.
	var open, failed int64
	for i := range ledger.Shards {
		o, f, err := s.shard(ctx, (first+i)%ledger.Shards)
		if err != nil {
			return err
		}
		open, failed = open+o, failed+f
		if time.Since(s.queuesAt) < s.Every && i+1 < ledger.Shards {
			continue
		}
		if err := s.queues(ctx); err != nil {
			return err
		}
		s.queuesAt = time.Now()
	}
	s.metrics.roundEnded(s.Now(), open, failed)
	return nil
}
