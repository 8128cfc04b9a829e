package mailer

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// A Class says what a failed Send means for the mail, not for the code: each
// class has one answer in the delivery's retry policy.
type Class int

// The classes, from "try again" to "never again".
const (
	// Temporary: the backend failed by its own account (any 5xx). The mail is
	// tried again later and an attempt is used.
	Temporary Class = iota + 1
	// Unreachable: no byte of the request left (dial, DNS, TLS, or no token to
	// be had for now). No attempt is used.
	Unreachable
	// Throttled: the account sends too fast or too much. The account waits; no
	// attempt is used.
	Throttled
	// Blocked: the account cannot send until a person does something. Its mail
	// waits; no attempt is used.
	Blocked
	// Permanent: this mail will never be taken. It has failed.
	Permanent
	// Unknown: the request may have left and no answer can be trusted. The
	// mail may be out.
	Unknown
)

// String returns the class in the words of the docs, logs and metrics.
func (c Class) String() string {
	switch c {
	case Temporary:
		return "temporary"
	case Unreachable:
		return "unreachable"
	case Throttled:
		return "throttled"
	case Blocked:
		return "blocked"
	case Permanent:
		return "permanent"
	case Unknown:
		return "unknown"
	default:
		return fmt.Sprintf("Class(%d)", int(c))
	}
}

// Error is how every Sender and Finder fails. It carries no address, secret or body: it
// is logged, kept in the ledger and shown in the dashboard as it is.
type Error struct {
	// Class decides what happens to the mail.
	Class Class
	// Code is the HTTP status, 0 where there was no answer.
	Code int
	// Reason is the backend's machine code, such as "rateLimitExceeded" or
	// "invalid_grant". It may be empty.
	Reason string
	// Text is for people: what the backend said or what went wrong.
	Text string
	// RetryAt is the earliest time that the backend named for the next try;
	// zero where it named none.
	RetryAt time.Time
	// Remedy tells a person what to do, for Blocked, and for a look-up that the
	// account does not allow; else it is empty.
	Remedy string
	// Confirmed is set on Blocked where one answer is proof enough, as it is
	// from the token endpoint. What only the API said may be about one odd
	// mail, so two different mails must meet it.
	Confirmed bool
	// Everyone is set on Unreachable where what was not reached is all accounts'
	// backend, and not something of this account alone.
	Everyone bool
	// Err is the cause, for errors.Is and errors.As. Its text is not shown.
	Err error
}

// Error returns class, code, reason and text in one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Class.String())
	if e.Code != 0 {
		fmt.Fprintf(&b, " %d", e.Code)
	}
	if e.Reason != "" {
		b.WriteString(" " + e.Reason)
	}
	if e.Text != "" {
		b.WriteString(": " + e.Text)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is an *Error of the same class, so that
// errors.Is(err, &mailer.Error{Class: mailer.Throttled}) asks for a class.
func (e *Error) Is(target error) bool {
	var t *Error
	return errors.As(target, &t) && t.Class == e.Class && t.Code == 0 && t.Reason == "" && t.Text == ""
}

// ClassOf returns the class of err. An error that no Sender made is Unknown:
// where nobody can say what happened, the mail may be out.
func ClassOf(err error) Class {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Class
	}
	return Unknown
}
