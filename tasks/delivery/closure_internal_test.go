package delivery

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/postroom/postroom/tasks/budget"
)

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
