package budget_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks/budget"
)

// went is a send of a test.
type went struct {
	at         time.Time
	recipients int
}

// within sums what went in the last d.
func within(log []went, now time.Time, d time.Duration) (messages, recipients int) {
	for _, s := range log {
		if now.Sub(s.at) < d {
			messages++
			recipients += s.recipients
		}
	}
	return messages, recipients
}

// TestNoDayHoldsMore compares with a log of all that went, for days.
func TestNoDayHoldsMore(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	const daily, recipients = 40, 100
	for seed := range uint64(4) {
		w, r := newWorld(t), rand.New(rand.NewPCG(seed, 1))
		b := budget.New(w.rdb, only(budget.Limits{Daily: daily, Recipients: recipients}))
		var log []went
		for range 1200 {
			s := mail()
			s.Critical, s.Recipients = r.IntN(3) == 0, 1+r.IntN(5)
			s.Lease = 3 * time.Minute // Longer than a refusal takes here.
			shareDaily, shareRecipients := daily, recipients
			if !s.Critical {
				shareDaily, shareRecipients = daily*9/10, recipients*9/10
			}
			fits := func(day time.Duration) bool {
				m, n := within(log, w.now, day)
				return m < shareDaily && n+s.Recipients <= shareRecipients
			}
			a := take(t, b, s)
			if a.Go && !fits(day) {
				t.Fatalf("seed %d: %+v went although the day is full", seed, s)
			}
			// What has left the day counts for a quarter of an hour longer, and no more.
			if !a.Go && fits(day+15*time.Minute) {
				t.Fatalf("seed %d: %+v has to wait although there is room: %+v", seed, s, a)
			}
			switch {
			case a.Go && r.IntN(10) == 0: // It did not leave.
				w.pass(time.Duration(r.IntN(3)) * time.Minute)
				give(t, b, s, budget.Refused)
			case a.Go:
				log = append(log, went{w.now, s.Recipients})
				give(t, b, s, budget.Used)
			case r.IntN(4) == 0:
				w.pass(a.Wait)
				mustGo(t, b, s)
				log = append(log, went{w.now, s.Recipients})
			}
			w.pass(time.Duration(r.Int64N(int64(30 * time.Minute))))
			if r.IntN(200) == 0 {
				w.pass(time.Duration(r.Int64N(int64(3 * day))))
			}
		}
	}
}

// TestDayOfManyWorkers has a short one, and many who want more of it.
func TestDayOfManyWorkers(t *testing.T) {
	t.Parallel()
	const daily, day = 100, time.Second
	b := budget.New(redistest.Start(t).Client(), budget.WithWindow(day), only(budget.Limits{Daily: daily}))
	var mu sync.Mutex
	var asked, answered []time.Time
	workers(t, 12, 3*day, func(ctx context.Context) {
		s := criticalMail()
		begun := time.Now()
		a, err := b.Take(ctx, account, s)
		if err != nil {
			return // The time is over.
		}
		if a.Go {
			mu.Lock()
			defer mu.Unlock()
			asked, answered = append(asked, begun), append(answered, time.Now())
			return
		}
		time.Sleep(a.Wait)
	})
	for _, first := range asked {
		n := 0
		for i := range asked {
			if !asked[i].Before(first) && answered[i].Before(first.Add(day)) {
				n++
			}
		}
		if n > daily {
			t.Fatalf("%d sends in a day, want at most %d", n, daily)
		}
	}
	if len(asked) < 2*daily {
		t.Errorf("%d sends in three days, want at least %d", len(asked), 2*daily)
	}
}

func TestATenthIsKept(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		b := budget.New(rdb, only(budget.Limits{Daily: 20, Recipients: 1000}))
		for range 18 {
			mustGo(t, b, mail())
		}
		a := mustWait(t, b, mail(), budget.Daily)
		if a.Wait < 24*time.Hour || a.Wait > 24*time.Hour+15*time.Minute {
			t.Errorf("the wait is %v, want a day and up to a quarter of an hour", a.Wait)
		}
		mustGo(t, b, criticalMail())
		mustGo(t, b, criticalMail())
		mustWait(t, b, criticalMail(), budget.Daily)
	})
}

func TestRecipientsOfADay(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		b := budget.New(rdb, only(budget.Limits{Daily: 1000, Recipients: 100}))
		mustGo(t, b, to(mail(), 88))
		mustWait(t, b, to(mail(), 3), budget.Recipients)
		mustGo(t, b, to(mail(), 2))
		mustWait(t, b, to(criticalMail(), 11), budget.Recipients)
		mustGo(t, b, to(criticalMail(), 10))
		// For more than the share of a whole day no wait helps.
		for _, s := range []budget.Send{to(mail(), 91), to(criticalMail(), 101)} {
			if a := take(t, b, s); !a.Never || a.Go || a.For != budget.Recipients {
				t.Errorf("%d recipients: %+v, want never", s.Recipients, a)
			}
		}
		if s := look(t, b); s.Messages != 3 || s.Recipients != 100 {
			t.Errorf("%+v, want 3 messages to 100 recipients", s)
		}
	})
}

// to is s with n recipients.
func to(s budget.Send, n int) budget.Send {
	s.Recipients = n
	return s
}

// TestSpent tells a day that is used up for all of a class from one that has too
// little room for a mail with many recipients.
func TestSpent(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		b := budget.New(rdb, only(budget.Limits{Daily: 10, Recipients: 100}))
		check := func(s budget.Send, what budget.Reason, spent bool) {
			t.Helper()
			if a := mustWait(t, b, s, what); a.Spent != spent || (a.Day != budget.Day{Messages: 10, Recipients: 100}) {
				t.Errorf("%d recipients: %+v, want spent: %v", s.Recipients, a, spent)
			}
		}
		mustGo(t, b, to(mail(), 89))
		check(to(mail(), 2), budget.Recipients, false)
		check(to(mail(), 90), budget.Recipients, false)
		spent := func(ordinary, critical budget.Reason) {
			t.Helper()
			if s := look(t, b); s.Spent.Of != ordinary || s.SpentCritical.Of != critical {
				t.Errorf("%+v and for critical mail %+v, want %q and %q", s.Spent, s.SpentCritical, ordinary, critical)
			}
		}
		spent("", "")
		mustGo(t, b, mail()) // For one there was room.
		check(mail(), budget.Recipients, true)
		spent(budget.Recipients, "")
		check(to(mail(), 90), budget.Recipients, true)

		check(to(criticalMail(), 11), budget.Recipients, false)
		mustGo(t, b, to(criticalMail(), 9))
		check(to(criticalMail(), 2), budget.Recipients, false)
		mustGo(t, b, criticalMail())
		check(criticalMail(), budget.Recipients, true)
		check(to(criticalMail(), 100), budget.Recipients, true)
		spent(budget.Recipients, budget.Recipients)
	})
}

// TestSpentMessages are so for every mail, however many recipients it has.
func TestSpentMessages(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		b := budget.New(rdb, only(budget.Limits{Daily: 10}))
		for range 9 {
			mustGo(t, b, mail())
		}
		if s := look(t, b); s.Spent.Of != budget.Daily || s.SpentCritical != (budget.Spent{}) {
			t.Errorf("after nine of ten messages: %+v, and for critical mail %+v", s.Spent, s.SpentCritical)
		}
		for _, s := range []budget.Send{mail(), to(mail(), 50)} {
			if a := mustWait(t, b, s, budget.Daily); !a.Spent {
				t.Errorf("%d recipients: %+v, want spent", s.Recipients, a)
			}
		}
		mustGo(t, b, to(criticalMail(), 50))
		for _, s := range []budget.Send{criticalMail(), to(criticalMail(), 50)} {
			if a := mustWait(t, b, s, budget.Daily); !a.Spent {
				t.Errorf("critical, %d recipients: %+v, want spent", s.Recipients, a)
			}
		}
		set(t, b, budget.Change{Daily: budget.To(0), Rate: budget.To(1)})
		if s := look(t, b); s.Spent != (budget.Spent{}) || s.SpentCritical != (budget.Spent{}) {
			t.Errorf("where the day has no limit: %+v, %+v", s.Spent, s.SpentCritical)
		}
		mustGo(t, b, mail())
		if a := mustWait(t, b, mail(), budget.Rate); a.Spent {
			t.Errorf("%+v, want the day not spent where the rate says no", a)
		}
	})
}

// TestSpentUntil is when a mail may go, for each class its own.
func TestSpentUntil(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := budget.New(w.rdb, only(budget.Limits{Daily: 10}))
	for range 9 {
		mustGo(t, b, mail())
	}
	w.pass(2 * time.Hour)
	mustGo(t, b, criticalMail())
	same := func(what string, until time.Time, s budget.Send) {
		t.Helper()
		asked := mustWait(t, b, s, budget.Daily).Wait
		if d := time.Until(until) - asked; d.Abs() > time.Second {
			t.Errorf("%s: spent until %v, and who asks waits for %v", what, until, asked)
		}
	}
	s := look(t, b)
	same("ordinary", s.Spent.Until, mail())
	same("critical", s.SpentCritical.Until, criticalMail())

	w.pass(mustWait(t, b, criticalMail(), budget.Daily).Wait)
	mustGo(t, b, criticalMail())
	if s := look(t, b); !s.Spent.Until.IsZero() || !s.SpentCritical.Until.IsZero() {
		t.Errorf("after the first nine have left the window: %+v, %+v", s.Spent, s.SpentCritical)
	}
}

// TestALongSilence, where nobody removed the key: the embedded Redis does not.
func TestALongSilence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.server.ClockTTL(false)
	b := budget.New(w.rdb, only(budget.Limits{Daily: 1}))
	for range 3 {
		mustGo(t, b, mail())
		mustWait(t, b, mail(), budget.Daily)
		w.pass(200 * 24 * time.Hour)
	}
	if s := look(t, b); s.Messages != 0 {
		t.Errorf("%d messages after a long silence", s.Messages)
	}
}

// TestAClockThatGoesBack, as after a failover to another host, leaves a full
// day full, and breaks nothing.
func TestAClockThatGoesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := budget.New(w.rdb, only(budget.Limits{Daily: 2}))
	mustGo(t, b, mail())
	s := mustGo(t, b, mail())
	w.pass(-time.Hour)
	mustWait(t, b, mail(), budget.Daily)
	give(t, b, s, budget.Refused) // Its part of the day is to come: it stays booked.
	w.pass(mustWait(t, b, mail(), budget.Daily).Wait + time.Hour)
	mustGo(t, b, mail())
}

// TestUsedTodayIsShown without anybody asking for a send.
func TestUsedTodayIsShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := budget.New(w.rdb)
	check := func(want int) {
		t.Helper()
		if s := look(t, b); s.Messages != want || s.Recipients != want {
			t.Errorf("%d messages, %d recipients, want %d", s.Messages, s.Recipients, want)
		}
	}
	check(0)
	mustGo(t, b, mail())
	w.pass(time.Hour)
	mustGo(t, b, mail())
	check(2)
	w.pass(23 * time.Hour)
	w.pass(15 * time.Minute)
	check(1)
	w.pass(time.Hour)
	check(0)
}
