package mailertest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/postroom/postroom/mailer"
)

// OpenFinderFunc makes, for one test, a Finder and a Sender for the same account.
// What has to end with the test is for t.Cleanup.
type OpenFinderFunc func(t *testing.T) (mailer.Finder, mailer.Sender)

// TestFinder holds a mailer.Finder to what Postroom asks of one: ours, and your
// own. It finds what was sent, by the receipt of the Send; what was not sent is
// absent, though other mail went to the same recipient; it answers side by side;
// it refuses a look-up that names no mail or no time; and, told to stop before it
// began, it says so by an *mailer.Error of class Unreachable.
func TestFinder(t *testing.T, open OpenFinderFunc) { //nolint:tparallel // Whether the test that calls it is parallel is that test's own.
	t.Helper()
	for _, c := range finderChecks {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			finder, sender := open(t)
			if err := c.check(t.Context(), finder, sender); err != nil {
				t.Error(err)
			}
		})
	}
}

// finderChecks say what is wrong with a Finder, each by one error.
var finderChecks = []struct {
	name  string
	check func(ctx context.Context, f mailer.Finder, s mailer.Sender) error
}{
	{"finds what was sent", checkFinds},
	{"finds mails side by side", checkFindsSideBySide},
	{"refuses what is not sought", checkSought},
	{"learns nothing once stopped", checkFindStopped},
}

func checkFinds(ctx context.Context, f mailer.Finder, s mailer.Sender) error {
	if err := checkFound(ctx, f, 0, mailer.Found{Verdict: mailer.Absent}); err != nil {
		return err
	}
	for i := range 3 {
		sent, err := sendOne(ctx, s, i, 0)
		if err != nil {
			return err
		}
		if err := checkFound(ctx, f, i, mailer.Found{Verdict: mailer.Present, Sent: sent}); err != nil {
			return err
		}
		if err := checkFound(ctx, f, i+1, mailer.Found{Verdict: mailer.Absent}); err != nil {
			return err
		}
	}
	return nil
}

func checkFindsSideBySide(ctx context.Context, f mailer.Finder, s mailer.Sender) error {
	const n = 10
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			sent, err := sendOne(ctx, s, i, 0)
			if err == nil {
				err = checkFound(ctx, f, i, mailer.Found{Verdict: mailer.Present, Sent: sent})
			}
			errs[i] = err
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

func checkSought(ctx context.Context, f mailer.Finder, _ mailer.Sender) error {
	now := time.Now()
	for _, s := range []mailer.Sought{{Since: now}, {MailID: "sample-0"}, {MailID: "sample-0", Since: now, Until: now.Add(-time.Hour)}} {
		found, err := f.Find(ctx, s)
		if e, ok := errors.AsType[*mailer.Error](err); !ok || e.Class != mailer.Permanent || found != (mailer.Found{}) {
			got := fmt.Sprint(err) // There may be none.
			return fmt.Errorf("asked for %+v it returned %+v, %s; want an *mailer.Error of class permanent", s, found, got)
		}
	}
	return nil
}

func checkFindStopped(ctx context.Context, f mailer.Finder, _ mailer.Sender) error {
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	late, cancel := context.WithDeadline(ctx, time.Unix(0, 0))
	defer cancel()
	for _, stopped := range []context.Context{cancelled, late} {
		found, err := f.Find(stopped, sampleSought(0))
		e, ok := errors.AsType[*mailer.Error](err)
		if !ok || e.Class != mailer.Unreachable || !errors.Is(err, stopped.Err()) || found != (mailer.Found{}) {
			got := fmt.Sprint(err) // There may be none.
			return fmt.Errorf("stopped before it began (%w), it returned %+v, %s; want nothing found and an *mailer.Error of class unreachable with that cause",
				stopped.Err(), found, got)
		}
	}
	return nil
}

func checkFound(ctx context.Context, f mailer.Finder, number int, want mailer.Found) error {
	found, err := f.Find(ctx, sampleSought(number))
	if err != nil {
		return fmt.Errorf("look mail %d up: %w", number, err)
	}
	if found != want {
		return fmt.Errorf("mail %d is found %s as %+v, want %s as %+v", number, found.Verdict, found.Sent, want.Verdict, want.Sent)
	}
	return nil
}

// sampleSought is what is known of a sample that may have been sent just now.
func sampleSought(number int) mailer.Sought {
	now := time.Now()
	return mailer.Sought{
		MailID: sampleID(number), Recipients: []string{sampleRecipient}, Since: now.Add(-time.Minute), Until: now.Add(time.Minute),
	}
}
