package budget_test

import (
	"testing"
	"time"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks/budget"
)

// TestAllOutlivesRedis has it die, and other workers ask then: the rate, the cut,
// what is in flight, the day and the limits are as they were.
func TestAllOutlivesRedis(t *testing.T) {
	t.Parallel()
	server := redistest.StartDurable(t)
	limits := only(budget.Limits{Rate: 4, Daily: 10, Recipients: 10, Concurrency: 2})
	b := budget.New(server.Client(), limits)
	set(t, b, budget.Change{Recipients: budget.To(20)})
	cut(t, b, budget.CutConcurrency, 1)
	cut(t, b, budget.CutRate, 2)
	s := mail()
	s.Lease = 10 * time.Minute
	mustGo(t, b, s)
	before := look(t, b)
	server.Kill()
	server.Restart()
	b = budget.New(server.Client(), limits)
	if after := look(t, b); after != before || after.InFlight != 1 || after.Concurrency != 1 || after.Rate > 3 || after.Messages != 1 {
		t.Errorf("%+v after the restart, %+v before", after, before)
	}
	// The rate says when.
	if a := mustWait(t, b, mail(), budget.Rate); a.Wait < 10*time.Second {
		t.Errorf("the wait is %v, want what is left of half a minute", a.Wait)
	}
	set(t, b, budget.Change{Rate: budget.To(100_000)})
	mustGo(t, b, s) // The same send asks again.
}
