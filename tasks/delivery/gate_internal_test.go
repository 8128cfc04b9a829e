package delivery

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/postroom/postroom/tasks/budget"
)

// crowd is how many mails wait at a gate in these tests.
const crowd = 10

// arrive lets a crowd of mails pass, each doing what it does inside.
func arrive(ctx context.Context, g *gate, inside func(ticket)) {
	for range crowd {
		go func() {
			if passed, err := g.pass(ctx, ordinary, func(closure) {}); err == nil {
				inside(passed)
				g.leave(passed)
			}
		}()
	}
}

func TestAnOpenGateLetsAllPass(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(time.Now)
		var passed atomic.Int32
		arrive(t.Context(), g, func(ticket) { passed.Add(1) })
		synctest.Wait()
		if passed.Load() != crowd {
			t.Errorf("%d of %d passed an open gate", passed.Load(), crowd)
		}
	})
}

// TestOneMailTries holds that, when a closure is over, one mail alone finds out
// whether the account can send.
func TestOneMailTries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(time.Now)
		g.close(closedFrozen, "429", "", time.Now().Add(30*time.Second))
		var inside atomic.Int32
		answer, end := make(chan struct{}), make(chan struct{})
		arrive(t.Context(), g, func(passed ticket) {
			inside.Add(1)
			<-answer
			g.open(passed)
			<-end
		})
		time.Sleep(29 * time.Second)
		synctest.Wait()
		if inside.Load() != 0 {
			t.Fatalf("%d mails passed a closed gate", inside.Load())
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if inside.Load() != 1 {
			t.Fatalf("%d mails try after the closure, want 1", inside.Load())
		}
		close(answer)
		synctest.Wait()
		if inside.Load() != crowd {
			t.Errorf("%d of %d passed once one got through", inside.Load(), crowd)
		}
		close(end)
	})
}

// TestOnlyWhoPassedSinceOpensAGate is a mail that was on its way when another
// met the quota: that Gmail took it says nothing of what it takes now.
func TestOnlyWhoPassedSinceOpensAGate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(time.Now)
		before, err := g.pass(t.Context(), ordinary, func(closure) {})
		if err != nil {
			t.Fatal(err)
		}
		g.close(closedFrozen, "429", "", time.Now().Add(time.Hour))
		g.open(before)
		if c, _ := g.state(ordinary); c.kind != closedFrozen {
			t.Error("a mail from before the closure opened the gate")
		}
		time.Sleep(time.Hour)
		probe, err := g.pass(t.Context(), ordinary, func(closure) {})
		if err != nil {
			t.Fatal(err)
		}
		g.leave(before) // It ends while the probe is under way.
		var passed atomic.Int32
		arrive(t.Context(), g, func(ticket) { passed.Add(1) })
		synctest.Wait()
		if passed.Load() != 0 {
			t.Errorf("%d mails passed beside the one that tries", passed.Load())
		}
		g.open(probe)
		synctest.Wait()
		if passed.Load() != crowd {
			t.Errorf("%d of %d passed once the probe got through", passed.Load(), crowd)
		}
	})
}

func TestATryWithoutAnswerMakesRoomForTheNext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(time.Now)
		g.close(closedUnreachable, "dial", "", time.Time{})
		var passed atomic.Int32
		arrive(t.Context(), g, func(ticket) { passed.Add(1) }) // Such as mail that was cancelled.
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if passed.Load() != crowd {
			t.Errorf("%d of %d passed, one after the other", passed.Load(), crowd)
		}
	})
}

// TestWhoWaitsForATryTriesNext holds that a try without an answer wakes one of
// those that wait for what becomes of it.
func TestWhoWaitsForATryTriesNext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(time.Now)
		g.close(closedFrozen, "429", "", time.Now().Add(time.Second))
		time.Sleep(2 * time.Second)
		var tries atomic.Int32
		arrive(t.Context(), g, func(ticket) {
			tries.Add(1)
			time.Sleep(time.Second)
		})
		time.Sleep((crowd + 1) * time.Second)
		if tries.Load() != crowd {
			t.Errorf("%d of %d tried, one after the other", tries.Load(), crowd)
		}
	})
}

func TestPausesGrowOncePerClosure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(time.Now)
		got := make([]time.Duration, 0, 8)
		for range 8 {
			var c closure
			for range 3 { // Three handlers meet the same trouble.
				c, _ = g.close(closedUnreachable, "dial", "", time.Time{})
			}
			got = append(got, time.Until(c.until))
			time.Sleep(time.Until(c.until))
		}
		for i, seconds := range []float64{1, 2, 4, 8, 16, 30, 30, 30} {
			if got[i].Seconds() != seconds {
				t.Errorf("pause %d = %v, want %v s", i+1, got[i], seconds)
			}
		}
		g.open(ticket{epoch: g.epoch})
		if c, _ := g.close(closedUnreachable, "dial", "", time.Time{}); time.Until(c.until) != time.Second {
			t.Errorf("after a mail got through the first pause is %v, want 1s", time.Until(c.until))
		}
	})
}

func TestTheLaterTimeHolds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(time.Now)
		later := time.Now().Add(time.Hour)
		g.close(closedFrozen, "429", "", later)
		if c, _ := g.close(closedFrozen, "429", "", time.Now().Add(time.Minute)); !c.until.Equal(later) {
			t.Errorf("closed until %v, want the later %v", c.until, later)
		}
	})
}

func TestOneOddMailNeverBlocksAnAccount(t *testing.T) {
	t.Parallel()
	g := newGate(time.Now)
	for range 3 {
		if g.suspectBlocked("odd") {
			t.Error("one mail alone was proof")
		}
	}
	if !g.suspectBlocked("second") {
		t.Error("a second mail was no proof")
	}
	g.open(ticket{epoch: g.epoch})
	if g.suspectBlocked("second") {
		t.Error("one mail alone was proof, after another got through")
	}
}

func TestShutDownWaitsForThoseInside(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(time.Now)
		ctx, putBack := context.WithCancel(t.Context())
		inside, err := g.pass(ctx, ordinary, func(closure) {})
		if err != nil {
			t.Fatal(err)
		}
		down := make(chan bool)
		go func() { down <- g.shutDown(t.Context(), ordinary, notYet) }()
		synctest.Wait()
		var passed atomic.Int32
		arrive(ctx, g, func(ticket) { passed.Add(1) })
		synctest.Wait()
		select {
		case <-down:
			t.Fatal("shut down while a mail was inside")
		default:
		}
		g.leave(inside)
		if !<-down {
			t.Error("shutDown = false, though all have left")
		}
		putBack()
		synctest.Wait()
		if passed.Load() != 0 {
			t.Errorf("%d mails passed a gate that is shut", passed.Load())
		}
	})
}

func TestShutDownGivesUpWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(time.Now)
		if _, err := g.pass(t.Context(), ordinary, func(closure) {}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if g.shutDown(ctx, ordinary, notYet) {
			t.Error("shutDown = true, though a mail is inside")
		}
	})
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 40; n++ {
		longest := 6 * time.Hour
		if n < 8 {
			longest = 2 * time.Second << (2 * (n - 1))
		}
		var low, high time.Duration = time.Hour * 24, 0
		for range 2000 {
			d := backoff(n)
			low, high = min(low, d), max(high, d)
		}
		if low < time.Second || high > longest {
			t.Errorf("backoff(%d) is between %v and %v, want 1s to %v", n, low, high, longest)
		}
		if high < longest*9/10 && n > 2 {
			t.Errorf("backoff(%d) was never over %v in 2000 tries, want up to %v", n, high, longest)
		}
	}
}

// TestCriticalMailTriesByItself has a bulk mail try for long whether a closure
// is over.
func TestCriticalMailTriesByItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(time.Now)
		g.close(closedFrozen, "429", "", time.Now().Add(time.Second))
		pass := func(of rank) ticket {
			t.Helper()
			passed, err := g.pass(t.Context(), of, func(closure) {})
			if err != nil {
				t.Fatal(err)
			}
			return passed
		}
		bulk := pass(ordinary)
		began := time.Now()
		urgent := pass(critical)
		if waited := time.Since(began); waited != 0 {
			t.Fatalf("critical mail waited %v for a bulk mail's probe", waited)
		}
		var others atomic.Int32
		for _, kind := range []rank{ordinary, critical} {
			go func() {
				if passed, err := g.pass(t.Context(), kind, func(closure) {}); err == nil {
					others.Add(1)
					g.leave(passed)
				}
			}()
		}
		time.Sleep(10 * time.Second)
		if others.Load() != 0 {
			t.Errorf("%d more mails passed while these two try", others.Load())
		}
		g.open(urgent)
		g.leave(urgent)
		synctest.Wait()
		if others.Load() != 2 {
			t.Errorf("%d of 2 passed once the critical one got through", others.Load())
		}
		g.leave(bulk)
	})
}

// TestABlockOutlivesOtherTrouble keeps what a person has to mend apart from what
// ends by itself.
func TestABlockOutlivesOtherTrouble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(time.Now)
		g.close(closedFrozen, "429", "", time.Now().Add(time.Hour))
		if c, news := g.close(closedBlocked, "invalid_grant", "log in", time.Time{}); c.kind != closedBlocked || c.remedy != "log in" || !news {
			t.Errorf("a block beneath a freeze: %+v, news %v", c, news)
		}
		time.Sleep(2 * time.Hour)
		g.close(closedUnreachable, "no route", "", time.Time{})
		if c := g.standing(); c.kind != closedBlocked {
			t.Errorf("people are told %+v, want the block still", c)
		}
		if c, _ := g.state(ordinary); c.kind != closedUnreachable {
			t.Errorf("mail waits for %+v, want the network", c)
		}
		if ended := g.open(ticket{epoch: g.epoch}); ended != closedBlocked {
			t.Errorf("a mail ended %q, want the block", ended)
		}
		g.close(closedFrozen, "429", "", time.Now().Add(time.Second))
		time.Sleep(time.Minute)
		g.spend(ordinary, budget.Day{}, "used up", time.Now().Add(time.Hour))
		if c := g.standing(); c.kind != closedSpent {
			t.Errorf("people are told %+v, want the day", c)
		}
	})
}

// TestASpentDayIsForItsRankAlone lets critical mail go on.
func TestASpentDayIsForItsRankAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(time.Now)
		pass := func(of rank) time.Duration {
			t.Helper()
			began := time.Now()
			passed, err := g.pass(t.Context(), of, func(closure) {})
			if err != nil {
				t.Fatal(err)
			}
			g.leave(passed)
			return time.Since(began)
		}
		g.spend(ordinary, budget.Day{Messages: 10}, "used up", time.Now().Add(time.Hour))
		if took := pass(critical); took != 0 {
			t.Errorf("critical mail waited %v for other mail's day", took)
		}
		if c, _ := g.state(ordinary); !c.isLong(time.Now()) || c.kind != closedSpent {
			t.Errorf("other mail's closure is %+v, want a long one", c)
		}
		if c := g.standing(); c.kind != closedSpent {
			t.Errorf("people are told %+v, want that the day is used up", c)
		}
		// What befalls the account as a whole holds for both.
		g.close(closedBlocked, "400", "", time.Time{})
		if c, _ := g.state(critical); c.kind != closedBlocked {
			t.Errorf("critical mail's closure is %+v, want the block", c)
		}
		if c := g.standing(); c.kind != closedBlocked {
			t.Errorf("people are told %+v, want the block", c)
		}
		g.reset()
		if took := pass(ordinary); took != time.Hour {
			t.Errorf("other mail waited %v, want an hour", took)
		}
		g.spend(ordinary, budget.Day{Messages: 10}, "used up", time.Now().Add(time.Hour))
		go func() {
			g.allow(budget.Day{Messages: 10}, budget.Day{Messages: 9}) // The same: nothing to find out.
			time.Sleep(time.Minute)
			g.allow(budget.Day{Messages: 20}, budget.Day{Messages: 9})
		}()
		if took := pass(ordinary); took != time.Minute {
			t.Errorf("other mail waited %v, want until there was room again", took)
		}
	})
}

// TestRoomThatIsGivenBack lets mail ask again when Gmail refused what had filled
// the day.
func TestRoomThatIsGivenBack(t *testing.T) {
	t.Parallel()
	g := newGate(time.Now)
	day := budget.Day{Messages: 10, Recipients: 100}
	g.spend(ordinary, day, "used up", time.Now().Add(time.Hour))
	g.allow(day, budget.Day{Messages: 1, Recipients: 80})
	if c, _ := g.state(ordinary); c.kind != closedSpent {
		t.Errorf("closed for %q, want the day", c.kind)
	}
	g.allow(day, budget.Day{})
	if c, _ := g.state(ordinary); c.kind != "" {
		t.Errorf("closed for %q with an empty day", c.kind)
	}
}

// TestABlockThatIsProven blames no mail that meets it, not even the one that
// met it first.
func TestABlockThatIsProven(t *testing.T) {
	t.Parallel()
	g := newGate(time.Now)
	for range 2 {
		if g.suspectBlocked("one") {
			t.Error("one mail alone proved a block")
		}
	}
	if !g.suspectBlocked("two") {
		t.Error("two mails did not prove a block")
	}
	g.close(closedBlocked, "400", "", time.Time{})
	if !g.suspectBlocked("one") {
		t.Error("the first mail is suspected again")
	}
	g.open(ticket{epoch: g.epoch})
	if g.suspectBlocked("three") {
		t.Error("one mail proved a block after the account had sent")
	}
}

// TestPauseAfterPauseIsLong holds that short closures in a row are a long one.
func TestPauseAfterPauseIsLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(time.Now)
		for {
			g.close(closedUnreachable, "no route", "", time.Time{})
			c, _ := g.state(ordinary)
			if c.isLong(time.Now()) {
				break
			}
			if time.Until(c.until) > longWait || time.Since(c.since) > longWait {
				t.Fatalf("closure %+v is not long", c)
			}
			time.Sleep(time.Until(c.until))
		}
		if c, _ := g.state(ordinary); time.Since(c.since) < longWait {
			t.Errorf("closure %+v is long", c)
		}
		g.open(ticket{epoch: g.epoch})
		g.close(closedUnreachable, "no route", "", time.Time{})
		if c, _ := g.state(ordinary); c.isLong(time.Now()) {
			t.Errorf("closure %+v is long right after the account had sent", c)
		}
	})
}

// notYet is for a gate that stays shut.
func notYet() bool { return false }
