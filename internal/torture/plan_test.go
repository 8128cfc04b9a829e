package torture_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/postroom/postroom/mailer/mailertest"
	"github.com/postroom/postroom/tasks"
)

// settings are what a run is made from.
type settings struct {
	seed   uint64
	count  int           // Of mails.
	length time.Duration // Of the time in which there are faults.
}

// patience is from which length on a run waits for the leases of the dead, as
// everybody has to.
const patience = 30 * time.Second

func (s settings) isLong() bool { return s.length >= patience }

// plan is what happens in a run: which mail is enqueued when and what Gmail
// does to it, and what happens to the processes.
type plan struct {
	settings

	workers int
	mails   []mail  // By the time at which they are enqueued.
	events  []event // By time.
}

// mail is one mail of a plan.
type mail struct {
	id      string
	at      time.Duration // When it is enqueued, from the start,
	again   time.Duration // and how much later once more; 0: not.
	lane    tasks.Lane
	account string          // Empty: the default account.
	given   tasks.OnUnknown // Empty: the lane's.
	rule    tasks.OnUnknown // Which one holds.
	faults  []*gmailFault   // What its first, its second, … request meets; nil: nothing.
}

const (
	firstAccount  = mailertest.DefaultAddress // From the environment, and the default.
	secondAccount = "news@example.com"        // A stored one.
)

// newPlan depends on nothing but the settings.
func newPlan(s settings) plan {
	r := rand.New(rand.NewPCG(s.seed, 0))
	p := plan{settings: s, workers: 3}
	if s.isLong() {
		p.workers = 4
	}
	p.events = newEvents(r, p.length, p.workers)
	p.mails = newMails(r, s)
	return p
}

// newMails spreads them over nearly all of the time.
func newMails(r *rand.Rand, s settings) []mail {
	all := make([]mail, s.count)
	for i := range all {
		m := mail{
			id:      fmt.Sprintf("m%d-%05d", s.seed, i),
			at:      time.Duration(r.Int64N(int64(s.length * 9 / 10))),
			lane:    choose(r, tasks.Critical, tasks.Default, tasks.Default, tasks.Default, tasks.Bulk, tasks.Bulk, tasks.Bulk),
			account: choose(r, "", firstAccount, secondAccount, secondAccount),
			given:   choose(r, "", tasks.Hold, tasks.Hold, tasks.Resend, tasks.Resend),
		}
		if m.rule = m.given; m.rule == "" {
			m.rule = tasks.Resend
			if m.lane == tasks.Bulk {
				m.rule = tasks.Hold
			}
		}
		if r.IntN(20) == 0 {
			m.again = time.Duration(1 + r.Int64N(int64(s.length/4)))
		}
		all[i] = m
	}
	placeFaults(r, s, all)
	slices.SortFunc(all, func(a, b mail) int { return int(a.at - b.at) })
	return all
}

// placeFaults says which requests of which mails meet which fault of Gmail's.
func placeFaults(r *rand.Rand, s settings, all []mail) {
	order := r.Perm(len(all))
	for _, f := range gmailFaults {
		for range min(f.count(s), len(order)) {
			m := &all[order[0]]
			order = order[1:]
			m.faults = append(m.faults, f)
			// One more for some, where there is time: the pauses between attempts grow.
			if next := choose(r, gmailFaults...); s.isLong() && r.IntN(3) == 0 && next.share > 0 && !f.final {
				m.faults = append(m.faults, next)
			}
		}
	}
}

func choose[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// String is the schedule as it is printed: the same for the same settings.
func (p plan) String() string {
	var b strings.Builder
	for _, e := range p.events {
		fmt.Fprintf(&b, "%9.3fs  %s\n", e.at.Seconds(), e)
	}
	for _, m := range p.mails {
		for i, f := range m.faults {
			fmt.Fprintf(&b, "%9.3fs  %s (%s, %s), request %d: %s\n", m.at.Seconds(), m.id, m.lane, m.rule, i+1, f.name)
		}
	}
	return b.String()
}
