package delivery

import (
	"context"
	"errors"
	"time"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/tasks/budget"
	"github.com/postroom/postroom/tasks/ledger"
)

// sendOut is step 8, and, the moment that there is an ID, step 9.
func (a *attempt) sendOut(ctx context.Context) (*verdict, error) {
	if ctx.Err() != nil {
		// The task was put back while it claimed: nothing has left.
		a.release(putBackText, time.Time{})
		return nil, ctx.Err()
	}
	// Once begun a send is not broken off when the task is put back: that
	// would only make its outcome unknown. The claim keeps all others out.
	sendCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.SendTimeout(a.message.Size()))
	defer cancel()
	begun := time.Now()
	a.sentBy, a.end = a.account(), budget.Used
	sent, err := a.sentBy.Sender.Send(sendCtx, a.message)
	a.metrics.sendSeconds.Observe(time.Since(begun).Seconds())
	a.AfterStep(StepSend, a.id)
	if err != nil {
		return a.judge(err), nil
	}
	a.sent = sent
	a.answered()
	v := &verdict{state: ledger.Sent}
	a.logDelivery(v)
	a.AfterStep(StepLog, a.id)
	return v, nil
}

// putBackText is what status says of a mail that its worker gave back.
const putBackText = "put back before it left"

// release gives a claim back: nothing left, no attempt was used, and the mail
// may have to wait for long.
func (a *attempt) release(why string, until time.Time) {
	_ = a.untilAnswered(a.life, "give a claim back", func(ctx context.Context) error {
		_, _, err := a.Ledger.Finish(ctx, a.id, ledger.Change{
			Token: a.token, To: ledger.Waiting, Claimed: true, Next: until, Error: why,
		})
		return err
	})
}

// errorOf is the sender's word. What is not a *mailer.Error says nothing about
// the mail, and it may be out.
func errorOf(err error) *mailer.Error {
	if e, ok := errors.AsType[*mailer.Error](err); ok {
		return e
	}
	return &mailer.Error{Class: mailer.Unknown, Text: "the sender failed without a class", Err: err}
}
