package ledger

import (
	"context"
	"fmt"
	"time"
)

// Absence says when a mail that is not found counts as not sent: not found
// Times, the first and the last at least Over apart. After Most looks, whatever
// they found, nobody looks again.
type Absence struct {
	Times int
	Over  time.Duration
	Most  int
}

// LookUp is what came of looking up an Unknown mail that was not found.
type LookUp struct {
	// Token is this look's own, so that it counts once when it is written down
	// again; empty where nobody does.
	Token string
	// At is when it was made; zero for now. What counts is when the looks were
	// made, however long Redis was away.
	At time.Time
	// Absent says that it is not there, as far as that look could tell; else
	// nothing was found out.
	Absent bool
	// Resend lets a mail that is absent, or that nothing is found out about, go
	// once more in all, within Limit attempts.
	Resend bool
	Limit  int
	// Next is when it is looked up again.
	Next time.Time
}

// Looked writes down that an Unknown mail was looked up and not found. It
// returns Unknown where it is to be looked up again, or, with held, where it
// stays so; Retrying where it goes once more; and any other state that stands,
// because somebody decided meanwhile.
func (l *Ledger) Looked(ctx context.Context, id string, u LookUp, a Absence) (state State, held bool, err error) {
	var ago time.Duration
	if !u.At.IsZero() {
		ago = max(time.Since(u.At), 0)
	}
	got, err := lookedScript.Run(ctx, l.rdb, keys(id),
		flag(u.Absent), flag(u.Resend), u.Limit, a.Times, a.Over.Milliseconds(), a.Most, formatMillis(u.Next),
		u.Token, ago.Milliseconds()).Slice()
	if err != nil {
		return "", false, fmt.Errorf("ledger: looked up %q: %w", id, err)
	}
	return State(text(got, 1)), verdict(got) == 2, nil
}
