package ledger

// State is where a mail stands.
type State string

// The states. The last five are outcomes: nothing happens to such a mail any
// more unless a person asks for it.
const (
	// Queued: its ID is reserved. It waits in asynq for its turn or its time.
	Queued State = "queued"
	// Waiting: a worker has it, and its account may not send yet.
	Waiting State = "waiting"
	// Sending: one attempt has claimed it and bytes may be on their way.
	Sending State = "sending"
	// Retrying: an attempt failed, another one will come.
	Retrying State = "retrying"
	// Sent: the backend took it and gave it an ID.
	Sent State = "sent"
	// Failed: permanently, or out of attempts.
	Failed State = "failed"
	// Unknown: the backend may have it; nobody knows.
	Unknown State = "unknown"
	// Expired: its time had passed before it could be sent.
	Expired State = "expired"
	// Cancelled: a person stopped it.
	Cancelled State = "cancelled"
)

// Settled reports whether s is an outcome.
func (s State) Settled() bool {
	switch s {
	case Sent, Failed, Unknown, Expired, Cancelled:
		return true
	case Queued, Waiting, Sending, Retrying:
		return false
	}
	return false
}
