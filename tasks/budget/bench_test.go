package budget_test

import (
	"testing"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks/budget"
)

// BenchmarkTake asks and gives, with the limits that most have, and with none.
// The rate is such that nobody waits.
func BenchmarkTake(b *testing.B) {
	for name, l := range map[string]budget.Limits{
		"limits": {Rate: 600_000_000, Daily: 1_000_000_000, Recipients: 1_000_000_000, Concurrency: 4},
		"none":   {},
	} {
		b.Run(name, func(b *testing.B) {
			budgets := budget.New(redistest.Start(b).Client(), only(l))
			for b.Loop() {
				s := mail()
				if a, err := budgets.Take(b.Context(), account, s); err != nil || !a.Go {
					b.Fatal(a, err)
				}
				if err := budgets.Give(b.Context(), account, s, budget.Used); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
