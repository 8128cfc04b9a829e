package delivery

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/postroom/postroom/tasks/budget"
)

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
