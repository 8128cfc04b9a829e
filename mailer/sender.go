package mailer

import "context"

// A Sender takes finished messages out of the house for one account.
//
// Send returns when the backend has taken the message, or with an *Error. It
// never retries by itself: whether a message goes again is decided by who can
// see the whole of its history. A Sender is safe for concurrent use.
type Sender interface {
	Send(ctx context.Context, m *Message) (Sent, error)
}

// Sent is a backend's receipt.
type Sent struct {
	// ID names the message at the backend: the Gmail message ID, or the file
	// name in a Maildir. It is never empty.
	ID string
	// ThreadID is the Gmail thread; empty for other backends.
	ThreadID string
}
