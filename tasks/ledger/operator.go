package ledger

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// Decision is what came of one that a person made about a mail.
type Decision struct {
	// State is the one that stands afterwards; empty where there is no record.
	State State
	// Queue is the mail's.
	Queue string
	// Made says that the decision holds; else it came too late, or does not fit.
	Made bool
}

// Cancel stops a mail that has not left.
func (l *Ledger) Cancel(ctx context.Context, id string) (Decision, error) {
	return decided("cancel", id, cancelScript.Run(ctx, l.rdb, keys(id), l.lifetime(Cancelled)))
}

// Round is a wish for new attempts.
type Round struct {
	// Unknown mail may be sent again too: a person takes it upon himself.
	Unknown bool
	// Requeue says that the mail's task has to be queued, which Requeued says is
	// done. Until then the record has Requeue.
	Requeue bool
}

// Reopen starts a new round for a mail that failed: it is queued again, and
// its attempts are forgotten. That it was resent once is forgotten only of
// Unknown mail: else it stays at one copy more. The same wish again, before
// Requeued, succeeds.
func (l *Ledger) Reopen(ctx context.Context, id string, r Round) (Decision, error) {
	return decided("reopen", id, reopenScript.Run(ctx, l.rdb, keys(id), flag(r.Unknown), flag(r.Requeue)))
}

// Requeued says that the task of a reopened mail is queued.
func (l *Ledger) Requeued(ctx context.Context, id string) error {
	if err := l.rdb.HDel(ctx, recordKey(id), "requeue").Err(); err != nil {
		return fmt.Errorf("ledger: requeued %q: %w", id, err)
	}
	return nil
}

// Settle writes down what a person found out about a mail that failed or is
// unknown: Sent or Failed. Its payload is not kept any longer.
func (l *Ledger) Settle(ctx context.Context, id string, as State) (Decision, error) {
	return decided("settle", id, settleScript.Run(ctx, l.rdb, keys(id), string(as), l.lifetime(as)))
}

// decided reads a script's answer.
func decided(what, id string, done *redis.Cmd) (Decision, error) {
	got, err := done.Slice()
	if err != nil {
		return Decision{}, fmt.Errorf("ledger: %s %q: %w", what, id, err)
	}
	return Decision{State: State(text(got, 1)), Queue: text(got, 2), Made: verdict(got) == 1}, nil
}
