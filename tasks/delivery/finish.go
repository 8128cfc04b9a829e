package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/blobs"
	"github.com/postroom/postroom/tasks/budget"
	"github.com/postroom/postroom/tasks/ledger"
)

// finish is step 10: the verdict goes into the ledger, for as long as that
// takes while the process lives. Where the ledger knows better, its word
// becomes the verdict. What goes along is sent right after it, with each try.
func (a *attempt) finish(v *verdict, along func(redis.Pipeliner)) {
	defer a.AfterStep(StepRecord, a.id)
	if v.settled || v.written {
		return
	}
	change := ledger.Change{
		Token: a.token, To: v.state, Claimed: v.claimed || v.state == ledger.Sent, Used: v.used || v.state == ledger.Sent,
		Age: v.age, Deferred: v.deferred, Resend: v.resend, LookUp: v.lookUp,
		GmailID: a.sent.ID, ThreadID: a.sent.ThreadID, Queue: a.queue,
	}
	if v.state != ledger.Sent { // Else it was claimed, and has a record.
		change.Hash = a.hash()
	}
	if change.Token == "" {
		change.Token = a.newToken()
	}
	if v.err != nil {
		change.Error = a.errorText(v)
	}
	if v.in > 0 {
		change.Next = a.Now().Add(v.in)
	}
	err := a.untilAnswered(a.life, "record the outcome", func(ctx context.Context) error {
		state, ok, err := a.write(ctx, change, along)
		if err != nil || ok && state == v.state {
			return err
		}
		return a.overruled(ctx, v, state, ok)
	})
	if err != nil {
		a.log.Error("outcome not recorded: the process ends and Redis does not answer",
			zap.String("mail_id", a.id), zap.String("outcome", string(v.state)))
	}
}

// write writes a change. The account's place in flight, where the mail has one
// that only has to be given up, goes with it: that saves a round trip. So does
// what goes along.
func (a *attempt) write(ctx context.Context, change ledger.Change, along func(redis.Pipeliner)) (ledger.State, bool, error) {
	givesIn := a.booked && a.end == budget.Used
	if !givesIn && along == nil {
		return a.Ledger.Finish(ctx, a.id, change)
	}
	state, ok, err := a.Ledger.FinishWith(ctx, a.id, change, func(pipe redis.Pipeliner) {
		if givesIn {
			a.Budget.GiveIn(ctx, pipe, a.address, a.send)
		}
		if along != nil {
			along(pipe)
		}
	})
	if err == nil && givesIn {
		a.booked = false
		a.turns.setFree()
	}
	return state, ok, err
}

// overruled takes over what the ledger says instead: the first Unknown of a
// mail that may go once more, an Unknown where a dead worker may have sent it,
// or what another attempt or a person did.
func (a *attempt) overruled(ctx context.Context, v *verdict, state ledger.State, ok bool) error {
	if ok && state == ledger.Retrying {
		v.state = state
		return nil
	}
	rec, err := a.Ledger.Look(ctx, a.id)
	if err != nil {
		return err
	}
	a.record = rec
	own, readable := v.err, v.claimed || v.state == ledger.Expired
	*v = *a.settledAs(rec)
	v.settled, v.written = !ok, ok
	if readable && rec.State == ledger.Unknown && rec.LookUp { // Nothing but its task has it looked up.
		v.lookUp, v.in = true, lookEvery
	}
	if !rec.State.Settled() {
		v.err = fmt.Errorf("another attempt is live; this one ended with: %w", own)
	}
	return nil
}

// errorText is the error as people read it in status and dashboard. The
// attempt's number makes it this attempt's own.
func (a *attempt) errorText(v *verdict) string {
	if v.used {
		return fmt.Sprintf("%v (attempt %d of %d)", v.err, a.record.Attempts+1, a.Attempts)
	}
	return v.err.Error()
}

// tellAsynq is step 11: what asynq does with the task.
func (a *attempt) tellAsynq(v *verdict) error {
	defer a.AfterStep(StepResult, a.id)
	if v.state != ledger.Sent || v.settled {
		a.logDelivery(v)
	}
	lane, _, _ := tasks.ParseQueue(a.queue)
	a.metrics.deliveries.WithLabelValues(string(lane), string(v.state)).Inc()
	if v.state == ledger.Failed || v.state == ledger.Unknown {
		a.keep()
	}
	if v.state == ledger.Unknown && v.lookUp {
		return &retry{text: a.errorText(v) + "; it is being looked up in Sent", in: v.in, failure: v.used}
	}
	switch v.state {
	case ledger.Failed, ledger.Unknown:
		return &archive{text: a.archiveText(v)}
	case ledger.Retrying:
		return &retry{text: a.errorText(v), in: v.in, failure: !v.deferred && !v.waits}
	case ledger.Queued, ledger.Waiting, ledger.Sending:
		// Another attempt has it. This one looks again, later.
		return &retry{text: v.err.Error(), in: deferEvery}
	case ledger.Sent, ledger.Expired, ledger.Cancelled:
		return nil
	}
	return &retry{text: "the ledger has the unknown state " + string(v.state), in: deferEvery}
}

// keep has the mail kept whole, its attachments too, for as long as the ledger
// knows it. It comes before the archive: asynq has the mail until then.
func (a *attempt) keep() {
	_ = a.untilAnswered(a.life, "keep what failed", func(ctx context.Context) error {
		left, err := a.Ledger.Keep(ctx, a.id, a.task.Payload())
		if err != nil || left == 0 {
			return err
		}
		for _, file := range a.email.Attachments {
			err := a.Blobs.Extend(ctx, file.Blob, a.Now().Add(left))
			if err != nil && !errors.Is(err, blobs.ErrMissing) && !errors.Is(err, blobs.ErrName) {
				return err
			}
		}
		return nil
	})
}

// archiveText is what the dashboard says of a mail that nobody will try again:
// the ledger's own words, by which a "run" is told from a redelivery.
func (a *attempt) archiveText(v *verdict) string {
	switch {
	case v.err == nil:
		return string(v.state)
	case v.state == ledger.Unknown: // A run never sends it: nothing depends on its text.
		return a.errorText(v) + "; look into Sent, then type: enqueue settle " + a.id +
			" --as sent, or: enqueue retry --unknown " + a.id
	}
	return a.errorText(v)
}

// archive sends a task to the archive at once, its text in the dashboard.
type archive struct{ text string }

func (e *archive) Error() string        { return e.text }
func (e *archive) Is(target error) bool { return target == asynq.SkipRetry }

// retry sends a task to the retry tab.
type retry struct {
	text    string
	in      time.Duration
	failure bool
}

func (e *retry) Error() string { return e.text }

// isFailure tells asynq what counts in its statistics: not what waits.
func isFailure(err error) bool {
	r, ok := errors.AsType[*retry](err)
	return !ok || r.failure
}

// retryDelay is when asynq tries a task again. A task whose worker died goes at
// once: the ledger knows whether it may be sent.
func retryDelay(_ int, err error, _ *asynq.Task) time.Duration {
	if r, ok := errors.AsType[*retry](err); ok {
		return r.in
	}
	if errors.Is(err, asynq.ErrLeaseExpired) {
		return 0
	}
	return deferEvery
}
