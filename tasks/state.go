package tasks

// State is how a mail stands.
type State string

// The states. From StateSent on they are outcomes.
const (
	StateQueued    State = "queued"
	StateScheduled State = "scheduled" // Queued, and not due yet.
	StateWaiting   State = "waiting"   // For its account to be able to send.
	StateSending   State = "sending"
	StateRetrying  State = "retrying"
	StateSent      State = "sent"
	StateFailed    State = "failed"
	StateUnknown   State = "unknown" // Gmail may have it.
	StateExpired   State = "expired"
	StateCancelled State = "cancelled"
)

// Settled reports whether the state is an outcome: nothing more happens to the
// mail by itself.
func (s State) Settled() bool {
	switch s {
	case StateSent, StateFailed, StateUnknown, StateExpired, StateCancelled:
		return true
	case StateQueued, StateScheduled, StateWaiting, StateSending, StateRetrying:
		return false
	}
	return false
}
