package mailer_test

import (
	"testing"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/mailertest"
)

// senders are the two backends of this package.
var senders = map[string]mailertest.OpenFunc{
	"console": func(*testing.T) (mailer.Sender, func() int) {
		var out writes
		return mailer.NewConsole(&out), func() int { return out.n }
	},
	"maildir": func(t *testing.T) (mailer.Sender, func() int) {
		t.Helper()
		dir := t.TempDir()
		return newMaildir(t, dir), func() int { return len(filesIn(t, dir, "new")) }
	},
}

func TestSenders(t *testing.T) {
	t.Parallel()
	for name, open := range senders {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mailertest.TestSender(t, open)
		})
	}
}

// TestLocalNames holds what Gmail cannot: a mail is named the same each time,
// and there are no threads.
func TestLocalNames(t *testing.T) {
	t.Parallel()
	for name, open := range senders {
		s, _ := open(t)
		if a, again := mustSend(t, s, "a"), mustSend(t, s, "a"); a != again || a.ThreadID != "" {
			t.Errorf("%s: sent as %+v, again as %+v", name, a, again)
		}
	}
}

func mailOf(tb testing.TB, id string) *mailer.Message {
	tb.Helper()
	return mustCompose(tb, newDraft(func(d *mailer.Draft) { d.MailID = id }))
}

func mustSend(tb testing.TB, s mailer.Sender, id string) mailer.Sent {
	tb.Helper()
	sent, err := s.Send(tb.Context(), mailOf(tb, id))
	if err != nil {
		tb.Fatalf("Send: %v", err)
	}
	return sent
}

// writes counts the Writes that it gets. It has no lock: the race detector
// sees a Console that writes twice at a time.
type writes struct{ n int }

func (w *writes) Write(p []byte) (int, error) {
	w.n++
	return len(p), nil
}
