package budget_test

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks/budget"
)

// TestNoMinuteHoldsMore sends as fast as it is let, before and after a pause.
func TestNoMinuteHoldsMore(t *testing.T) {
	t.Parallel()
	for _, rate := range []int{1, 2, 7, 60, 600} {
		t.Run(strconv.Itoa(rate), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			b := budget.New(w.rdb, only(budget.Limits{Rate: rate}))
			var sent []time.Time
			begun := w.now
			for w.now.Sub(begun) < 3*time.Minute {
				a := take(t, b, mail())
				if a.Go {
					sent = append(sent, w.now)
					continue
				}
				if a.For != budget.Rate || a.Wait <= 0 || a.Wait > time.Minute+500*time.Millisecond {
					t.Fatalf("the answer is %+v", a)
				}
				w.pass(a.Wait)
				if len(sent) == 2*rate {
					w.pass(20 * time.Second) // What nobody took is not saved up.
				}
			}
			for i, first := range sent {
				n, _ := slices.BinarySearchFunc(sent, first.Add(time.Minute), time.Time.Compare)
				if n-i > rate {
					t.Fatalf("%d sends in the minute after %v, want at most %d", n-i, first, rate)
				}
			}
			// All but the pause is used, within a hundredth and what begins at the end.
			if want := rate*160/60*99/100 - 1; len(sent) < want {
				t.Errorf("%d sends in all, want at least %d", len(sent), want)
			}
		})
	}
}

// TestRateOfManyWorkers has them ask all at once.
func TestRateOfManyWorkers(t *testing.T) {
	t.Parallel()
	const rate, slack = 12_000, 500 * time.Millisecond
	b := budget.New(redistest.Start(t).Client(), only(budget.Limits{Rate: rate, Concurrency: 0}))
	var mu sync.Mutex
	n := 0
	begun := time.Now()
	workers(t, 16, 2*time.Second, func(ctx context.Context) {
		s := mail()
		if !await(ctx, t, b, account, s) {
			return
		}
		mu.Lock()
		n++
		mu.Unlock()
		_ = b.Give(ctx, account, s, budget.Used) // The time may be over.
	})
	apart := (time.Minute + slack) / rate
	most := int((time.Since(begun)+slack)/apart) + 1
	if n > most || n < most/2 {
		t.Errorf("%d sends, want at most %d and not much less", n, most)
	}
	if s := look(t, b); s.Messages < n || s.Messages > n+16 {
		t.Errorf("%d messages are counted, want %d", s.Messages, n)
	}
}

// TestCriticalGoesNext has a thousand others wait for the same rate.
func TestCriticalGoesNext(t *testing.T) {
	t.Parallel()
	const rate = 300
	apart := time.Minute / rate
	b := budget.New(redistest.Start(t).Client(), only(budget.Limits{Rate: rate, Concurrency: 4}))
	ctx, cancel := context.WithCancel(t.Context())
	var others sync.WaitGroup
	for range 1000 {
		others.Go(func() {
			s := mail()
			if await(ctx, t, b, account, s) {
				_ = b.Give(ctx, account, s, budget.Used)
			}
		})
	}
	time.Sleep(apart) // They are all there.
	for range 8 {
		s, begun := criticalMail(), time.Now()
		if !await(ctx, t, b, account, s) {
			t.Fatal("critical mail did not go")
		}
		if took := time.Since(begun); took > 5*apart {
			t.Errorf("critical mail waited %v, want about %v", took, apart)
		}
		give(t, b, s, budget.Used)
	}
	cancel()
	others.Wait()
}

// TestCriticalIsNotOvertaken holds the order whoever asks first.
func TestCriticalIsNotOvertaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := budget.New(w.rdb, only(budget.Limits{Rate: 60}))
	mustGo(t, b, mail())
	urgent, alsoUrgent, other := criticalMail(), criticalMail(), mail()
	mustWait(t, b, other, budget.Rate)
	mustWait(t, b, urgent, budget.Rate)
	w.pass(mustWait(t, b, alsoUrgent, budget.Rate).Wait)
	mustWait(t, b, other, budget.Rate)
	mustGo(t, b, urgent)
	w.pass(mustWait(t, b, alsoUrgent, budget.Rate).Wait)
	mustWait(t, b, other, budget.Rate)
	mustGo(t, b, alsoUrgent)
	// Nobody urgent is left: what critical mail does not use the others may.
	w.pass(mustWait(t, b, other, budget.Rate).Wait)
	mustGo(t, b, other)
}

// TestADeadWaiterIsForgotten: its worker died while it waited.
func TestADeadWaiterIsForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := budget.New(w.rdb, only(budget.Limits{Rate: 60}))
	mustGo(t, b, mail())
	w.pass(mustWait(t, b, criticalMail(), budget.Rate).Wait)
	other := mail()
	var waited time.Duration
	for a := take(t, b, other); !a.Go; a = take(t, b, other) {
		waited += a.Wait
		w.pass(a.Wait)
	}
	if waited == 0 || waited > 600*time.Millisecond {
		t.Errorf("other mail waited %v for a dead one's turn, want about half a second", waited)
	}
}

func TestNoRate(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		// None on requests in flight either.
		b := budget.New(rdb, only(budget.Limits{Concurrency: 4}))
		for range 100 {
			mustGo(t, b, mail())
		}
		if s := look(t, b); s.InFlight != 100 || s.Messages != 100 || s.Rate != 0 || s.Concurrency != 0 {
			t.Errorf("%+v, want 100 in flight and no limits", s)
		}
		set(t, b, budget.Change{Concurrency: budget.To(100)})
		mustWait(t, b, mail(), budget.Concurrency)
	})
}

// TestAClockThatIsSetBack is Redis's, or that of a replica that takes over: nobody
// waits until it is as late again, and the rate holds from then on.
func TestAClockThatIsSetBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := budget.New(w.rdb, only(budget.Limits{Rate: 60}), budget.WithProject(60))
	for take(t, b, mail()).Go { // As many as may go at once.
		continue
	}
	w.pass(-time.Hour)
	sent := 0
	for begun := w.now; w.now.Sub(begun) < time.Minute; {
		if a := take(t, b, mail()); !a.Go {
			w.pass(a.Wait)
			continue
		}
		sent++
	}
	if sent < 58 || sent > 60 {
		t.Errorf("%d go in the next minute, want the rate", sent)
	}
}
