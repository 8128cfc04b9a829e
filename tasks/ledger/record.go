package ledger

import (
	"context"
	"fmt"
	"hash/crc32"
	"strconv"
	"time"
)

// shards is fixed for ever: a record is found by its ID alone.
const shards = 64

// Record is what the ledger holds of one mail.
type Record struct {
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
	// Account sent it, or last tried to.
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
}

// Look reads the record of id. An unknown ID gives a Record with no State.
func (l *Ledger) Look(ctx context.Context, id string) (Record, error) {
	f, err := l.rdb.HGetAll(ctx, key(id)).Result()
	if err != nil {
		return Record{}, fmt.Errorf("ledger: read %q: %w", id, err)
	}
	attempts, _ := strconv.Atoi(f["attempts"])
	age, _ := strconv.ParseInt(f["age"], 10, 64)
	return Record{
		State: State(f["state"]), Queue: f["queue"], Hash: f["hash"], Token: f["token"],
		Deadline: millis(f["deadline"]), Attempts: attempts, Age: time.Duration(age) * time.Millisecond,
		Resent: f["resent"] != "", Account: f["account"], GmailID: f["gmail_id"], ThreadID: f["thread_id"],
		AlsoSent: f["also_sent"], Error: f["error"], DeferredAt: millis(f["deferred"]),
		EnqueuedAt: millis(f["enqueued"]), UpdatedAt: millis(f["updated"]), NextAt: millis(f["next"]),
	}, nil
}

// key is the record's. Its hash tag keeps a shard in one Cluster slot, so that
// one script can change a mail and its shard's counts together.
func key(id string) string {
	shard := crc32.ChecksumIEEE([]byte(id)) % shards
	return "postroom:{" + strconv.Itoa(int(shard)) + "}:mail:" + id
}

// millis reads a time that a script wrote; zero where it wrote none.
func millis(s string) time.Time {
	ms, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
