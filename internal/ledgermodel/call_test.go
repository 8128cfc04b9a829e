package ledgermodel_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/tasks/ledger"
)

// A call is one of the ledger's methods with its arguments: one command for
// Redis, that is done or not.
type call struct {
	op    op
	token string
	// For a Finish and a Settle.
	to                                         ledger.State
	claimed, used, deferred, resend, canLookUp bool
	gmailID, text                              string
	// For a Looked; a Reopen; a Lose; a Reserve.
	absent             bool
	ago                int64 // Seconds since that look.
	most               int   // Looks after which nobody looks again.
	unknown, requeue   bool
	atOnce, otherMails bool
}

type op int

const (
	reserve op = iota + 1
	look
	begin
	finish
	looked
	cancel
	reopen
	requeued
	settle
	keep
	lose
)

var verbs = map[op]string{
	reserve: "Reserve", look: "Look", begin: "Begin", finish: "Finish", looked: "Looked", cancel: "Cancel",
	reopen: "Reopen", requeued: "Requeued", settle: "Settle", keep: "Keep", lose: "Lose",
}

func (c call) String() string {
	s := verbs[c.op]
	if c.token != "" {
		s += " " + c.token
	}
	if c.to != "" {
		s += " → " + string(c.to)
	}
	return s
}

// An answer is what a method returned.
type answer struct {
	state ledger.State
	// ok is each method's own word for "done".
	ok               bool
	givenUp, toLook  bool
	held             bool
	attempts         uint8
	text             string // The record's error,
	lost, isLookedUp bool   // and more of it.
}

const (
	mailID  = "order-1041"
	queue   = "default:shop@example.com"
	account = "shop@example.com"
	limit   = 3 // Attempts that a mail has.
)

// ask makes the call.
func (c call) ask(ctx context.Context, l *ledger.Ledger) (a answer, err error) {
	switch c.op {
	case reserve:
		hash := "the mail's"
		if c.otherMails {
			hash = "another mail's"
		}
		rec, fresh, err := l.Reserve(ctx, mailID, ledger.Reservation{Queue: queue, Hash: hash})
		if errors.Is(err, ledger.ErrTaken) {
			return answer{state: rec.State, text: "taken"}, nil
		}
		return answer{state: rec.State, ok: fresh}, err
	case look:
		rec, err := l.Look(ctx, mailID)
		return answer{
			state: rec.State, ok: true, attempts: small(rec.Attempts), text: rec.Error, lost: rec.Lost, isLookedUp: rec.LookUp,
		}, err
	case begin:
		attempt := ledger.Attempt{
			Token: c.token, Lease: lease * time.Second, Account: account, Resend: c.resend, Limit: limit,
		}
		if c.canLookUp {
			attempt.LookUpAt = time.Now().Add(time.Minute)
		}
		got, err := l.Begin(ctx, mailID, attempt)
		return answer{state: got.State, ok: got.Won, givenUp: got.GivenUp, toLook: got.LookUp, attempts: small(got.Attempts)}, err
	case finish:
		a.state, a.ok, err = c.finish(ctx, l)
	case looked:
		a.state, a.held, err = l.Looked(ctx, mailID,
			ledger.LookUp{
				Token: c.token, At: time.Now().Add(-time.Duration(c.ago) * time.Second),
				Absent: c.absent, Resend: c.resend, Limit: limit, Next: time.Now().Add(time.Minute),
			},
			ledger.Absence{Times: 2, Over: absent * time.Second, Most: c.most})
	case cancel:
		a, err = decided(l.Cancel(ctx, mailID))
	case reopen:
		a, err = decided(l.Reopen(ctx, mailID, ledger.Round{Unknown: c.unknown, Requeue: c.requeue}))
	case requeued:
		err = l.Requeued(ctx, mailID)
	case settle:
		a, err = decided(l.Settle(ctx, mailID, c.to))
	case keep:
		var left time.Duration
		left, err = l.Keep(ctx, mailID, []byte("payload"))
		a.ok = left > 0
	case lose:
		idle := ledger.LostAfter
		if c.atOnce {
			idle = 0
		}
		a.state, a.ok, err = l.Lose(ctx, mailID, idle)
	default:
		err = fmt.Errorf("no such call: %d", c.op)
	}
	return a, err
}

func (c call) finish(ctx context.Context, l *ledger.Ledger) (ledger.State, bool, error) {
	change := ledger.Change{
		Token: c.token, To: c.to, Claimed: c.claimed, Used: c.used, Deferred: c.deferred,
		Resend: c.resend, LookUp: c.canLookUp, Error: c.text, GmailID: c.gmailID, ThreadID: c.gmailID,
		Queue: queue, Hash: "the mail's",
	}
	if c.used && c.to != ledger.Sent {
		change.Age = time.Second
	}
	if c.used { // As delivery writes it: beside the budget's command.
		return l.FinishWith(ctx, mailID, change, func(redis.Pipeliner) {})
	}
	return l.Finish(ctx, mailID, change)
}

func decided(d ledger.Decision, err error) (answer, error) {
	return answer{state: d.State, ok: d.Made}, err
}

func small(n int) uint8 { return uint8(min(n, 255)) }
