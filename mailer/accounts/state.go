package accounts

import "time"

// State is how an account stands, in one word.
type State string

// The states, each going before the ones above it.
const (
	// StateReady can send, as far as is known.
	StateReady State = "ready"
	// StateExpiring can send, and its grant ends within ExpiryWarning, or should
	// have ended already.
	StateExpiring State = "expiring"
	// StateBlocked can't send: see Account.Blocked.
	StateBlocked State = "blocked"
	// StateUnreadable has a record that these keys don't open: see Account.Err.
	StateUnreadable State = "unreadable"
)

// ExpiryWarning is how long before the end of a grant it is announced.
const ExpiryWarning = 48 * time.Hour

// State says how the account stands.
func (a Account) State(now time.Time) State {
	switch {
	case a.Err != nil:
		return StateUnreadable
	case a.Blocked != "":
		return StateBlocked
	case !a.Expires.IsZero() && a.Expires.Sub(now) <= ExpiryWarning:
		return StateExpiring
	default:
		return StateReady
	}
}
