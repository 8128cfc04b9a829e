package delivery

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
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

// notYet is for a gate that stays shut.
func notYet() bool { return false }
