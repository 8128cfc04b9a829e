package gmail_test

import (
	"testing"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/mailertest"
)

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
