package delivery

import (
	"testing"
	"time"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks/budget"
)

// TestAFreezeIsLearntOnce looks at the same freeze again and again: who waits for
// its end is not woken by each look.
func TestAFreezeIsLearntOnce(t *testing.T) {
	t.Parallel()
	b := budget.New(redistest.Start(t).Client())
	box := &postbox{handler: &handler{
		Config: &Config{Budget: b, Now: time.Now}, address: "shop@example.com", gate: newGate(time.Now),
	}}
	freeze := func(d time.Duration) {
		t.Helper()
		if _, err := b.Freeze(t.Context(), box.address, budget.Freeze{Until: time.Now().Add(d), Reason: "429"}); err != nil {
			t.Fatal(err)
		}
		if err := box.learnBudget(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	freeze(time.Hour)
	c, changed := box.gate.state(ordinary)
	if c.kind != closedFrozen || time.Until(c.until) < 59*time.Minute {
		t.Fatalf("closed %+v, want frozen for an hour", c)
	}
	for range 20 {
		if err := box.learnBudget(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case <-changed:
		t.Error("a look at the same freeze woke who waits for its end")
	default:
	}
	freeze(2 * time.Hour)
	if c, _ := box.gate.state(ordinary); time.Until(c.until) < 119*time.Minute {
		t.Errorf("closed until %v, want the longer freeze's end", c.until)
	}
}
