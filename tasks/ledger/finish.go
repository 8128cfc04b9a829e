package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Change is what an attempt, or a mail's wait, ends in.
type Change struct {
	// Token is the attempt's.
	Token string
	// To is the state to go to: any but Queued, Sending and Cancelled.
	To State
	// Claimed says that Begin was passed: the change is refused where another
	// attempt took over since.
	Claimed bool
	// Used counts an attempt, and Age the wait that follows it.
	Used bool
	Age  time.Duration
	// Deferred says that the mail was put back through no fault of its own; the
	// first time is kept in DeferredAt until an attempt is used, or the mail
	// waits for its account.
	Deferred bool
	// Next is when the mail is looked at again, for Waiting and Retrying, and
	// for an Unknown that is to be looked up.
	Next time.Time
	// Error is the reason, in words for people.
	Error string
	// GmailID and ThreadID are the receipt, for Sent.
	GmailID, ThreadID string
	// Resend turns the first Unknown into Retrying.
	Resend bool
	// LookUp keeps it Unknown until that is known from Looked.
	LookUp bool
	// Queue and Hash are written for a mail that has no record.
	Queue, Hash string
}

// Finish writes a change. It returns the state that stands afterwards, and
// whether that is the change's doing; a change that comes too late is not an
// error. Failed and Expired become Unknown over the claim of an attempt that is
// gone: its mail may be out.
func (l *Ledger) Finish(ctx context.Context, id string, c Change) (state State, ok bool, err error) {
	return finished(id, finishScript.Run(ctx, l.rdb, keys(id), l.args(c)...))
}

// FinishWith is Finish together with other commands, in one round trip. Those
// are sent with each try, whatever becomes of the change: IfSent is for what must
// not be done without it.
func (l *Ledger) FinishWith(
	ctx context.Context, id string, c Change, others func(redis.Pipeliner),
) (state State, ok bool, err error) {
	pipe := l.rdb.Pipeline()
	done := finishScript.EvalSha(ctx, pipe, keys(id), l.args(c)...)
	others(pipe)
	_, err = pipe.Exec(ctx)
	if redis.HasErrorPrefix(done.Err(), "NOSCRIPT") {
		return l.Finish(ctx, id, c)
	}
	if done.Err() == nil && done.Val() == nil {
		done.SetErr(err) // Redis's answer to the login, which go-redis tells no command of.
	}
	return finished(id, done)
}

func finished(id string, done *redis.Cmd) (state State, ok bool, err error) {
	got, err := done.Slice()
	if err != nil {
		return "", false, fmt.Errorf("ledger: finish %q: %w", id, err)
	}
	return State(text(got, 1)), verdict(got) == 1, nil
}

func (l *Ledger) args(c Change) []any {
	next := ""
	if !c.Next.IsZero() {
		next = formatMillis(c.Next)
	}
	return []any{
		c.Token, string(c.To), flag(c.Used), c.Age.Milliseconds(), next, c.Error, c.GmailID, c.ThreadID,
		flag(c.Resend), l.lifetime(c.To), c.Queue, c.Hash, flag(c.Claimed), flag(c.Deferred),
		l.lifetime(Unknown), flag(c.LookUp),
	}
}
