package sweeper

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"github.com/postroom/postroom/tasks/blobs"
	"github.com/postroom/postroom/tasks/directory"
	"github.com/postroom/postroom/tasks/ledger"
	"github.com/postroom/postroom/tasks/redact"
)

// Ledger is what a Sweeper asks of the record of all mail.
type Ledger interface {
	Open(ctx context.Context, shard int, unseen time.Duration, n int) ([]string, error)
	Seen(ctx context.Context, shard int, ids ...string) error
	Look(ctx context.Context, id string) (ledger.Record, error)
	LookAll(ctx context.Context, ids []string) ([]ledger.Record, error)
	Lose(ctx context.Context, id string, idle time.Duration) (ledger.State, bool, error)
	SetAside(ctx context.Context, id string, idle time.Duration, payload []byte) (ledger.State, bool, error)
	Requeued(ctx context.Context, id string) error
	Keep(ctx context.Context, id string, payload []byte) (time.Duration, error)
	Tidy(ctx context.Context, shard, n int) (int64, error)
	Counts(ctx context.Context, shard int) (open, failed int64, err error)
}

// Blobs are the attachments that Enqueue stored.
type Blobs interface {
	Extend(ctx context.Context, sum string, until time.Time) error
}

// Directory says which accounts the workers send for.
type Directory interface {
	Read(ctx context.Context) (directory.Directory, error)
}

var (
	_ Ledger    = (*ledger.Ledger)(nil)
	_ Blobs     = (*blobs.Store)(nil)
	_ Directory = (*directory.Store)(nil)
)

// Config is what a Sweeper needs. Fields without a stated default must be set.
type Config struct {
	// Redis is asynq's, and holds the lease.
	Redis     redis.UniversalClient
	Ledger    Ledger
	Blobs     Blobs
	Directory Directory
	// Requeue has asynq take up a reopened mail, and says so in the ledger. Where
	// nothing is left to send, that is ledger.ErrNotKept.
	Requeue func(ctx context.Context, id string) error

	// Rate is how many mails are looked at in a second at most. Default 200,
	// which is less than a hundredth of what a Redis can do.
	Rate int
	// Every is how long after a look the same mail is looked at again, or later
	// where there are more than Rate allows. Default 5 min.
	Every time.Duration
	// Pause is the time between two rounds. Default 1 min.
	Pause time.Duration
	// Lease is how long after the Sweeper at work has died another one takes
	// over, or twice as long. Default 30 s.
	Lease time.Duration
	// ArchiveSize and ArchiveAge bound asynq's archive of each queue. asynq
	// itself deletes beyond 10,000 and 90 days, and can't archive any more where
	// some 8,000 grow too old together. Defaults 5,000 and 30 days.
	ArchiveSize int
	ArchiveAge  time.Duration

	// Redact says how addresses stand in logs. Default: masked.
	Redact redact.Mode
	// Log gets one line a mail that was mended. Default: none.
	Log *zap.Logger
	// Metrics registers the Sweeper's. Default: none.
	Metrics prometheus.Registerer
	// Now is the clock that asynq's leases go by. Default time.Now.
	Now func() time.Time
}

func (c *Config) setDefaults() {
	if c.Rate == 0 {
		c.Rate = 200
	}
	if c.Every == 0 {
		c.Every = 5 * time.Minute
	}
	if c.Pause == 0 {
		c.Pause = time.Minute
	}
	if c.Lease == 0 {
		c.Lease = 30 * time.Second
	}
	if c.ArchiveSize == 0 {
		c.ArchiveSize = 5000
	}
	if c.ArchiveAge == 0 {
		c.ArchiveAge = 30 * 24 * time.Hour
	}
	if c.Log == nil {
		c.Log = zap.NewNop()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
}

// Validate names the first field that is wrong.
func (c *Config) Validate() error {
	switch {
	case c.Redis == nil || c.Ledger == nil || c.Blobs == nil || c.Directory == nil || c.Requeue == nil:
		return errors.New("sweeper: Redis, Ledger, Blobs, Directory and Requeue must be set")
	case c.Rate < 0 || c.Every < 0 || c.Pause < 0 || c.Lease < 0 || c.ArchiveSize < 0 || c.ArchiveAge < 0:
		return errors.New("sweeper: Rate, Every, Pause, Lease, ArchiveSize and ArchiveAge must not be negative")
	}
	return nil
}
