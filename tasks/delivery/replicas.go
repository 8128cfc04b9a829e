package delivery

import (
	"context"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/postroom/postroom/tasks/ledger"
)

// behind remembers that replicas were not in time, so that mail does not wait
// for them again and again.
type behind struct{ until atomic.Pointer[time.Time] }

// behindFor is how long mail goes on without them.
const behindFor = 10 * time.Second

// awaitClaim waits until replicas have the claim too: after a failover the mail
// is not one that nobody has sent. It reports whether the claim stands; where
// a failover has lost it just now, it has to be made again, unless another
// attempt was faster.
func (a *attempt) awaitClaim(ctx context.Context) bool {
	return a.awaitReplicas(ctx, "claim", func(rec ledger.Record) bool {
		return rec.State == ledger.Sending && rec.Token == a.token
	})
}

// awaitSent waits until replicas know that the mail was sent, and writes it
// again where a failover has lost it just now.
func (a *attempt) awaitSent(v *verdict) {
	if v.state != ledger.Sent || v.settled {
		return
	}
	isSent := func(rec ledger.Record) bool { return rec.State == ledger.Sent }
	for range failovers {
		if a.awaitReplicas(a.life, "record of sent", isSent) {
			return
		}
		a.finish(v, nil)
	}
}

// failovers is how many may come one after the other while a mail is recorded.
const failovers = 3

// awaitReplicas waits until replicas have what was written, and reports whether
// that still stands. Where they are not in time, or Redis does not answer, that
// is logged, and the mail goes on.
func (a *attempt) awaitReplicas(ctx context.Context, what string, stands func(ledger.Record) bool) bool {
	until := a.behind.until.Load()
	if a.WaitReplicas == 0 || until != nil && a.Now().Before(*until) {
		return true
	}
	have, err := a.Ledger.AwaitReplicas(ctx, a.id, a.WaitReplicas)
	if ctx.Err() == nil && (err != nil || have < a.WaitReplicas) {
		later := a.Now().Add(behindFor)
		if a.behind.until.CompareAndSwap(until, &later) { // Else another mail's wait has said so.
			a.log.Warn("replicas behind; going on without them", zap.String("mail_id", a.id), zap.String("what", what),
				zap.Int("replicas", have), zap.Int("want", a.WaitReplicas), zap.Duration("for", behindFor), zap.Error(err))
		}
	}
	rec, err := a.Ledger.Look(ctx, a.id)
	return err != nil || stands(rec)
}
