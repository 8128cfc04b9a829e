package delivery

import "time"

// Why an account does not send.
const (
	closedFrozen      = "frozen"
	closedUnreachable = "unreachable"
	closedBlocked     = "blocked"
	closedSpent       = "spent" // The day is used up; for critical mail later than for other.
)

// closure says until when a gate is closed, and why. The zero closure is an
// open gate.
type closure struct {
	kind   string
	since  time.Time // When the account could last send, or nearly so.
	until  time.Time
	reason string
	remedy string
	// strikes counts the closures in a row, this one included.
	strikes int
}

// longWait is how long an account may be unable to send before its servers
// stop and its mail goes back to the queue.
const longWait = time.Minute

// isLong reports whether the account can't send for long, or has not been able
// to, pause after pause: no handler holds mail for as long as an asynq task may
// take. A block lasts until a person has done something.
func (c closure) isLong(now time.Time) bool {
	return c.kind == closedBlocked || c.kind != "" && max(c.until.Sub(now), now.Sub(c.since)) > longWait
}

// pause is how long the n-th closure in a row lasts where nobody says until
// when. Google asks for exponential backoff from one second; a person who
// mends a blocked account should not wait for long.
func pause(kind string, n int) time.Duration {
	switch kind {
	case closedBlocked:
		steps := []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute}
		return steps[min(n, len(steps))-1]
	case closedUnreachable:
		return min(time.Second<<min(n-1, 10), 30*time.Second)
	default:
		return min(time.Second<<min(n-1, 10), time.Minute)
	}
}
