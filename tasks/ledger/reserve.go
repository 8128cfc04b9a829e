package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// ErrTaken is returned by Reserve for an ID that stands for another payload.
var ErrTaken = errors.New("the ID belongs to another mail")

// Reservation is what Reserve writes down of a mail.
type Reservation struct {
	// Queue is the asynq queue that its task will go to.
	Queue string
	// Hash stands for the payload: the same again is the same mail.
	Hash string
	// ProcessAt is when it is due; zero for at once.
	ProcessAt time.Time
}

// Reserve takes id for a payload before its task is queued. It returns the
// record's state, queue and NextAt, and fresh where the ID was free, or its mail
// was lost (Lose). An ID that has another payload is ErrTaken.
func (l *Ledger) Reserve(ctx context.Context, id string, r Reservation) (rec Record, fresh bool, err error) {
	got, err := reserveScript.Run(ctx, l.rdb, keys(id), r.args()...).Slice()
	if err != nil {
		return Record{}, false, fmt.Errorf("ledger: reserve %q: %w", id, err)
	}
	if verdict(got) == 1 {
		return Record{State: Queued, Queue: r.Queue, NextAt: r.ProcessAt}, true, nil
	}
	rec = Record{State: State(text(got, 1)), Queue: text(got, 2), NextAt: millis(text(got, 3))}
	if verdict(got) < 0 {
		return rec, false, fmt.Errorf("ledger: reserve %q: %w", id, ErrTaken)
	}
	return rec, false, nil
}

// ReserveIn puts the reservation of an ID that nobody else can have into a
// pipeline. Where the command ends in NOSCRIPT it was not made, and Reserve
// makes it.
func (l *Ledger) ReserveIn(ctx context.Context, pipe redis.Pipeliner, id string, r Reservation) *redis.Cmd {
	return reserveScript.EvalSha(ctx, pipe, keys(id), r.args()...)
}

func (r Reservation) args() []any {
	next := ""
	if !r.ProcessAt.IsZero() {
		next = formatMillis(r.ProcessAt)
	}
	return []any{r.Queue, r.Hash, next}
}
