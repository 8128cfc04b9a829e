package mailer_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/postroom/postroom/mailer"
)

// TestErrorIs asks for a class by an error that has nothing else. One that says
// more is a certain error, and no other is it.
func TestErrorIs(t *testing.T) {
	t.Parallel()
	seen := &mailer.Error{Class: mailer.Throttled, Code: 429, Reason: "rateLimitExceeded", Text: "Too many", Err: io.EOF}
	err := fmt.Errorf("send: %w", seen)
	for _, c := range []struct {
		target error
		want   bool
	}{
		{&mailer.Error{Class: mailer.Throttled}, true},
		{fmt.Errorf("wrapped: %w", &mailer.Error{Class: mailer.Throttled}), true},
		{seen, true},
		{io.EOF, true},
		{&mailer.Error{Class: mailer.Temporary}, false},
		{&mailer.Error{Class: mailer.Throttled, Code: 429}, false},
		{&mailer.Error{Class: mailer.Throttled, Reason: "rateLimitExceeded"}, false},
		{&mailer.Error{Class: mailer.Throttled, Text: "Too many"}, false},
		{io.ErrUnexpectedEOF, false},
	} {
		if got := errors.Is(err, c.target); got != c.want {
			t.Errorf("is it %#v: %t", c.target, got)
		}
	}
}
