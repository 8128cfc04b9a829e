package mailer

import (
	"context"
	"fmt"
	"time"
)

// A Finder looks in an account's own Sent mail for a mail of which nobody knows
// whether it went out: its Send ended with an Error of class Unknown, or never
// ended. Not every account lets that be looked at.
//
// Find changes nothing and may be repeated. It returns what the Sent mail shows
// now, or an *Error, from which nothing is learnt of the mail. The Error's class
// says when to ask again: Temporary, Unreachable and Throttled as for a Send,
// Blocked where the account's credential is not taken, and Permanent where
// asking again is no use, since the account does not allow it: that says nothing
// of its sending. It is never Unknown. A Finder is safe for concurrent use.
type Finder interface {
	Find(ctx context.Context, s Sought) (Found, error)
}

// Sought is a mail that is looked for, by what is known without its bodies.
type Sought struct {
	// MailID is Postroom's ID of the mail, never empty. Its IDHash in the header
	// X-Postroom-ID is what proves a mail to be this one.
	MailID string
	// Recipients are the addresses in To, Cc and Bcc, in that order, without
	// names. Some of them narrow the search; without any, only the time does.
	Recipients []string
	// Since is when the mail can have left at the earliest, never zero. A Finder
	// allows for clocks that differ by minutes.
	Since time.Time
	// Until is when it can have left at the latest; zero means now. Where the
	// mail may still be on its way, its absence proves nothing.
	Until time.Time
}

// Found is what a look at the Sent mail came to.
type Found struct {
	// Verdict is whether the mail is there.
	Verdict Verdict
	// Sent is its receipt, where it is Present; else it is empty.
	Sent Sent
}

// A Verdict is the answer of a look-up. The zero Verdict is none.
type Verdict int

// The verdicts.
const (
	// Absent: no mail of that time and recipient is there which could be the one
	// that is sought. It may come yet: a backend can show its Sent mail late.
	Absent Verdict = iota + 1
	// Present: it is there, and was sent.
	Present
	// Undecided: there is mail of that time and recipient which can't be told
	// from the one that is sought, since it lacks our header, or there is more of
	// it than was looked at. Neither sent nor absent follows.
	Undecided
)

// String returns the verdict in the words of the docs and logs.
func (v Verdict) String() string {
	switch v {
	case Absent:
		return "absent"
	case Present:
		return "present"
	case Undecided:
		return "undecided"
	default:
		return fmt.Sprintf("Verdict(%d)", int(v))
	}
}

// Check says what is missing of s, by an *Error of class Permanent. A Finder
// returns that before it asks anybody.
func (s Sought) Check() error {
	switch {
	case s.MailID == "":
		return &Error{Class: Permanent, Reason: "invalid_look_up", Text: "the look-up names no mail"}
	case s.Since.IsZero():
		return &Error{Class: Permanent, Reason: "invalid_look_up", Text: "the look-up has no time to begin at"}
	case !s.Until.IsZero() && s.Until.Before(s.Since):
		return &Error{Class: Permanent, Reason: "invalid_look_up", Text: "the look-up ends before it begins"}
	default:
		return nil
	}
}
