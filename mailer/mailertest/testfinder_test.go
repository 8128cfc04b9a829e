package mailertest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/mailertest"
)

func TestRecorderIsAFinder(t *testing.T) {
	t.Parallel()
	mailertest.TestFinder(t, func(*testing.T) (mailer.Finder, mailer.Sender) {
		var r mailertest.Recorder
		return &r, &r
	})
}

// wrongFinder is a Recorder with one thing done otherwise.
type wrongFinder struct {
	mailertest.Recorder

	find func(r *mailertest.Recorder, ctx context.Context, s mailer.Sought) (mailer.Found, error)
}

func (w *wrongFinder) Find(ctx context.Context, s mailer.Sought) (mailer.Found, error) {
	return w.find(&w.Recorder, ctx, s)
}

// TestFinderSeesWrongs holds that TestFinder finds what it looks for.
func TestFinderSeesWrongs(t *testing.T) {
	t.Parallel()
	const finds, sideBySide, sought, stopped = "finds what was sent", "finds mails side by side", "refuses what is not sought", "learns nothing once stopped"
	for name, c := range map[string]struct {
		find func(r *mailertest.Recorder, ctx context.Context, s mailer.Sought) (mailer.Found, error)
		want string
	}{
		"nothing": {(*mailertest.Recorder).Find, ""},
		"blind": {func(r *mailertest.Recorder, ctx context.Context, s mailer.Sought) (mailer.Found, error) {
			_, err := r.Find(ctx, s)
			if err != nil {
				return mailer.Found{}, err
			}
			return mailer.Found{Verdict: mailer.Absent}, nil
		}, sideBySide + ", " + finds},
		"sees what is not there": {func(r *mailertest.Recorder, ctx context.Context, s mailer.Sought) (mailer.Found, error) {
			found, err := r.Find(ctx, s)
			if err == nil && found.Verdict == mailer.Absent {
				found = mailer.Found{Verdict: mailer.Present, Sent: mailer.Sent{ID: "1", ThreadID: "1"}}
			}
			return found, err
		}, finds},
		"another's receipt": {func(r *mailertest.Recorder, ctx context.Context, s mailer.Sought) (mailer.Found, error) {
			found, err := r.Find(ctx, s)
			if found.Sent.ID != "" {
				found.Sent.ID = "recorded-0"
			}
			return found, err
		}, sideBySide + ", " + finds},
		"takes anything": {func(r *mailertest.Recorder, ctx context.Context, s mailer.Sought) (mailer.Found, error) {
			found, err := r.Find(ctx, s)
			if mailer.ClassOf(err) == mailer.Permanent {
				found, err = mailer.Found{Verdict: mailer.Absent}, nil
			}
			return found, err
		}, sought},
		"deaf to its context": {func(r *mailertest.Recorder, _ context.Context, s mailer.Sought) (mailer.Found, error) {
			return r.Find(context.Background(), s)
		}, stopped},
		"an error without its cause": {func(r *mailertest.Recorder, ctx context.Context, s mailer.Sought) (mailer.Found, error) {
			if ctx.Err() != nil {
				return mailer.Found{}, &mailer.Error{Class: mailer.Unreachable}
			}
			return r.Find(ctx, s)
		}, stopped},
	} {
		got := mailertest.FailedFinderChecks(t.Context(), func() (mailer.Finder, mailer.Sender) {
			w := &wrongFinder{find: c.find}
			return w, w
		})
		if got != c.want {
			t.Errorf("%s: failed %q, want %q", name, got, c.want)
		}
	}
}

func TestRecorderFindsAsTold(t *testing.T) {
	t.Parallel()
	var r mailertest.Recorder
	sought := mailer.Sought{MailID: "first", Recipients: []string{"ada@example.org"}, Since: time.Now()}
	throttled := &mailer.Error{Class: mailer.Throttled}
	r.OnFind(func(_ context.Context, s mailer.Sought) (mailer.Found, error) {
		if s.MailID == "first" {
			return mailer.Found{Verdict: mailer.Undecided}, nil
		}
		return mailer.Found{}, throttled
	})
	if found, err := r.Find(t.Context(), sought); err != nil || found.Verdict != mailer.Undecided {
		t.Errorf("got %+v, %v, want it undecided", found, err)
	}
	sought.MailID = "second"
	if _, err := r.Find(t.Context(), sought); !errors.Is(err, throttled) {
		t.Errorf("got %v, want the error of OnFind", err)
	}
	r.OnFind(nil)
	for _, id := range []string{"second", "second"} { // The last copy counts.
		if _, err := r.Send(t.Context(), compose(t, id)); err != nil {
			t.Fatal(err)
		}
	}
	if found, err := r.Find(t.Context(), sought); err != nil || found.Verdict != mailer.Present || found.Sent.ID != "recorded-2" {
		t.Errorf("got %+v, %v, want the last copy", found, err)
	}
	if got := r.Sought(); len(got) != 3 || got[0].MailID != "first" || got[2].MailID != "second" || got[2].Recipients[0] != "ada@example.org" {
		t.Errorf("sought %+v", got)
	}
}
