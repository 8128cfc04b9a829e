package sweeper

import (
	"context"
	"crypto/rand"
	_ "embed" // For lease.lua.
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// leaseKey is held by the Sweeper that is at work.
const leaseKey = "postroom:{sweeper}:lease"

//go:embed lease.lua
var leaseSource string

var leaseScript = redis.NewScript(leaseSource)

// errLost says that another Sweeper is at work.
var errLost = errors.New("another sweeper has taken over")

// lease is what one Sweeper at a time holds. Two that think that they do are no
// harm: it keeps the work from being done twice, and nothing depends on it.
type lease struct {
	rdb     redis.UniversalClient
	token   string
	lasts   time.Duration
	renewed time.Time // On this process's monotonic clock.
}

func newLease(rdb redis.UniversalClient, lasts time.Duration) *lease {
	return &lease{rdb: rdb, token: rand.Text(), lasts: lasts}
}

// take takes the lease where nobody has it.
func (l *lease) take(ctx context.Context) (taken bool, err error) {
	began := time.Now()
	err = l.rdb.SetArgs(ctx, leaseKey, l.token, redis.SetArgs{Mode: "NX", TTL: l.lasts}).Err()
	if errors.Is(err, redis.Nil) {
		// A client repeats what it got no answer to: it may be ours.
		return l.hold(ctx, l.lasts)
	}
	if err != nil {
		return false, fmt.Errorf("take the sweeper's lease: %w", err)
	}
	l.renewed = began
	return true, nil
}

// renew renews the lease where that is due. It is errLost where another one has
// it.
func (l *lease) renew(ctx context.Context) error {
	began := time.Now()
	if began.Sub(l.renewed) < l.lasts/4 {
		return nil
	}
	held, err := l.hold(ctx, l.lasts)
	if err != nil {
		return err
	}
	if !held {
		return errLost
	}
	l.renewed = began
	return nil
}

// giveBack lets another Sweeper take over at once.
func (l *lease) giveBack(ctx context.Context) {
	_, _ = l.hold(ctx, 0) // Else it ends by itself.
}

func (l *lease) hold(ctx context.Context, lasts time.Duration) (bool, error) {
	held, err := leaseScript.Run(ctx, l.rdb, []string{leaseKey}, l.token, lasts.Milliseconds()).Bool()
	if err != nil {
		return false, fmt.Errorf("keep the sweeper's lease: %w", err)
	}
	return held, nil
}
