package ledger

import (
	"context"
	_ "embed" // The scripts.
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// The scripts, each O(1) on one record.
var (
	//go:embed reserve.lua
	reserveSource string
	//go:embed begin.lua
	beginSource string
	//go:embed finish.lua
	finishSource string
	//go:embed cancel.lua
	cancelSource string
	//go:embed reopen.lua
	reopenSource string

	reserveScript = redis.NewScript(reserveSource)
	beginScript   = redis.NewScript(beginSource)
	finishScript  = redis.NewScript(finishSource)
	cancelScript  = redis.NewScript(cancelSource)
	reopenScript  = redis.NewScript(reopenSource)
)

// ErrTaken is returned by Reserve for an ID that stands for another payload.
var ErrTaken = errors.New("the ID belongs to another mail")

// Lifetimes says how long settled records are kept; open ones have no end.
type Lifetimes struct {
	// Sent is for sent and cancelled mail: for so long the same ID is known to
	// have gone. Default 7 days.
	Sent time.Duration
	// Failed is for failed, unknown and expired mail. Default 90 days.
	Failed time.Duration
}

// Ledger reads and writes records. It is safe for concurrent use.
type Ledger struct {
	rdb  redis.UniversalClient
	keep Lifetimes
}

// New returns the ledger in rdb. A zero lifetime is its default.
func New(rdb redis.UniversalClient, keep Lifetimes) *Ledger {
	if keep.Sent == 0 {
		keep.Sent = 7 * 24 * time.Hour
	}
	if keep.Failed == 0 {
		keep.Failed = 90 * 24 * time.Hour
	}
	return &Ledger{rdb: rdb, keep: keep}
}

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
// record's state, queue and NextAt, and fresh where the ID was free. An ID that
// has another payload is ErrTaken.
func (l *Ledger) Reserve(ctx context.Context, id string, r Reservation) (rec Record, fresh bool, err error) {
	got, err := reserveScript.Run(ctx, l.rdb, []string{key(id)}, r.args()...).Slice()
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
	return pipe.EvalSha(ctx, reserveScript.Hash(), []string{key(id)}, r.args()...)
}

func (r Reservation) args() []any {
	next := ""
	if !r.ProcessAt.IsZero() {
		next = formatMillis(r.ProcessAt)
	}
	return []any{r.Queue, r.Hash, next}
}

// Attempt is a claim on a mail for one send.
type Attempt struct {
	// Token is the attempt's own, and differs from every other's.
	Token string
	// Lease is how long the claim holds: longer than the send can take.
	Lease time.Duration
	// Queue and Hash are written for a mail whose record was lost.
	Queue, Hash string
	// Account is the one that sends.
	Account string
	// Resend lets a mail whose last attempt ended without an answer go once
	// more, within Limit attempts; else it is Unknown from then on.
	Resend bool
	Limit  int
}

// Claim is what Begin found.
type Claim struct {
	// State is Sending where the attempt may send, or another one does; any
	// other says why the mail is not to be sent.
	State State
	// Won says that this attempt may send.
	Won bool
	// GivenUp says that this call made the mail Unknown.
	GivenUp bool
	// Until is when the claim ends; where another attempt has it, when to ask
	// again.
	Until time.Time
	// Attempts is how many were used, with those whose worker is gone.
	Attempts int
}

// LastWord is how long an attempt whose claim is over has, from when another
// asks for it, to write what it knows. It is gone when it says nothing: while
// Redis was away it could not.
const LastWord = 6 * time.Second

// Begin claims id for one attempt.
func (l *Ledger) Begin(ctx context.Context, id string, a Attempt) (Claim, error) {
	got, err := beginScript.Run(ctx, l.rdb, []string{key(id)},
		a.Token, a.Lease.Milliseconds(), a.Queue, a.Hash, a.Account, flag(a.Resend),
		l.keep.Failed.Milliseconds(), a.Limit, LastWord.Milliseconds()).Slice()
	if err != nil {
		return Claim{}, fmt.Errorf("ledger: begin %q: %w", id, err)
	}
	c := Claim{
		State: State(text(got, 1)), Won: verdict(got) == 1, GivenUp: verdict(got) == 2,
		Attempts: int(number(got, 3)),
	}
	if ms := number(got, 2); ms > 0 {
		c.Until = time.UnixMilli(ms).UTC()
	}
	return c, nil
}

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
	// Next is when the mail is looked at again, for Waiting and Retrying.
	Next time.Time
	// Error is the reason, in words for people.
	Error string
	// GmailID and ThreadID are the receipt, for Sent.
	GmailID, ThreadID string
	// Resend turns the first Unknown into Retrying.
	Resend bool
	// Queue and Hash are written for a mail that has no record.
	Queue, Hash string
}

// Finish writes a change. It returns the state that stands afterwards, and
// whether that is the change's doing; a change that comes too late is not an
// error. Failed and Expired become Unknown over the claim of an attempt that is
// gone: its mail may be out.
func (l *Ledger) Finish(ctx context.Context, id string, c Change) (state State, ok bool, err error) {
	next := ""
	if !c.Next.IsZero() {
		next = formatMillis(c.Next)
	}
	got, err := finishScript.Run(ctx, l.rdb, []string{key(id)},
		c.Token, string(c.To), flag(c.Used), c.Age.Milliseconds(), next, c.Error, c.GmailID, c.ThreadID,
		flag(c.Resend), l.lifetime(c.To).Milliseconds(), c.Queue, c.Hash, flag(c.Claimed), flag(c.Deferred),
		l.keep.Failed.Milliseconds()).Slice()
	if err != nil {
		return "", false, fmt.Errorf("ledger: finish %q: %w", id, err)
	}
	return State(text(got, 1)), verdict(got) == 1, nil
}

// Cancel stops a mail that has not left. It returns the state that stands
// afterwards (empty for an ID that was never reserved), the mail's queue, and
// whether the mail is cancelled.
func (l *Ledger) Cancel(ctx context.Context, id string) (state State, queue string, ok bool, err error) {
	got, err := cancelScript.Run(ctx, l.rdb, []string{key(id)}, l.lifetime(Cancelled).Milliseconds()).Slice()
	if err != nil {
		return "", "", false, fmt.Errorf("ledger: cancel %q: %w", id, err)
	}
	return State(text(got, 1)), text(got, 2), verdict(got) == 1, nil
}

// Reopen starts a new round for a mail that failed: it is queued again, and
// its attempts are forgotten. It reports whether the mail had failed.
func (l *Ledger) Reopen(ctx context.Context, id string) (bool, error) {
	reopened, err := reopenScript.Run(ctx, l.rdb, []string{key(id)}).Bool()
	if err != nil {
		return false, fmt.Errorf("ledger: reopen %q: %w", id, err)
	}
	return reopened, nil
}

func (l *Ledger) lifetime(s State) time.Duration {
	switch s {
	case Sent, Cancelled:
		return l.keep.Sent
	case Failed, Unknown, Expired:
		return l.keep.Failed
	case Queued, Waiting, Sending, Retrying:
		return 0
	}
	return 0
}
