package delivery

import (
	"context"
	"crypto/rand"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"
	"go.uber.org/zap"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/budget"
	"github.com/postroom/postroom/tasks/ledger"
)

// handler delivers one account's mail. It is the asynq.Handler of all of the
// account's servers.
type handler struct {
	*Config
	address string
	// current is the account as it stands; its credential may be replaced while
	// its mail waits.
	current atomic.Pointer[Account]
	gate    *gate
	line    *lineUp
	empty   *empties
	riders  *riders
	reach   *reach
	polling *polling
	turns   turns
	// learnt is the account's budget as it was a moment ago; nil while Redis does
	// not answer.
	learnt atomic.Pointer[budget.State]
	// unlimited says that the account has no budget to ask, as of a moment ago.
	unlimited atomic.Bool
	herald    herald
	behind    behind
	metrics   *metrics
	// life ends when the Pool does: an outcome is written for as long.
	life context.Context //nolint:containedctx // It outlives every call's own.
	log  *zap.Logger
	// lastErrorOf reads the error that asynq keeps with a task.
	lastErrorOf func(queue, id string) (string, error)
	// others calls each with every account's handler but this one.
	others func(each func(*handler))
}

func (h *handler) account() *Account { return h.current.Load() }

var _ asynq.Handler = (*handler)(nil)

// attempt is one redelivery of one mail, from its payload to what asynq is
// told. It sends once at most, however often it has to wait before.
type attempt struct {
	*handler
	id, queue string
	task      *asynq.Task
	started   time.Time

	token   string // Of the claim; a new one for each.
	email   tasks.Email
	record  ledger.Record
	looked  bool // The record was read.
	content mailer.Content
	message *mailer.Message
	sentBy  *Account // With whose credential it was tried last.
	inside  bool     // The gate was passed and not left yet.
	ticket  ticket
	send    budget.Send // What the account's budget was asked for last,
	booked  bool        // whether it may have said yes,
	turn    time.Time   // when it did,
	end     budget.End  // and how that ends.
	noted   bool        // The ledger says what the mail waits for.
	sent    mailer.Sent
}

// ProcessTask takes a task's mail its whole way. What it returns tells asynq
// whether the task is done, goes to the retry tab, or to the archive. Of mail
// that was sent the last two steps may be left to riders.
func (h *handler) ProcessTask(ctx context.Context, t *asynq.Task) error {
	id, _ := asynq.GetTaskID(ctx)
	queue, _ := asynq.GetQueueName(ctx)
	a := &attempt{handler: h, id: id, queue: queue, task: t, started: h.Now()}
	h.line.take(queue, id)
	defer h.line.drop(queue, id)
	rides := false
	defer func() {
		if !rides {
			a.leaveGate()
		}
	}()

	v, err := a.prepare(ctx)
	for v == nil && err == nil {
		v, err = a.try(ctx)
	}
	if err != nil {
		return err // The task is being put back; nothing was decided.
	}
	if rides = a.mayRide(v); rides {
		a.ride(v)
		return nil
	}
	a.finish(v, nil)
	a.awaitSent(v)
	return a.tellAsynq(v)
}

// prepare takes the mail to where only its account's turn is missing. It
// returns a verdict where the way ends before.
func (a *attempt) prepare(ctx context.Context) (*verdict, error) {
	for _, s := range []struct {
		step      Step
		do        func(context.Context) (*verdict, error)
		needsPast bool // Its verdict is not given before the mail was looked up.
	}{
		{StepDecode, a.decode, false},
		{StepExpiry, a.checkExpiry, true},
		{StepLookUp, a.lookUpAgain, false},
		{StepRender, a.render, true},
		{StepCompose, a.compose, true},
	} {
		v, err := a.guarded(ctx, s.step, s.do)
		if v != nil && !a.looked && s.needsPast {
			if v, err = a.lookUp(ctx); v == nil && err == nil {
				v, err = a.guarded(ctx, s.step, s.do)
			}
		}
		if err == nil {
			a.AfterStep(s.step, a.id)
		}
		if v != nil || err != nil {
			return v, err
		}
	}
	return nil, nil //nolint:nilnil // No verdict yet, and no error.
}

// try waits for the account's turn, claims the mail and sends it. It returns
// neither a verdict nor an error where the account turned out not to be able
// to send: then the mail waits again.
func (a *attempt) try(ctx context.Context) (*verdict, error) {
	if v, err := a.wait(ctx); v != nil || err != nil {
		return v, err
	}
	v, claimed, err := a.claim(ctx)
	if claimed && a.awaitClaim(ctx) {
		v, err = a.guarded(ctx, StepSend, a.sendOut)
	}
	if v == nil {
		a.leaveGate() // A mail with an outcome stays inside until that is written.
	}
	return v, err
}

// guarded runs a step. What panics in it is the mail's fault until proven
// otherwise, and fails this mail alone.
func (a *attempt) guarded(
	ctx context.Context, step Step, do func(context.Context) (*verdict, error),
) (v *verdict, err error) {
	defer func() {
		if r := recover(); r != nil {
			// The value may quote the mail's data: its type has to do.
			a.log.Error("a step panicked", zap.String("mail_id", a.id), zap.String("step", string(step)),
				zap.String("type", fmt.Sprintf("%T", r)), zap.ByteString("stack", debug.Stack()))
			v, err = a.panicked(step), nil
		}
	}()
	return do(ctx)
}

func (a *attempt) panicked(step Step) *verdict {
	if step == StepSend {
		return a.judge(&mailer.Error{Class: mailer.Unknown, Text: "the sender panicked"})
	}
	return failed(fmt.Errorf("%s: panic, see the worker's log", step))
}

// noteWaiting lets status say what a mail waits for. It is not worth waiting
// for Redis: the mail's own way depends on nothing of it.
func (a *attempt) noteWaiting(ctx context.Context, c closure) {
	_, _, err := a.Ledger.Finish(ctx, a.id, ledger.Change{
		Token: a.newToken(), To: ledger.Waiting, Next: c.until, Error: c.reason,
		Queue: a.queue, Hash: a.hash(),
	})
	if err != nil {
		a.log.Debug("wait not noted", zap.String("mail_id", a.id), zap.Error(err))
	}
}

func (a *attempt) leaveGate() {
	if a.inside {
		a.inside = false
		a.giveTurn()
		a.gate.leave(a.ticket)
	}
}

// newToken makes the token of the next claim.
func (a *attempt) newToken() string {
	a.token = rand.Text()[:11] // 55 bits: it tells the few attempts of one mail apart.
	return a.token
}
