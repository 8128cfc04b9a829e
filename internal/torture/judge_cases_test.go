package torture_test

import (
	"strings"
	"testing"
	"time"

	"github.com/postroom/postroom/tasks"
)

// TestJudge holds the judge to what it is to find: else a run that proves
// nothing would pass.
func TestJudge(t *testing.T) {
	t.Parallel()
	recorded := time.Date(2026, time.November, 20, 9, 0, 0, 0, time.UTC)
	before, after := recorded.Add(-time.Second), recorded.Add(time.Second)
	fault := func(name string) *gmailFault {
		for _, f := range gmailFaults {
			if f.name == name {
				return f
			}
		}
		t.Fatalf("no such fault: %s", name)
		return nil
	}
	cut, taken503, refused := fault("cut after Gmail took it"), fault("503 after Gmail took it"), fault("400")
	times := func(n int, f *gmailFault) []request {
		all := make([]request, n)
		for i := range all {
			all[i] = request{before, f}
		}
		return all
	}
	status := func(state tasks.State, gmailID, reason string) found {
		return found{status: tasks.Status{State: state, GmailID: gmailID, Error: reason, UpdatedAt: recorded}}
	}
	sent, unknown := status("sent", "a", ""), status("unknown", "", "no answer")
	for _, row := range []struct {
		name  string
		rule  tasks.OnUnknown
		story story
		want  string // In the one complaint; empty for none.
	}{
		{"sent once", tasks.Hold, story{requests: times(1, nil), copies: []string{"a"}, found: sent}, ""},
		{"failed", tasks.Hold, story{requests: times(1, refused), found: status("failed", "", "400")}, ""},
		{"held", tasks.Hold, story{requests: times(1, cut), copies: []string{"a"}, found: unknown}, ""},
		{"resent", tasks.Resend, story{requests: append(times(1, cut), request{before, nil}), copies: []string{"b", "a"}, found: sent}, ""},
		{"resent, then held", tasks.Resend, story{requests: times(2, cut), copies: []string{"a", "b"}, found: unknown}, ""},
		{"taken, and answered 503", tasks.Hold, story{requests: append(times(1, taken503), request{before, nil}), copies: []string{"b", "a"}, found: sent}, ""},

		{"lost", tasks.Hold, story{found: found{err: tasks.ErrNotFound}}, "is lost"},
		{"not asked", tasks.Hold, story{found: found{err: tasks.ErrUnavailable}}, "Status: "},
		{"still open", tasks.Hold, story{found: status("sending", "", "")}, "has no outcome: it is sending"},
		{"cancelled", tasks.Hold, story{found: status("cancelled", "", "")}, "nobody asked for"},
		{"without a reason", tasks.Hold, story{found: status("unknown", "", "")}, "without a reason"},
		{"sent without an ID", tasks.Hold, story{copies: []string{"a"}, found: status("sent", "", "")}, "without a Gmail ID"},
		{"another mail's ID", tasks.Hold, story{copies: []string{"b"}, found: sent}, "which Gmail never gave it"},
		{"held, and twice", tasks.Hold, story{requests: times(2, nil), copies: []string{"b", "a"}, found: sent}, "went out 2 times"},
		{"resent twice", tasks.Resend, story{requests: times(3, nil), copies: []string{"b", "c", "a"}, found: sent}, "went out 3 times"},
		{"more than the 503 excuses", tasks.Hold, story{requests: append(times(1, taken503), times(2, nil)...), copies: []string{"b", "c", "a"}, found: sent}, "went out 2 times (and 1 times more"},
		{"held, and tried again", tasks.Hold, story{requests: append(times(1, cut), request{before, nil}), copies: []string{"a"}, found: sent}, "was tried 1 times more"},
		{"resent after the second silence", tasks.Resend, story{requests: append(times(2, cut), request{before, nil}), copies: []string{"b", "a"}, found: sent}, "was tried 1 times more"},
		{"sent again after its record", tasks.Resend, story{requests: append(times(1, nil), request{after, nil}), copies: []string{"a", "b"}, found: sent}, "1s after it was recorded as sent"},
		{"sent again although a worker knew", tasks.Resend, story{requests: []request{{before, nil}, {recorded, nil}}, known: []knowledge{{since: before}}, copies: []string{"a", "b"}, found: sent}, "was sent again 1s after a worker knew"},
		{"the worker that knew was killed later", tasks.Resend, story{requests: []request{{before, nil}, {recorded, nil}}, known: []knowledge{{before, after}}, copies: []string{"a", "b"}, found: sent}, "was sent again 1s after a worker knew"},
		{"the worker that knew was killed", tasks.Resend, story{requests: []request{{before, nil}, {recorded, nil}}, known: []knowledge{{before, before.Add(time.Millisecond)}}, copies: []string{"a", "b"}, found: sent}, ""},
	} {
		row.story.mail.rule = row.rule
		got := row.story.judge()
		if row.want == "" && len(got) > 0 || row.want != "" && (len(got) != 1 || !strings.Contains(got[0], row.want)) {
			t.Errorf("%s: %q, want one with %q", row.name, got, row.want)
		}
	}
}

func TestTally(t *testing.T) {
	t.Parallel()
	taken503 := &gmailFault{tookAnd503: true}
	got := add([]story{
		{mail: mail{rule: tasks.Hold}, copies: []string{"a"}},
		{mail: mail{rule: tasks.Hold}, copies: []string{"a", "b"}},
		{mail: mail{rule: tasks.Resend}, copies: []string{"a", "b"}},
		{mail: mail{rule: tasks.Hold}, copies: []string{"a", "b"}, requests: []request{{fault: taken503}, {}}},
		{mail: mail{rule: tasks.Resend}, copies: []string{"a", "b", "c"}, requests: []request{{fault: taken503}, {}, {}}},
		{mail: mail{rule: tasks.Hold}},
		{mail: mail{rule: tasks.Hold}, copies: []string{"a"}, found: found{status: tasks.Status{State: "unknown"}}},
	})
	if got.once != 2 || got.never != 1 || got.heldTwice != 1 || got.resent != 2 || got.after503 != 2 || got.unknownTaken != 1 {
		t.Errorf("tally = %+v", got)
	}
}
