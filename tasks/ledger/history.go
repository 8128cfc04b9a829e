package ledger

import (
	"encoding/json"
	"strings"
	"time"
)

// Event is one that a mail's history has: an attempt that did not succeed, or
// what a person decided.
type Event struct {
	At time.Time
	// Attempt is how many were used by then, in that round.
	Attempt int
	Text    string
}

// history reads what the scripts wrote: a JSON array a line.
func history(lines string) []Event {
	var events []Event
	for line := range strings.Lines(lines) {
		var (
			at      float64
			attempt float64
			text    string
		)
		if json.Unmarshal([]byte(line), &[]any{&at, &attempt, &text}) != nil {
			continue // Not written by these scripts.
		}
		events = append(events, Event{At: instant(int64(at)), Attempt: int(attempt), Text: strings.ToValidUTF8(text, "")})
	}
	return events
}
