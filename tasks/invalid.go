package tasks

import (
	"errors"
	"fmt"
	"strings"
)

// Problem is one thing that is wrong with a mail.
type Problem struct {
	// Field is the payload's name for it, such as "to[1]" or "headers.X-Tag",
	// or the option's: "lane", "at", "in".
	Field string
	// Reason says why, and what is allowed.
	Reason string
}

// InvalidError says everything that is wrong with a mail. Nothing was queued.
// Its text has no address of the mail's and no content in it.
type InvalidError struct {
	Problems []Problem
}

// Error lists field and reason of each problem.
func (e *InvalidError) Error() string {
	parts := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		parts[i] = p.Field + ": " + p.Reason
	}
	return strings.Join(parts, "; ")
}

// invalid is an InvalidError of one problem.
func invalid(field, format string, args ...any) *InvalidError {
	return &InvalidError{Problems: []Problem{{Field: field, Reason: fmt.Sprintf(format, args...)}}}
}

// problems gathers what is wrong.
type problems []Problem

func (p *problems) addf(field, format string, args ...any) {
	*p = append(*p, Problem{Field: field, Reason: fmt.Sprintf(format, args...)})
}

func (p *problems) err() error {
	if len(*p) == 0 {
		return nil
	}
	return &InvalidError{Problems: *p}
}

var (
	// ErrIDTaken is returned for an ID under which another mail was accepted.
	// Give the new mail an ID of its own.
	ErrIDTaken = errors.New("that ID belongs to another mail")
	// ErrUnavailable is returned when Redis does not answer in time. Whether the
	// mail was accepted is not known: the same call under the same ID finds out.
	// A call whose context was cancelled is context.Canceled instead.
	ErrUnavailable = errors.New("Redis does not answer") //nolint:staticcheck // A product's name.
	// ErrLoginRefused is returned when Redis refuses user and password, asks for
	// them where there are none, or does not allow the user a command. Redis's
	// own words follow. Waiting mends nothing.
	ErrLoginRefused = errors.New("Redis refused the login: check user and password in REDIS_URL, and what that user may do") //nolint:staticcheck // A product's name.
	// ErrNotFound is returned for an ID under which nothing was accepted, or
	// whose record has had its time.
	ErrNotFound = errors.New("no mail was accepted under that ID, or its record has had its time")
	// ErrTooLate is returned by Cancel for mail that left, or is leaving.
	ErrTooLate = errors.New("too late to cancel")
)

// noTaskError is the ErrNotFound of an ID that is reserved and has no task: it
// was never accepted, or somebody deleted it before a worker had it.
type noTaskError struct{}

func (noTaskError) Error() string {
	return "no mail waits under that ID: its Enqueue broke off, or its task was deleted; the same mail under it is accepted anew"
}

func (noTaskError) Is(target error) bool { return target == ErrNotFound }
