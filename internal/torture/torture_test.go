package torture_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/postroom/postroom/tasks"
)

// TestUnderFire is the whole run.
func TestUnderFire(t *testing.T) {
	t.Parallel()
	p := newPlan(settingsOf(t))
	fmt.Print(p.header())
	if testing.Verbose() {
		fmt.Print(p)
	}
	w := newWorld(t, p)
	w.postroom(build(t))
	r := w.run(w.queue, tasks.ErrUnavailable)
	last := w.settle()
	r.settled = time.Since(r.over)
	r.stop()
	w.crew.dismiss(syscall.SIGTERM)
	stories := w.stories(last)
	r.tally = add(stories)
	fmt.Print(r)
	w.judge(stories)
	r.check(t)
	if os.Getenv("TORTURE_PLAIN") != "" {
		plainUnderFire(t, p)
	}
}

// settingsOf reads the environment.
func settingsOf(t *testing.T) settings {
	t.Helper()
	number := func(name string, otherwise int) int {
		n, err := strconv.Atoi(cmp.Or(os.Getenv(name), strconv.Itoa(otherwise)))
		if err != nil || n < 1 {
			t.Fatalf("%s=%q: must be a whole number of 1 or more", name, os.Getenv(name))
		}
		return n
	}
	return settings{
		seed:   uint64(number("TORTURE_SEED", 1+rand.IntN(1_000_000))),
		count:  max(fewestMails, number("TORTURE_MAILS", 250)),
		length: time.Duration(number("TORTURE_SECONDS", 6)) * time.Second,
	}
}

// fewestMails has room for every fault.
const fewestMails = 100

// run has it all happen, until the faults are over and all mail is accepted.
// Producers use queue, and repeat what ended in away.
func (w *world) run(queue func(addr string) enqueueFunc, away error) report {
	w.t.Helper()
	w.crew.hire(w.plan.workers)
	w.t.Cleanup(func() { w.crew.dismiss(syscall.SIGKILL) })
	from := time.Now()
	p := &producers{world: w, away: away}
	p.produce(queue, from)
	stop := func() {}
	if w.plan.isLong() {
		stop = w.sayNow(p, from)
	}
	f := &fire{world: w, happened: map[kind]int{}}
	f.burn(from)
	over := time.Now()
	p.all.Wait() // Redis is there: each call ends.
	if !w.plan.isLong() {
		w.crew.dismiss(syscall.SIGKILL)
		w.age()
		w.crew.hire(w.plan.workers)
	}
	return report{stop: stop, plan: w.plan, happened: f.happened, producers: p, over: over}
}

func (w *world) stories(last map[string]found) []story {
	all, known := make([]story, len(w.plan.mails)), w.crew.known()
	for i, m := range w.plan.mails {
		all[i] = story{mail: m, requests: w.gmail.requestsOf(m.id), known: known[m.id], found: last[m.id]}
		for _, copied := range w.gmail.AcceptedByMailID(m.id) {
			all[i].copies = append(all[i].copies, copied.ID)
		}
	}
	return all
}

// judge fails the test where anything is wrong, and tells the story of the first
// such mails from the workers' logs.
func (w *world) judge(stories []story) {
	w.t.Helper()
	for _, s := range stories {
		for _, wrong := range s.judge() {
			w.complainf("%s (%s, on_unknown=%s) %s%s", s.mail.id, s.mail.lane, s.mail.rule, wrong, w.tell(s))
		}
	}
	for _, panicked := range append(w.crew.inLogs("panic: "), w.crew.inLogs("a step panicked")...) {
		w.complainf("a worker panicked: %s", panicked)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	const told = 20
	for _, wrong := range w.all[:min(told, len(w.all))] {
		w.t.Error(wrong)
	}
	if len(w.all) > told {
		w.t.Errorf("and %d more", len(w.all)-told)
	}
}

// tell is what the logs and Gmail know of a mail.
func (w *world) tell(s story) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n\tstatus: %+v (%v)\n\tcopies: %v", s.found.status, s.found.err, s.copies)
	for i, r := range s.requests {
		name := "nothing wrong"
		if r.fault != nil {
			name = r.fault.name
		}
		fmt.Fprintf(&b, "\n\trequest %d, %s: %s", i+1, r.at.Format(time.RFC3339Nano), name)
	}
	for _, line := range w.crew.inLogs(s.mail.id) {
		b.WriteString("\n\t" + line)
	}
	return b.String()
}
