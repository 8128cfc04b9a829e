package tasks

import "time"

// An Option says how a mail is enqueued. Given to NewClient it holds for every
// mail that says nothing else.
type Option func(*settings)

// settings are what the options of one call come to.
type settings struct {
	lane      Lane
	at        time.Time
	in        time.Duration
	expiresAt time.Time
	expiresIn time.Duration
	id        string
	force     bool
	replicas  int
	render    renderFunc // nil: workers render.
}

// OnLane says how urgent the mail is. Without it: Default.
func OnLane(l Lane) Option { return func(s *settings) { s.lane = l } }

// At sends the mail at t, to the second, and not before. A t in the past means
// at once. The last of At and In counts.
func At(t time.Time) Option { return func(s *settings) { s.at, s.in = t, 0 } }

// In sends the mail after d, to the second, and not before. The last of At and
// In counts.
func In(d time.Duration) Option { return func(s *settings) { s.at, s.in = time.Time{}, d } }

// ExpiresAt gives the mail up if it has not left by t. A code that is good for
// ten minutes is no use in eleven. The last of ExpiresAt and ExpiresIn counts.
func ExpiresAt(t time.Time) Option {
	return func(s *settings) { s.expiresAt, s.expiresIn = t, 0 }
}

// ExpiresIn gives the mail up if it has not left after d, counted from the
// time that it is due. 0: never. The last of ExpiresAt and ExpiresIn counts.
func ExpiresIn(d time.Duration) Option {
	return func(s *settings) { s.expiresAt, s.expiresIn = time.Time{}, d }
}

// WithID gives the mail the app's own ID, `[A-Za-z0-9._:-]{1,128}`. The same
// mail under the same ID is sent once, however often it is enqueued. IDs stand
// in logs: put no address into one.
func WithID(id string) Option { return func(s *settings) { s.id = id } }

// Force enqueues for an account, or with a template, that no worker has
// published: for a producer that runs before its workers do.
func Force() Option { return func(s *settings) { s.force = true } }
