package delivery

import (
	"context"
	"time"

	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/ledger"
)

// claim is step 7: from here on the ledger says that the mail is sending.
// Where another attempt is live it leaves the gate and waits for that one's
// deadline; then, as after a cancel or an expiry meanwhile, nothing is claimed.
func (a *attempt) claim(ctx context.Context) (v *verdict, claimed bool, err error) {
	if a.expired() {
		v, err := a.checkExpiry(ctx)
		return v, false, err
	}
	a.newToken()
	var state ledger.State
	var deadline time.Time
	err = a.untilAnswered(ctx, "claim the mail", func(ctx context.Context) (err error) {
		state, deadline, claimed, err = a.Ledger.Begin(ctx, a.id, ledger.Attempt{
			Token: a.token, Lease: a.SendTimeout(a.message.Size()) + claimMargin,
			Queue: a.queue, Hash: a.hash, Account: a.account.Address,
			Resend: a.email.OnUnknown == tasks.Resend,
		})
		return err
	})
	if err != nil {
		return nil, false, err
	}
	if claimed {
		a.AfterStep(StepClaim, a.id)
		return nil, true, nil
	}
	if state == ledger.Sending {
		a.leaveGate()
		return nil, false, sleep(ctx, min(max(time.Until(deadline), 0)+claimPoll, claimPollMax))
	}
	return a.settledBefore(state, unknownText), false, nil
}

// How a mail waits for another attempt's end: until its deadline on Redis's
// clock, looking now and then whether it ended before.
const (
	claimPoll    = 50 * time.Millisecond
	claimPollMax = 2 * time.Second
)

// unknownText is what stands in the dashboard for a mail that Begin found
// unknown.
const unknownText = "unknown: the worker ended while it was sending"
