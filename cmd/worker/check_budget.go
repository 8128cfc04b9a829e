package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/postroom/postroom/tasks/budget"
	"github.com/postroom/postroom/tasks/redact"
)

// allowance is what an account may send now, and has sent today.
func allowance(s budget.State) string {
	if s.Unlimited {
		return "no limits"
	}
	return strings.Join(append(pace(s), day(s)), "; ")
}

// budgetWarnings say why an account sends nothing, or next to it.
func budgetWarnings(s budget.State, show redact.Mode) (warnings []string) {
	if !s.Frozen.Until.IsZero() {
		warnings = append(warnings, fmt.Sprintf("frozen until %s: %s", clock(s.Frozen.Until), show.Text(s.Frozen.Reason)))
	}
	if !s.Spent.Until.IsZero() {
		warnings = append(warnings, "its day is used up until "+spentUntil(s))
	}
	return warnings
}

// spentUntil is when there is room in the day again, for all mail and for what a
// tenth is kept for.
func spentUntil(s budget.State) string {
	all, critical := clock(s.Spent.Until), clock(s.SpentCritical.Until)
	switch {
	case s.SpentCritical.Until.IsZero():
		return all + ", but for what is kept for critical mail"
	case critical != all:
		return all + ", for critical mail until " + critical
	}
	return all
}

// pace is how fast mail may go.
func pace(s budget.State) []string {
	parts := []string{"no limit a minute"}
	if s.Rate > 0 {
		parts[0] = fmt.Sprintf("%d a minute%s", s.Rate, cutFrom(s.Rate, s.Limits.Rate))
	}
	if s.Concurrency != s.Limits.Concurrency {
		parts = append(parts, fmt.Sprintf("%d at once%s", s.Concurrency, cutFrom(s.Concurrency, s.Limits.Concurrency)))
	}
	return parts
}

// cutFrom says that a limit is lower now than what is set.
func cutFrom(now, limit int) string {
	switch {
	case now == limit:
		return ""
	case limit == 0:
		return " for now: Gmail refused more"
	}
	return fmt.Sprintf(" for now, of %d: Gmail refused more", limit)
}

// day is what went out in the last 24 hours.
func day(s budget.State) string {
	return fmt.Sprintf("%s messages and %s recipients in 24 h", outOf(s.Messages, s.Limits.Daily), outOf(s.Recipients, s.Limits.Recipients))
}

func outOf(used, limit int) string {
	if limit == 0 {
		return strconv.Itoa(used)
	}
	return fmt.Sprintf("%d of %d", used, limit)
}
