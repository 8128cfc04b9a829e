package budget_test

import (
	"testing"

	"github.com/redis/go-redis/v9"

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
			rdb := redistest.Start(b).Client()
			budgets := budget.New(rdb, only(l))
			for b.Loop() {
				s := mail()
				if a, err := budgets.Take(b.Context(), account, s); err != nil || !a.Go {
					b.Fatal(a, err)
				}
				_, err := rdb.Pipelined(b.Context(), func(pipe redis.Pipeliner) error {
					budgets.GiveIn(b.Context(), pipe, account, s)
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
