package gmail_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/gmail"
	"github.com/postroom/postroom/mailer/mailertest"
)

// lost are Tokens of a credential that is gone.
type lost struct{}

func (lost) Token(context.Context) (string, error) {
	return "", fmt.Errorf("get access token: %w", goneError{})
}
func (lost) Invalidate(string) {}

type goneError struct{}

func (goneError) Error() string  { return "no such account" }
func (goneError) Remedy() string { return "log in" }

// TestALostCredentialBlocks holds that what only a person mends is no outage.
func TestALostCredentialBlocks(t *testing.T) {
	t.Parallel()
	sender, err := gmail.New(gmail.Config{Tokens: lost{}})
	if err != nil {
		t.Fatal(err)
	}
	e := failure(t, sender.Check(t.Context()))
	if e.Class != mailer.Blocked || !e.Confirmed || e.Remedy != "log in" || !strings.Contains(e.Text, "no such account") {
		t.Errorf("%+v, want blocked, confirmed, and what to do", e)
	}
}

// TestCheck holds that it says of the credential what a Send would, and sends
// nothing.
func TestCheck(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t)
	if err := newSender(t, s).Check(t.Context()); err != nil {
		t.Errorf("a good credential: %v", err)
	}
	s.Revoke(mailertest.DefaultAddress)
	sender := newSender(t, s)
	checked := failure(t, sender.Check(t.Context()))
	_, err := sender.Send(t.Context(), compose(t, "m1", 0))
	if sent := failure(t, err); checked.Class != mailer.Blocked || checked.Remedy == "" ||
		checked.Error() != sent.Error() || checked.Remedy != sent.Remedy {
		t.Errorf("check: %v (%s), send: %v (%s)", checked, checked.Remedy, sent, sent.Remedy)
	}
	if n := s.Counts().Sends; n != 0 {
		t.Errorf("Gmail was asked %d times to send", n)
	}
}
