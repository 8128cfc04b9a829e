package torture_test

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/ledger"
)

// story is all that is known of a mail at the end.
type story struct {
	mail     mail
	requests []request // That came to Gmail for it,
	copies   []string  // and the IDs of what Gmail took.
	known    []knowledge
	found    found // What Status says.
}

// judge says what is wrong with a mail's story; nothing, if all is as promised.
func (s story) judge() []string {
	var wrong []string
	add := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	status := s.found.status
	switch state := ledger.State(status.State); {
	case errors.Is(s.found.err, tasks.ErrNotFound):
		add("is lost: Enqueue accepted it, and Status does not find it")
		return append(wrong, s.judgeSends()...)
	case s.found.err != nil:
		add("Status: %v", s.found.err)
		return append(wrong, s.judgeSends()...)
	case state == ledger.Sent:
		if status.GmailID == "" {
			add("is sent without a Gmail ID")
		}
	case state == ledger.Failed || state == ledger.Unknown:
		if status.Error == "" {
			add("is %s without a reason", state)
		}
	case state == ledger.Cancelled || state == ledger.Expired:
		add("is %s, which nobody asked for", state)
	default:
		add("has no outcome: it is %s (%s)", state, status.Error)
	}
	if id := status.GmailID; id != "" && !slices.Contains(s.copies, id) {
		add("has the Gmail ID %s, which Gmail never gave it (it gave %v)", id, s.copies)
	}
	if ledger.State(status.State).Settled() {
		wrong = append(wrong, s.judgeAfter(status.UpdatedAt)...)
	}
	wrong = append(wrong, s.judgeKnown()...)
	return append(wrong, s.judgeSends()...)
}

// judgeKnown holds that nothing is sent that a living worker knows to be: it
// writes the outcome for as long as it lives.
func (s story) judgeKnown() []string {
	for _, k := range s.known {
		for _, r := range s.requests {
			if r.at.After(k.since.Add(2*time.Millisecond)) && (k.until.IsZero() || r.at.Before(k.until)) {
				return []string{fmt.Sprintf("was sent again %v after a worker knew that Gmail had it, and that one was not killed meanwhile", r.at.Sub(k.since))}
			}
		}
	}
	return nil
}

// judgeSends counts what Gmail was asked and took.
func (s story) judgeSends() []string {
	var wrong []string
	if n := len(s.copies) - s.excused(); n > s.allowed() {
		wrong = append(wrong, fmt.Sprintf("went out %d times (and %d times more after a 503 for mail that was taken), with on_unknown=%s %d at most",
			n, s.excused(), s.mail.rule, s.allowed()))
	}
	silent := 0
	for i, r := range s.requests {
		if r.fault == nil || !r.fault.silent {
			continue
		}
		silent++
		if rest := len(s.requests) - i - 1; rest > 0 && silent >= s.allowed() {
			wrong = append(wrong, fmt.Sprintf("was tried %d times more after the %d. %q", rest, silent, r.fault.name))
			break
		}
	}
	return wrong
}

// judgeAfter holds that nothing is sent once an outcome stands. Redis's clock is
// this machine's, and counts whole milliseconds.
func (s story) judgeAfter(outcome time.Time) []string {
	for _, r := range s.requests {
		if late := r.at.Sub(outcome); late > 2*time.Millisecond {
			return []string{fmt.Sprintf("was sent again %v after it was recorded as %s", late, s.found.status.State)}
		}
	}
	return nil
}

// allowed is how often a mail may go out.
func (s story) allowed() int {
	if s.mail.rule == tasks.Hold {
		return 1
	}
	return 2
}

// excused is how often Gmail took the mail and said that it did not.
func (s story) excused() (n int) {
	for _, r := range s.requests {
		if r.fault != nil && r.fault.tookAnd503 {
			n++
		}
	}
	return n
}

// tally is what a run's mails came to.
type tally struct {
	states            map[tasks.State]int
	once, never       int // Mails that Gmail took so often.
	unknownTaken      int // Unknown, and Gmail has it.
	heldTwice, resent int // Mails that went out more than once, by their rule, 503s apart.
	after503          int // Copies that are there because of a 503 for mail that was taken.
	met               map[string]int
	meant, hit        int // Faults of Gmail's that were meant for mails, and met by them.
}

func add(stories []story) tally {
	t := tally{states: map[tasks.State]int{}, met: map[string]int{}}
	for _, s := range stories {
		t.states[s.found.status.State]++
		t.count(s)
		t.meant += min(1, len(s.mail.faults))
		for i, r := range s.requests {
			if r.fault == nil {
				continue
			}
			t.met[r.fault.name]++
			if i == 0 && len(s.mail.faults) > 0 {
				t.hit++
			}
		}
	}
	return t
}

func (t *tally) count(s story) {
	switch len(s.copies) {
	case 0:
		t.never++
	case 1:
		t.once++
	}
	if ledger.State(s.found.status.State) == ledger.Unknown && len(s.copies) > 0 {
		t.unknownTaken++
	}
	extra := max(0, len(s.copies)-1)
	excused := min(extra, s.excused())
	t.after503 += excused
	switch {
	case extra == excused:
	case s.mail.rule == tasks.Hold:
		t.heldTwice++
	default:
		t.resent++
	}
}
