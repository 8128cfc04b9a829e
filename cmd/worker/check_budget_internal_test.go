package main

import (
	"testing"
	"time"

	"github.com/postroom/postroom/tasks/budget"
)

func TestSpentUntil(t *testing.T) {
	t.Parallel()
	early, late := time.Date(2026, 11, 20, 9, 15, 0, 0, time.UTC), time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)
	for want, critical := range map[string]time.Time{
		clock(late) + ", but for what is kept for critical mail":  {},
		clock(late) + ", for critical mail until " + clock(early): early,
		clock(late): late.Add(time.Millisecond), // Each is told as so long from now.
	} {
		s := budget.State{Spent: budget.Spent{Until: late}, SpentCritical: budget.Spent{Until: critical}}
		if got := spentUntil(s); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
