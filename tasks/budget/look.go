package budget

import (
	"context"
	"fmt"
	"time"
)

// Spent says until when there is no room in an account's day for a mail to one
// recipient.
type Spent struct {
	// Until is zero where there is room.
	Until time.Time
	// Of is what is used up: Daily or Recipients.
	Of Reason
}

// Text is the same for people.
func (s Spent) Text() string {
	if s.Of == Daily {
		return "the account's messages of 24 hours are used up"
	}
	return "the account's recipients of 24 hours are used up"
}

// State is how an account stands.
type State struct {
	// Limits are what is set for it, else the defaults.
	Limits Limits
	// Rate and Concurrency are what holds now: less than the limits after a cut.
	Rate, Concurrency int
	// InFlight is how many sends are on their way.
	InFlight int
	// Messages and Recipients were sent in the last 24 hours.
	Messages, Recipients int
	// Spent says whether they use the day up but for the tenth that is kept for
	// critical mail, and SpentCritical whether there is nothing left of that.
	Spent, SpentCritical Spent
	// Frozen is zero for an account that is not.
	Frozen Freeze
	// Unlimited says that nothing holds any send of the account back: there is
	// no need to Take.
	Unlimited bool
}

// Look reads how an account stands, in one round trip.
func (b *Budget) Look(ctx context.Context, account string) (State, error) {
	d := b.defaults(account)
	got, err := lookScript.Run(ctx, b.rdb, keys(account, limitsKey, freezeKey, cutKey, leasesKey, criticalKey, daysKey),
		b.window.Milliseconds(), d.Rate, d.Daily, d.Recipients, d.Concurrency).Slice()
	if err != nil {
		return State{}, fmt.Errorf("budget: look: %w", err)
	}
	n := func(i int) int { return int(number(got, i)) }
	s := State{
		Limits: Limits{Rate: n(0), Daily: n(1), Recipients: n(2), Concurrency: n(3)},
		Rate:   n(4), Concurrency: n(5), InFlight: n(6), Messages: n(7), Recipients: n(8),
	}
	if ms := number(got, 9); ms > 0 {
		s.Frozen = Freeze{Until: in(ms), Reason: text(got, 10)}
	}
	s.Spent, s.SpentCritical = spent(got, 11), spent(got, 13)
	s.Unlimited = s.Limits == (Limits{}) && s.Rate == 0 && s.Concurrency == 0 && s.Frozen.Until.IsZero() && b.project == 0
	return s, nil
}

// spent reads two elements of a reply.
func spent(reply []any, i int) (s Spent) {
	if ms := number(reply, i); ms > 0 {
		s = Spent{Until: in(ms), Of: Reason(text(reply, i+1))}
	}
	return s
}
