package delivery

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/tasks/budget"
	"github.com/postroom/postroom/tasks/ledger"
	"github.com/postroom/postroom/tasks/redact"
)

// A Renderer turns a template and its data into what a reader reads. A name
// that it does not have is mailer.ErrNoTemplate.
type Renderer interface {
	Render(template, locale string, data map[string]any) (mailer.Content, error)
}

// Ledger is what delivery asks of the record of all mail.
type Ledger interface {
	Look(ctx context.Context, id string) (ledger.Record, error)
	AwaitReplicas(ctx context.Context, id string, n int, beside ...string) (int, error)
	Reserve(ctx context.Context, id string, r ledger.Reservation) (ledger.Record, bool, error)
	Begin(ctx context.Context, id string, a ledger.Attempt) (ledger.Claim, error)
	Finish(ctx context.Context, id string, c ledger.Change) (ledger.State, bool, error)
	FinishWith(ctx context.Context, id string, c ledger.Change, others func(redis.Pipeliner)) (ledger.State, bool, error)
	Looked(ctx context.Context, id string, u ledger.LookUp, a ledger.Absence) (ledger.State, bool, error)
	Reopen(ctx context.Context, id string, r ledger.Round) (ledger.Decision, error)
	Keep(ctx context.Context, id string, payload []byte) (time.Duration, error)
	Forgets() time.Duration
}

// Blobs gives back the attachments that Enqueue stored.
type Blobs interface {
	Get(ctx context.Context, sum string) ([]byte, error)
	Extend(ctx context.Context, sum string, until time.Time) error
}

// Budget is what an account may still send, as all workers see it.
type Budget interface {
	Freeze(ctx context.Context, account string, f budget.Freeze) (time.Time, error)
	Take(ctx context.Context, account string, s budget.Send) (budget.Answer, error)
	Give(ctx context.Context, account string, s budget.Send, e budget.End) error
	GiveIn(ctx context.Context, pipe redis.Pipeliner, account string, s budget.Send)
	Cut(ctx context.Context, account string, k budget.Kind) (int, error)
	Look(ctx context.Context, account string) (budget.State, error)
}

var (
	_ Ledger = (*ledger.Ledger)(nil)
	_ Budget = (*budget.Budget)(nil)
)

// Config is what a Pool needs. Fields without a stated default must be set.
type Config struct {
	// Redis is asynq's.
	Redis redis.UniversalClient
	// Accounts to send for at the start; one at most is the default. See
	// Pool.SetAccounts.
	Accounts []Account

	Renderer Renderer
	Ledger   Ledger
	Blobs    Blobs
	Budget   Budget

	// Concurrency is how many handlers each account has in this process for
	// its default and bulk lanes, and again for its critical lane. Default 4.
	Concurrency int
	// Attempts is after how many a mail is given up. Default 12.
	Attempts int
	// MaxAge is how much time a mail may spend between attempts because of
	// temporary errors before it is given up. Default 72 h.
	MaxAge time.Duration
	// Grace is how long a stopping Pool waits for what is sending. Default
	// 30 s.
	Grace time.Duration
	// WaitReplicas is for how many replicas a claim and a record of Sent wait:
	// a second at most, and not again for a while where that was not enough.
	// Default 0: for none.
	WaitReplicas int
	// SendTimeout is how long one send of so many bytes may take. The claim in
	// the ledger is longer by claimMargin. Default one minute whatever the size.
	SendTimeout func(size int64) time.Duration
	// RedirectAll gets all mail, and nobody else any, for an app that is tried
	// out with the data of real people. Default: each mail goes to its own.
	RedirectAll mailer.Address
	// Redact says how addresses stand in logs. Default: masked.
	Redact redact.Mode

	// Mark is told why an account turned out to be unable to send and what to
	// do, for other workers and people to know; and, without a reason, that it
	// can again. An error has it called again. Default: nobody is told.
	Mark func(ctx context.Context, account Account, blocked, remedy string) error

	// Log gets one line a delivery. Default: none.
	Log *zap.Logger
	// Metrics registers the Pool's. Default: none.
	Metrics prometheus.Registerer
	// AfterStep is called after each step of each mail, one after the other:
	// in the handler's own goroutine, or, for the last two of a mail that was
	// sent, in that of asynq's that ends its task. Default: nothing.
	AfterStep func(step Step, mailID string)
	// Now is the clock of expiry and retry times. Default time.Now.
	Now func() time.Time
}

// claimMargin is what a claim outlasts its send by: the time in which a worker
// that is alive certainly notices that the send is over.
const claimMargin = 15 * time.Second

func (c *Config) setDefaults() {
	if c.Concurrency == 0 {
		c.Concurrency = 4
	}
	if c.Attempts == 0 {
		c.Attempts = 12
	}
	if c.MaxAge == 0 {
		c.MaxAge = 72 * time.Hour
	}
	if c.Grace == 0 {
		c.Grace = 30 * time.Second
	}
	if c.SendTimeout == nil {
		c.SendTimeout = func(int64) time.Duration { return time.Minute }
	}
	if c.Mark == nil {
		c.Mark = func(context.Context, Account, string, string) error { return nil }
	}
	if c.Log == nil {
		c.Log = zap.NewNop()
	}
	if c.AfterStep == nil {
		c.AfterStep = func(Step, string) {}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
}

// Validate names the first field that is wrong.
func (c *Config) Validate() error {
	switch {
	case c.Redis == nil || c.Renderer == nil || c.Ledger == nil || c.Blobs == nil || c.Budget == nil:
		return errors.New("delivery: Redis, Renderer, Ledger, Blobs and Budget must be set")
	case c.Concurrency < 0 || c.Attempts < 0 || c.MaxAge < 0 || c.Grace < 0 || c.WaitReplicas < 0:
		return errors.New("delivery: Concurrency, Attempts, MaxAge, Grace and WaitReplicas must not be negative")
	}
	return validateAccounts(c.Accounts, c.Redact)
}
