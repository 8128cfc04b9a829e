package budget_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/tasks/budget"
)

// TestALostAnswerBooksOnce: a client repeats what it got no answer to.
func TestALostAnswerBooksOnce(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		b := budget.New(rdb)
		for _, s := range []budget.Send{mail(), criticalMail()} {
			s.Recipients = 7
			for range 3 {
				mustGo(t, b, s)
			}
			if got := look(t, b); got.InFlight != 1 || got.Messages != 1 || got.Recipients != 7 {
				t.Errorf("%+v, want one in flight, one message and 7 recipients", got)
			}
			give(t, b, s, budget.Unused)
		}
		mustGo(t, b, mail())
		// One slot in the rate: the next is a second later, not three.
		if a := mustWait(t, b, mail(), budget.Rate); a.Wait > time.Second {
			t.Errorf("the next waits %v, want less than a second", a.Wait)
		}
	})
}

// TestARepeatStartsTheLeaseAnew, and keeps the part of the day that it is in.
func TestARepeatStartsTheLeaseAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := budget.New(w.rdb)
	s := mail()
	for range 70 { // Over the hour that a key of leases lives.
		mustGo(t, b, s)
		w.pass(s.Lease - time.Second)
	}
	if got := look(t, b); got.InFlight != 1 || got.Messages != 1 {
		t.Errorf("%+v, want one in flight and one message", got)
	}
	give(t, b, s, budget.Refused)
	if got := look(t, b); got.InFlight != 0 || got.Messages != 0 || got.Recipients != 0 {
		t.Errorf("%+v, want nothing", got)
	}
	w.pass(time.Minute)
	mustGo(t, b, s)
	w.pass(s.Lease + time.Millisecond)
	mustGo(t, b, s) // Its lease has ended: this is another send.
	if got := look(t, b); got.InFlight != 1 || got.Messages != 2 {
		t.Errorf("%+v, want one in flight and two messages", got)
	}
}

func TestGive(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		end      budget.End
		messages int
		slot     bool // Is given back.
	}{
		"used":    {budget.Used, 1, false},
		"refused": {budget.Refused, 0, false},
		"unused":  {budget.Unused, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, rdb *redis.Client) {
				b := budget.New(rdb)
				s := mail()
				s.Recipients = 5
				mustGo(t, b, s)
				for range 2 { // The second is the client's, which had no answer.
					give(t, b, s, test.end)
					if got := look(t, b); got.InFlight != 0 || got.Messages != test.messages || got.Recipients != 5*test.messages {
						t.Errorf("%+v, want nothing in flight and %d messages", got, test.messages)
					}
				}
				if a := take(t, b, mail()); a.Go != test.slot {
					t.Errorf("the next is answered %+v, want its slot free: %v", a, test.slot)
				}
			})
		})
	}
}

// TestGivenAfterItsEnd takes nothing out of the day: neither for a lease that is
// over, here in a part of the day whose number a missing lease would stand for,
// nor for a part that has left the day already.
func TestGivenAfterItsEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.now = time.Date(2025, 11, 24, 0, 0, 0, 0, time.UTC) // 1914 × 1024 quarters of an hour after 1970.
	w.server.SetTime(w.now)
	b := budget.New(w.rdb, only(budget.Limits{}))
	s := mustGo(t, b, mail())
	give(t, b, s, budget.Used)
	give(t, b, s, budget.Refused)
	if got := look(t, b); got.Messages != 1 {
		t.Errorf("%+v, want the message that was used", got)
	}

	b = budget.New(w.rdb, budget.WithWindow(10*time.Second), only(budget.Limits{}))
	old := mail()
	w.pass(48 * time.Hour)
	mustGo(t, b, old)
	w.pass(11 * time.Second)
	mustGo(t, b, mail())
	give(t, b, old, budget.Refused)
	if got := look(t, b); got.Messages != 1 || got.Recipients != 1 {
		t.Errorf("%+v, want the message of this day", got)
	}
}

// TestGivenAfterItsLease leaves all that was booked, although nobody has asked
// since and found that the lease is over.
func TestGivenAfterItsLease(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]budget.End{"used": budget.Used, "refused": budget.Refused, "unused": budget.Unused} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, s := range []budget.Send{mail(), criticalMail()} {
				w := newWorld(t)
				b := budget.New(w.rdb, only(budget.Limits{Rate: 1}))
				s.Lease = time.Second
				mustGo(t, b, s)
				w.pass(s.Lease + time.Millisecond)
				give(t, b, s, end)
				if got := look(t, b); got.InFlight != 0 || got.Messages != 1 || got.Recipients != 1 {
					t.Errorf("%+v, want nothing in flight, and the message counted", got)
				}
				mustWait(t, b, mail(), budget.Rate)
			}
		})
	}
}

// TestASlotBehindAnother is not given back: the other would be too early.
func TestASlotBehindAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := budget.New(w.rdb, only(budget.Limits{Rate: 60}))
	first := mustGo(t, b, mail())
	w.pass(5 * time.Second)
	mustGo(t, b, mail())
	give(t, b, first, budget.Unused)
	mustWait(t, b, mail(), budget.Rate)

	// The one before it is what a slot that is given back leads to.
	w.pass(time.Second)
	last := mustGo(t, b, mail())
	give(t, b, last, budget.Unused)
	last = mustGo(t, b, mail())
	give(t, b, last, budget.Unused)
	mustGo(t, b, mail())
	mustWait(t, b, mail(), budget.Rate)
}

func TestFrozenTakesNothing(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		b := budget.New(rdb)
		f := budget.Freeze{Until: in(time.Hour), Reason: "User-rate limit exceeded."}
		freeze(t, b, f)
		for _, s := range []budget.Send{mail(), criticalMail()} {
			a := mustWait(t, b, s, budget.Frozen)
			if a.Text != f.Reason || a.Wait > time.Hour || a.Wait < 59*time.Minute {
				t.Errorf("the answer is %+v, want %+v", a, f)
			}
		}
		got := look(t, b)
		if !near(got.Frozen.Until, f.Until) || got.Frozen.Reason != f.Reason || got.InFlight != 0 || got.Messages != 0 {
			t.Errorf("%+v, want it frozen and nothing booked", got)
		}
	})
}

func TestAFreezeIsOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.server.ClockTTL(false) // Its key may be there for longer.
	b := budget.New(w.rdb)
	freeze(t, b, budget.Freeze{Until: time.Now().Add(time.Minute), Reason: "429"})
	w.pass(mustWait(t, b, mail(), budget.Frozen).Wait)
	mustGo(t, b, mail())
	if got := look(t, b); got.Frozen != (budget.Freeze{}) {
		t.Errorf("%+v, want no freeze", got)
	}
}
