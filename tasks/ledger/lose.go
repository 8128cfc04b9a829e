package ledger

import (
	"context"
	"time"
)

// LostAfter is how long nothing may have happened to an open mail that has no
// task before Lose takes it for lost: longer than an Enqueue takes.
const LostAfter = 5 * time.Minute

// The errors of mail that Lose and SetAside settle.
const (
	LostText     = "deleted: its task is in no queue. It was deleted in the dashboard, or the call that enqueued it broke off"
	ArchivedText = "archived in the dashboard before it was sent"

	unknownText = "unknown: the worker ended while it was sending"
)

// Lose settles an open mail that has no task any more: as Failed, or as Unknown
// where it was being sent. It returns the state that stands, and whether it is
// settled now: not where something happened to it in the last idle time.
func (l *Ledger) Lose(ctx context.Context, id string, idle time.Duration) (state State, lost bool, err error) {
	d, err := decided("lose", id, loseScript.Run(ctx, l.rdb, keys(id),
		idle.Milliseconds(), LostText, unknownText+", and its task is in no queue", l.lifetime(Failed), "lost", ""))
	return d.State, d.Made, err
}

// SetAside is Lose for an open mail whose task a person archived: it stands
// among the failed from then on, and its payload is kept.
func (l *Ledger) SetAside(
	ctx context.Context, id string, idle time.Duration, payload []byte,
) (state State, aside bool, err error) {
	d, err := decided("set aside", id, loseScript.Run(ctx, l.rdb, keys(id),
		idle.Milliseconds(), ArchivedText, unknownText+", and its task was archived in the dashboard",
		l.lifetime(Failed), "archived", payload))
	return d.State, d.Made, err
}
