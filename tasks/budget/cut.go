package budget

import (
	"context"
	"fmt"
)

// Kind is what was too much.
type Kind string

// The kinds.
const (
	CutRate        Kind = "rate"        // Too many sends a minute.
	CutConcurrency Kind = "concurrency" // Too many sends at once.
)

// Cut halves an account's rate, or its requests in flight, for all workers,
// because the backend refused. It does so at most once in three seconds: what was
// on its way met the same trouble. What is cut grows again, in an account that is
// frozen from the end of that; so freeze it first. Cut returns what holds now. An
// account without a limit gets one of 3,000 a minute, or of half of what is in
// flight.
func (b *Budget) Cut(ctx context.Context, account string, k Kind) (now int, err error) {
	d := b.defaults(account)
	now, err = cutScript.Run(ctx, b.rdb, keys(account, limitsKey, cutKey, leasesKey, criticalKey, freezeKey),
		string(k), d.Rate, d.Concurrency).Int()
	if err != nil {
		return 0, fmt.Errorf("budget: cut: %w", err)
	}
	return now, nil
}
