package delivery

import (
	"context"
	"errors"
	"time"

	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/ledger"
)

// claim is step 7: from here on the ledger says that the mail is sending.
// Where another attempt is live it leaves the gate and waits for that one's
// deadline; then, as after a cancel or an expiry meanwhile, nothing is claimed.
func (a *attempt) claim(ctx context.Context) (v *verdict, claimed bool, err error) {
	if a.expired() {
		v, err := a.withPast(ctx, expired)
		return v, false, err
	}
	a.newToken()
	var c ledger.Claim
	err = a.untilAnswered(ctx, "claim the mail", func(ctx context.Context) (err error) {
		c, err = a.Ledger.Begin(ctx, a.id, ledger.Attempt{
			Token: a.token, Lease: a.SendTimeout(a.message.Size()) + claimMargin,
			Account: a.address, Resend: a.email.OnUnknown == tasks.Resend, Limit: a.Attempts, LookUpAt: a.lookUpTakenOverAt(),
		})
		return err
	})
	if err != nil {
		// The claim may have been made, and its answer lost.
		a.release(putBackText, time.Time{})
		return nil, false, err
	}
	a.record.Attempts = c.Attempts
	switch {
	case c.Won && a.missedTurn():
		a.release(missedTurnText, time.Time{})
		return nil, false, nil // It waits for the next.
	case c.Won:
		a.record.Age, a.record.DeferredAt = c.Age, c.DeferredAt
		a.AfterStep(StepClaim, a.id)
		return nil, true, nil
	case c.GivenUp:
		v := &verdict{state: c.State, err: errors.New(unknownText), written: true}
		if c.LookUp {
			v.lookUp, v.in = true, firstLook
		}
		return v, false, nil
	case c.State == ledger.Sending:
		a.leaveGate()
		return nil, false, sleep(ctx, min(max(time.Until(c.Until), 0)+claimPoll, claimPollMax))
	}
	// It has a past, or none at all.
	v, err = a.lookUp(ctx)
	return v, false, err
}

// missedTurnText is what status says of a mail that has to wait once more.
const missedTurnText = "missed its turn while Redis took no claims"

// How a mail waits for another attempt's end: until its deadline on Redis's
// clock, looking now and then whether it ended before.
const (
	claimPoll    = 50 * time.Millisecond
	claimPollMax = 2 * time.Second
)

// unknownText is what the ledger and the dashboard say of a mail that Begin
// gave up.
const unknownText = "unknown: the worker ended while it was sending"
