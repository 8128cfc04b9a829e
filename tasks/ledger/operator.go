package ledger

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// Cancel stops a mail that has not left. It returns the state that stands
// afterwards (empty for an ID that was never reserved), the mail's queue, and
// whether the mail is cancelled.
func (l *Ledger) Cancel(ctx context.Context, id string) (state State, queue string, ok bool, err error) {
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
// Requeued, succeeds. It returns the state that stands, the mail's queue, and
// whether it is this wish's doing.
func (l *Ledger) Reopen(ctx context.Context, id string, r Round) (state State, queue string, ok bool, err error) {
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
// unknown: Sent or Failed. Its payload is not kept any longer. It returns the
// state that stands, the mail's queue, and whether it is settled so.
func (l *Ledger) Settle(ctx context.Context, id string, as State) (state State, queue string, ok bool, err error) {
	return decided("settle", id, settleScript.Run(ctx, l.rdb, keys(id), string(as), l.lifetime(as)))
}

// decided reads the answer of a script that says state, queue and whether that
// is its doing.
func decided(what, id string, done *redis.Cmd) (state State, queue string, ok bool, err error) {
	got, err := done.Slice()
	if err != nil {
		return "", "", false, fmt.Errorf("ledger: %s %q: %w", what, id, err)
	}
	return State(text(got, 1)), text(got, 2), verdict(got) == 1, nil
}
