package ledger

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// Record is what the ledger holds of one mail.
type Record struct {
	// ID is the mail's.
	ID string
	// State is empty where the ledger knows nothing of the ID.
	State State
	// Queue is the asynq queue that the mail was reserved for.
	Queue string
	// Hash is the payload's, as given to Reserve.
	Hash string
	// Token is the attempt's that wrote last.
	Token string
	// Deadline ends the claim of a mail that is Sending.
	Deadline time.Time
	// Attempts is how many were used up.
	Attempts int
	// Age is the time spent between attempts because of temporary errors.
	// What a mail waits for its account is not in it.
	Age time.Duration
	// Resent is set once an unknown outcome was answered by sending again.
	Resent bool
	// LookUp is set while an Unknown mail is looked up, and LeftBy is when the
	// first attempt of which nobody knows what became of it had ended for certain.
	LookUp bool
	LeftBy time.Time
	// Lost is set for a mail that failed because it had no task any more.
	Lost bool
	// Archived is set for one that failed because a person archived its task.
	Archived bool
	// Requeue is set for a reopened mail whose task is not queued yet.
	Requeue bool
	// Settled is set where a person said how the mail stands.
	Settled bool
	// Kept is set where the ledger has the mail's payload: see Ledger.Kept.
	Kept bool
	// Account sent it, or last tried to; empty where its queue's name says it.
	Account string
	// GmailID and ThreadID are the backend's receipt.
	GmailID, ThreadID string
	// AlsoSent is the receipt of a second copy, where one is known of.
	AlsoSent string
	// Error is the last one, in words for people.
	Error string
	// DeferredAt is when the mail was first put back without an attempt, since
	// the last one.
	DeferredAt time.Time
	// EnqueuedAt, UpdatedAt and NextAt are on Redis's clock; NextAt is when
	// the mail is due, or tried again.
	EnqueuedAt, UpdatedAt, NextAt time.Time
	// History is what happened to it, the latest part of it, oldest first. It is
	// empty for a mail that was sent at the first attempt.
	History []Event
}

// Look reads the record of id. An unknown ID gives a Record with no State.
func (l *Ledger) Look(ctx context.Context, id string) (Record, error) {
	f, err := l.rdb.HGetAll(ctx, recordKey(id)).Result()
	if err != nil {
		return Record{}, fmt.Errorf("ledger: read %q: %w", id, err)
	}
	return record(id, f), nil
}

// LookAll reads several records, in one round trip. They are in the order of
// ids.
func (l *Ledger) LookAll(ctx context.Context, ids []string) ([]Record, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	pipe := l.rdb.Pipeline()
	reads := make([]*redis.MapStringStringCmd, len(ids))
	for i, id := range ids {
		reads[i] = pipe.HGetAll(ctx, recordKey(id))
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, fmt.Errorf("ledger: read %d records: %w", len(ids), err)
	}
	records := make([]Record, len(ids))
	for i, id := range ids {
		records[i] = record(id, reads[i].Val())
	}
	return records, nil
}

func record(id string, f map[string]string) Record {
	attempts, err := strconv.Atoi(f["attempts"])
	if err != nil && f["gmail_id"] != "" {
		attempts = 1 // As most have: they do without the field.
	}
	age, _ := strconv.ParseInt(f["age"], 10, 64)
	thread, named := f["thread_id"]
	if !named { // It is its thread's first.
		thread = f["gmail_id"]
	}
	return Record{
		ID: id, State: State(f["state"]), Queue: f["queue"], Hash: f["hash"], Token: f["token"],
		Deadline: millis(f["deadline"]), Attempts: attempts, Age: time.Duration(age) * time.Millisecond,
		Resent: f["resent"] != "", LookUp: f["absent"] != "", LeftBy: millis(f["left"]),
		Lost: f["lost"] != "", Archived: f["archived"] != "", Requeue: f["requeue"] != "",
		Settled: f["settled"] != "", Kept: f["kept"] != "",
		Account: f["account"], GmailID: f["gmail_id"], ThreadID: thread,
		AlsoSent: f["also_sent"], Error: f["error"], DeferredAt: millis(f["deferred"]),
		EnqueuedAt: millis(f["enqueued"]), UpdatedAt: millis(f["updated"]), NextAt: millis(f["next"]),
		History: history(f["history"]),
	}
}

// millis reads a time that a script wrote; zero where it wrote none.
func millis(s string) time.Time {
	ms, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return instant(ms)
}

// instant is so many milliseconds since 1970; zero for none.
func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
