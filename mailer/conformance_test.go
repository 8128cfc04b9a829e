package mailer_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"

	"github.com/postroom/postroom/mailer"
)

// backend is a Sender under test and a count of the mails that it has taken.
type backend struct {
	sender mailer.Sender
	taken  func() int
}

// TestSenders holds the two backends of this package to what Sender says.
func TestSenders(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(t *testing.T) backend{
		"console": func(*testing.T) backend {
			var out writes
			return backend{mailer.NewConsole(&out), func() int { return out.n }}
		},
		"maildir": func(t *testing.T) backend {
			t.Helper()
			dir := t.TempDir()
			return backend{newMaildir(t, dir), func() int { return len(filesIn(t, dir, "new")) }}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testSender(t, open)
		})
	}
}

func testSender(t *testing.T, open func(t *testing.T) backend) {
	t.Helper()
	t.Run("names the mail, the same each time", func(t *testing.T) {
		t.Parallel()
		b := open(t)
		a, again := mustSend(t, b.sender, "a"), mustSend(t, b.sender, "a")
		other := mustSend(t, b.sender, "b")
		if a.ID == "" || a != again || a.ID == other.ID || a.ThreadID != "" {
			t.Errorf("sent as %+v, again as %+v, another as %+v", a, again, other)
		}
	})
	t.Run("takes mails side by side", func(t *testing.T) {
		t.Parallel()
		const n = 20
		b := open(t)
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() {
				if _, err := b.sender.Send(t.Context(), mailOf(t, strconv.Itoa(i))); err != nil {
					t.Errorf("Send: %v", err)
				}
			})
		}
		wg.Wait()
		if got := b.taken(); got != n {
			t.Errorf("%d mails taken, want %d", got, n)
		}
	})
	t.Run("takes nothing once stopped", func(t *testing.T) {
		t.Parallel()
		b := open(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		sent, err := b.sender.Send(ctx, mailOf(t, "a"))
		if mailer.ClassOf(err) != mailer.Unreachable || !errors.Is(err, context.Canceled) || sent != (mailer.Sent{}) || b.taken() != 0 {
			t.Errorf("sent %+v, error %v, %d mails taken", sent, err, b.taken())
		}
	})
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
