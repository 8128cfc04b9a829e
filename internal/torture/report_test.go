package torture_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// report is what a run says of itself.
type report struct {
	plan      plan
	stop      func() // Its progress is told no more.
	happened  map[kind]int
	producers *producers
	over      time.Time // When the faults were.
	tally     tally
	settled   time.Duration // After the last fault.
}

// header names the run before it begins.
func (p plan) header() string {
	return fmt.Sprintf("torture: %d mails, %d workers, %v of faults; the same schedule again: TORTURE_SEED=%d TORTURE_MAILS=%d TORTURE_SECONDS=%g\n",
		p.count, p.workers, p.length, p.seed, p.count, p.length.Seconds())
}

// sayNow tells every ten seconds how far the run is, until it is stopped.
func (w *world) sayNow(p *producers, from time.Time) (stop func()) {
	ctx, cancel := context.WithCancel(w.t.Context())
	go func() {
		for sleepUntil(ctx, time.Now().Add(10*time.Second)) == nil {
			fmt.Printf("  %4.0f s: %d accepted, Gmail has taken %d\n", time.Since(from).Seconds(), p.accepted.Load(), w.gmail.Counts().Accepted)
		}
	}()
	return cancel
}

func (r report) String() string {
	t := r.tally
	var b strings.Builder
	line := func(what, format string, args ...any) {
		fmt.Fprintf(&b, "  %-34s %s\n", what, fmt.Sprintf(format, args...))
	}
	line("processes and connections", "%s", counts(r.happened))
	line("Gmail's answers", "%s", counts(t.met))
	line("accepted by Enqueue", "%d; %d calls repeated, %d told it is a duplicate",
		r.producers.accepted.Load(), r.producers.repeated.Load(), r.producers.duplicate.Load())
	line("outcomes", "%s; of the unknown Gmail has %d", counts(t.states), t.unknownTaken)
	line("Gmail took once", "%d, and never %d", t.once, t.never)
	line("twice, on_unknown=hold", "%d", t.heldTwice)
	line("twice, on_unknown=resend", "%d", t.resent)
	line("copies after a 503 for taken mail", "%d", t.after503)
	line("settled", "%.0f s after the last fault", r.settled.Seconds())
	return b.String()
}

// check holds that the run was one.
func (r report) check(t *testing.T) {
	t.Helper()
	if r.tally.hit < r.tally.meant/2 {
		t.Errorf("of %d faults of Gmail's %d were met: this run proves little", r.tally.meant, r.tally.hit)
	}
	if r.happened[killWorker] == 0 || r.happened[stopWorker] == 0 {
		t.Errorf("no worker was there to be killed, or to be stopped: %v", r.happened)
	}
}

// counts is a map as people read it, sorted by name.
func counts[K ~string](of map[K]int) string {
	parts := make([]string, 0, len(of))
	for _, k := range slices.Sorted(maps.Keys(of)) {
		parts = append(parts, fmt.Sprintf("%s %d", k, of[k]))
	}
	return strings.Join(parts, ", ")
}
