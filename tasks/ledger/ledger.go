package ledger

import (
	"time"

	"github.com/redis/go-redis/v9"
)

// Lifetimes says how long settled records are kept; open ones have no end.
type Lifetimes struct {
	// Sent is for sent and cancelled mail: for so long the same ID is known to
	// have gone. Default 7 days.
	Sent time.Duration
	// Failed is for failed, unknown and expired mail. Default 90 days.
	Failed time.Duration
}

// sentDefault is what producers keep: they are not told what workers do.
const sentDefault = 7 * 24 * time.Hour

// Ledger reads and writes records. It is safe for concurrent use.
type Ledger struct {
	rdb  redis.UniversalClient
	keep Lifetimes
}

// New returns the ledger in rdb. A zero lifetime is its default.
func New(rdb redis.UniversalClient, keep Lifetimes) *Ledger {
	if keep.Sent == 0 {
		keep.Sent = sentDefault
	}
	if keep.Failed == 0 {
		keep.Failed = 90 * 24 * time.Hour
	}
	return &Ledger{rdb: rdb, keep: keep}
}

// Forgets is how long a settled record is kept at least, by workers or producers: a
// mail that was reserved so long ago and has none may have been sent, or cancelled.
func (l *Ledger) Forgets() time.Duration { return min(l.keep.Sent, l.keep.Failed, sentDefault) }

// lifetime is a settled record's, in milliseconds; 0 for an open one.
func (l *Ledger) lifetime(s State) int64 {
	switch s {
	case Sent, Cancelled:
		return l.keep.Sent.Milliseconds()
	case Failed, Unknown, Expired:
		return l.keep.Failed.Milliseconds()
	case Queued, Waiting, Sending, Retrying:
		return 0
	}
	return 0
}
