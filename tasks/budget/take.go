package budget

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Send is one send that is asked for.
type Send struct {
	// Token is this send's own, and differs from every other's. The same token
	// asks again while it waits, and when an answer got lost: that books once.
	Token string
	// Recipients of the message, of all kinds.
	Recipients int
	// Critical mail goes next, and has a share that is kept for it.
	Critical bool
	// Lease is how long the send counts as in flight where nobody ends it:
	// longer than it can take. At most an hour.
	Lease time.Duration
}

// Reason is what a send waits for.
type Reason string

// The reasons.
const (
	Rate        Reason = "rate"        // The account's sends a minute.
	Concurrency Reason = "concurrency" // Another's end, in flight.
	Daily       Reason = "daily"       // The messages of the last 24 hours.
	Recipients  Reason = "recipients"  // Their recipients.
	Frozen      Reason = "frozen"      // The backend said until when.
	Project     Reason = "project"     // The sends a minute of all accounts.
)

// Answer is what Take says.
type Answer struct {
	// Go says that the send may begin. Give ends it.
	Go bool
	// For is what to wait for.
	For Reason
	// Wait is for how long. The same may be the answer then: who is urgent goes
	// first.
	Wait time.Duration
	// Never says that no wait would help: the message has more recipients than
	// its class may have in a whole day. That is the account's recipients of a
	// day for critical mail, and for other mail what is left of them without the
	// tenth that is kept for critical mail.
	Never bool
	// Text is what the backend said, for Frozen.
	Text string
	// Day is what the account's day holds, for Daily and Recipients: under other
	// limits it is worth asking again.
	Day Day
	// Spent says, for Daily and Recipients, that the day is used up for every
	// mail of its class, and not only for this one, which has many recipients.
	// Wait is this mail's own still: one with fewer recipients may go before.
	Spent bool
}

// errNoLease refuses leases that would outlive their key, or never live.
var errNoLease = errors.New("budget: take: Lease must be over 0 and at most an hour")

// Take asks for one send, and books it where the answer is to go.
func (b *Budget) Take(ctx context.Context, account string, s Send) (Answer, error) {
	if s.Lease < time.Millisecond || s.Lease > time.Hour {
		return Answer{}, errNoLease
	}
	d := b.defaults(account)
	a, err := ask(ctx, b.rdb, takeScript,
		keys(account, limitsKey, freezeKey, cutKey, paceKey, waitingKey, leasesKey, criticalKey, daysKey),
		s.Token, s.Recipients, flag(s.Critical), s.Lease.Milliseconds(), b.window.Milliseconds(),
		d.Rate, d.Daily, d.Recipients, d.Concurrency)
	if err != nil || !a.Go || b.project == 0 {
		return a, err
	}
	a, err = ask(ctx, b.rdb, projectScript, []string{projectPaceKey, projectWaitingKey},
		s.Token, flag(s.Critical), b.project)
	if err != nil || a.Go {
		return a, err // After an error the account's yes stands for who asks again.
	}
	return a, b.Give(ctx, account, s, Unused)
}

// ask runs a script that answers a send.
func ask(ctx context.Context, rdb redis.UniversalClient, script *redis.Script, keys []string, args ...any) (Answer, error) {
	got, err := script.Run(ctx, rdb, keys, args...).Slice()
	if err != nil {
		return Answer{}, fmt.Errorf("budget: take: %w", err)
	}
	switch number(got, 0) {
	case 1:
		return Answer{Go: true}, nil
	case 2:
		return Answer{For: Reason(text(got, 1)), Never: true}, nil
	}
	a := Answer{
		For: Reason(text(got, 1)), Wait: time.Duration(number(got, 2)) * time.Millisecond, Text: text(got, 3),
	}
	if a.For == Daily || a.For == Recipients {
		a.Day = Day{Messages: int(number(got, 4)), Recipients: int(number(got, 5))}
		a.Spent = number(got, 6) == 1
	}
	return a, nil
}

// End is how a send ended, as far as the budget minds.
type End int

const (
	// Used says that it left, or may have.
	Used End = iota
	// Refused says that the backend was asked and took nothing. The day's counts
	// are given back, the slot in the rate is not.
	Refused
	// Unused says that the backend was not asked. All is given back; the slot
	// in the rate only where nobody has taken another since, and the project's
	// not at all.
	Unused
)

// Give ends a send that Take let go. Given again, or after its lease has ended,
// it does nothing; then what was booked stays booked.
func (b *Budget) Give(ctx context.Context, account string, s Send, e End) error {
	var err error
	if e == Used {
		err = b.rdb.ZRem(ctx, leaseKey(account, s), s.Token).Err()
	} else {
		err = giveScript.Run(ctx, b.rdb, []string{key(account, paceKey), leaseKey(account, s), key(account, daysKey)},
			s.Token, s.Recipients, b.window.Milliseconds(), flag(e == Unused)).Err()
	}
	if err != nil {
		return fmt.Errorf("budget: give: %w", err)
	}
	return nil
}

// GiveIn puts the end of a send that is Used into a pipeline.
func (b *Budget) GiveIn(ctx context.Context, pipe redis.Pipeliner, account string, s Send) {
	pipe.ZRem(ctx, leaseKey(account, s), s.Token)
}

func leaseKey(account string, s Send) string {
	if s.Critical {
		return key(account, criticalKey)
	}
	return key(account, leasesKey)
}
