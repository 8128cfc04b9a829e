package budget_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/tasks/budget"
)

func cut(t *testing.T, b *budget.Budget, k budget.Kind, want int) {
	t.Helper()
	if now, err := b.Cut(t.Context(), account, k); err != nil || now != want {
		t.Errorf("the cut leaves %d (%v), want %d", now, err, want)
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		b := budget.New(rdb)
		for range 3 { // All in flight met it: that is one cut.
			cut(t, b, budget.CutRate, 30)
			cut(t, b, budget.CutConcurrency, 2)
		}
		if s := look(t, b); s.Rate < 30 || s.Rate > 35 || s.Concurrency != 2 || s.Limits != budget.DefaultLimits(account) {
			t.Errorf("%+v, want a rate of 30 and 2 in flight", s)
		}
		mustGo(t, b, mail())
		if a := mustWait(t, b, mail(), budget.Rate); a.Wait < 1100*time.Millisecond {
			t.Errorf("the wait is %v, want it longer than at a rate of 60", a.Wait)
		}
	})
}

func TestACutGrowsBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := budget.New(w.rdb, only(budget.Limits{Rate: 600, Concurrency: 8}))
	cut(t, b, budget.CutRate, 300)
	cut(t, b, budget.CutConcurrency, 4)
	var passed time.Duration
	check := func(at time.Duration, rate, concurrency int) {
		t.Helper()
		w.pass(at - passed)
		passed = at
		if s := look(t, b); s.Rate != rate || s.Concurrency != concurrency {
			t.Errorf("after %v: rate %d, %d in flight, want %d and %d", at, s.Rate, s.Concurrency, rate, concurrency)
		}
	}
	check(5*time.Second, 420, 5)
	check(10*time.Second, 540, 7)
	check(40*time.Second, 570, 7)
	check(70*time.Second, 600, 8)
	check(30*time.Minute, 600, 8)
}

func TestCutAgainAndAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := budget.New(w.rdb, only(budget.Limits{Rate: 640, Concurrency: 4}))
	cut(t, b, budget.CutRate, 320)
	w.pass(3*time.Second - time.Millisecond)
	cut(t, b, budget.CutRate, 396) // It has grown since.
	w.pass(time.Millisecond)
	cut(t, b, budget.CutRate, 198)
	for range 20 {
		w.pass(3 * time.Second)
		if _, err := b.Cut(t.Context(), account, budget.CutRate); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Cut(t.Context(), account, budget.CutConcurrency); err != nil {
			t.Fatal(err)
		}
	}
	// Somebody always goes, to find out; and who was right is soon forgotten.
	if s := look(t, b); s.Rate != 10 || s.Concurrency != 1 {
		t.Errorf("%+v, want a rate of 10 and one in flight", s)
	}
	w.pass(15 * time.Minute)
	if s := look(t, b); s.Rate != 640 || s.Concurrency != 4 {
		t.Errorf("after 15 min: %+v, want the limits", s)
	}
}

// TestCutWithoutLimits begins with something, and ends.
func TestCutWithoutLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.server.ClockTTL(false) // Growth alone ends it.
	b := budget.New(w.rdb, only(budget.Limits{}))
	for range 10 {
		mustGo(t, b, mail())
	}
	cut(t, b, budget.CutRate, 3000)
	cut(t, b, budget.CutConcurrency, 5)
	mustWait(t, b, mail(), budget.Concurrency)
	w.pass(2 * time.Hour)
	if s := look(t, b); s.Rate != 0 || s.Concurrency != 0 {
		t.Errorf("after two hours: %+v, want no limits", s)
	}
}

// TestACutGrowsFromTheEndOfAFreeze, since no mail is refused in it; and the mail
// that tries then is part of the same trouble.
func TestACutGrowsFromTheEndOfAFreeze(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := budget.New(w.rdb, only(budget.Limits{Rate: 600}))
	check := func(after time.Duration, rate int) {
		t.Helper()
		w.pass(after)
		if s := look(t, b); s.Rate != rate {
			t.Errorf("a rate of %d, want %d", s.Rate, rate)
		}
	}
	for range 2 {
		freeze(t, b, budget.Freeze{Until: time.Now().Add(2 * time.Hour)}) // Redis keeps how long that is.
		cut(t, b, budget.CutRate, 300)
	}
	check(time.Hour, 300)
	check(time.Hour, 300)
	check(time.Second, 324)
	freeze(t, b, budget.Freeze{Until: time.Now().Add(time.Hour)}) // It slides.
	cut(t, b, budget.CutRate, 300)
	check(time.Hour, 300)
	check(10*time.Second, 540)
	check(time.Minute, 600)
}

// TestAQuotaIsFound has a real quota half of the limit, as a bucket that holds
// ten. Gmail may name no time, that of its next token, or a later one.
func TestAQuotaIsFound(t *testing.T) {
	t.Parallel()
	for _, named := range []time.Duration{-1, 0, 10 * time.Second, 50 * time.Second} {
		t.Run(named.String(), func(t *testing.T) {
			t.Parallel()
			const perSecond, burst, latency = 5.0, 10.0, 50 * time.Millisecond
			w := newWorld(t)
			b := budget.New(w.rdb, only(budget.Limits{Rate: 600}))
			begun, last, bucket := w.now, w.now, burst
			accepted, refused := 0, 0
			var frozen time.Duration
			for w.now.Sub(begun) < 5*time.Minute {
				s := mail()
				a := take(t, b, s)
				if !a.Go {
					w.pass(a.Wait)
					continue
				}
				bucket = min(burst, bucket+perSecond*w.now.Sub(last).Seconds())
				last = w.now
				if bucket >= 1 {
					bucket--
					accepted++
					give(t, b, s, budget.Used)
					continue
				}
				refused++
				w.pass(latency)
				give(t, b, s, budget.Refused)
				if named >= 0 {
					left := named + time.Duration((1-bucket)/perSecond*float64(time.Second))
					frozen += left
					freeze(t, b, budget.Freeze{Until: time.Now().Add(left)})
				}
				if _, err := b.Cut(t.Context(), account, budget.CutRate); err != nil {
					t.Fatal(err)
				}
			}
			if part := float64(accepted) / ((5*time.Minute - frozen).Seconds() * perSecond); part < 0.9 {
				t.Errorf("%.0f %% of the quota was used while nothing was frozen, want 90 or more", 100*part)
			}
			if part := float64(refused) / float64(accepted+refused); part > 0.02 || refused == 0 {
				t.Errorf("%.1f %% were refused, want 2 at most, and some", 100*part)
			}
		})
	}
}
