package delivery

import (
	"cmp"
	"context"
	"sync"
	"time"

	"github.com/postroom/postroom/tasks/budget"
)

// rank says whose turn it is: critical mail has some of an account for itself.
type rank int

const (
	ordinary rank = iota
	critical
	ranks
)

// A gate stands between an account's waiting mail and its sender. It closes
// for a time when the account as a whole can't send, and then lets one mail
// through to try: the others follow when that one has been answered.
type gate struct {
	now func() time.Time

	mu      sync.Mutex
	pause   closure   // What ends by itself.
	block   closure   // What a person has to end; its end is when one mail tries.
	epoch   int       // Closures so far.
	strikes int       // Closures since the last mail that got through.
	since   time.Time // The first of them.
	suspect string    // A mail that met "blocked" where one alone proves nothing.
	proven  bool      // Another met it too: any mail that does is not to blame.
	// One mail of each kind may try whether the closure is over: a critical one
	// does not wait for what becomes of another.
	probing, probingCritical bool
	inside                   [ranks]int     // Mails between pass and leave.
	shut                     [ranks]bool    // The servers are stopping: nobody passes any more.
	spent                    [ranks]closure // The account's day is used up for these,
	under, used              budget.Day     // with this day, and this much of it gone.
	changed                  chan struct{}
}

// ticket is what a mail has on its way through a gate.
type ticket struct {
	epoch int  // Of the gate when the mail passed.
	rank  rank // Whose it is.
	probe bool // It tries whether a closure is over.
}

func newGate(now func() time.Time) *gate {
	return &gate{now: now, changed: make(chan struct{})}
}

// pass waits until the gate is open, or until ctx is done. A mail that passed
// must leave with its ticket. Before each wait pass tells onWait what the mail
// waits for.
func (g *gate) pass(ctx context.Context, of rank, onWait func(closure)) (ticket, error) {
	for {
		g.mu.Lock()
		if ctx.Err() != nil {
			g.mu.Unlock()
			return ticket{}, ctx.Err()
		}
		passed, wait, open := g.tryPass(of)
		closed, changed := g.closedFor(of), g.changed
		g.mu.Unlock()
		if open {
			return passed, nil
		}
		if closed.kind != "" {
			onWait(closed)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-changed:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// aLongTime is how long a mail waits that somebody else will wake.
const aLongTime = time.Hour

// tryPass lets one mail in, or says how long to wait.
func (g *gate) tryPass(of rank) (t ticket, wait time.Duration, open bool) {
	if g.shut[of] || g.probingCritical || g.probing && of != critical {
		return ticket{}, aLongTime, false
	}
	if c := g.closedFor(of); c.kind != "" {
		if left := c.until.Sub(g.now()); left > 0 {
			return ticket{}, left, false
		}
	}
	t = ticket{epoch: g.epoch, rank: of, probe: g.pause.kind != "" || g.block.kind != ""}
	if t.probe {
		g.setProbing(of, true)
	}
	g.inside[of]++
	return t, 0, true
}

// closedFor is what mail of a rank waits for, or waited for last: a block, and
// of the others what lasts longest.
func (g *gate) closedFor(of rank) closure {
	now := g.now()
	if g.block.until.After(now) {
		return g.block
	}
	if g.spent[of].until.After(now) && g.spent[of].until.After(g.pause.until) {
		return g.spent[of]
	}
	return g.pause
}

func (g *gate) setProbing(of rank, on bool) {
	if of == critical {
		g.probingCritical = on
	} else {
		g.probing = on
	}
}

// leave ends what pass began.
func (g *gate) leave(t ticket) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside[t.rank]--
	if t.probe {
		g.setProbing(t.rank, false) // Where the probe brought no answer, the next one tries.
	}
	if t.probe || g.shut[t.rank] { // Nobody waits for any other mail.
		g.wake()
	}
}

// open says that a mail was answered as mail is: the account can send. A mail
// that passed before the gate closed says nothing of what is now. It returns
// what the gate was closed for, if it was.
func (g *gate) open(t ticket) (ended string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if t.epoch != g.epoch {
		return ""
	}
	return g.forget()
}

// reset opens the gate, whatever mails that passed before it will meet.
func (g *gate) reset() (ended string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.epoch++
	return g.forget()
}

// forget opens the gate as if nothing had been. It returns the graver of what it
// was closed for.
func (g *gate) forget() (ended string) {
	if g.strikes == 0 && g.suspect == "" && g.pause.kind == "" {
		return ""
	}
	ended = cmp.Or(g.block.kind, g.pause.kind)
	g.pause, g.block, g.strikes, g.suspect, g.proven = closure{}, closure{}, 0, "", false
	g.probing, g.probingCritical = false, false
	g.wake()
	return ended
}

// pauseOpen closes a gate that is open, and reports whether it was.
func (g *gate) pauseOpen(kind, reason string, until time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.block.kind != "" || g.pause.until.After(g.now()) {
		return false
	}
	g.pause = closure{kind: kind, since: g.now(), until: until, reason: reason, strikes: g.pause.strikes}
	g.epoch++
	g.wake()
	return true
}

// close keeps the gate shut for a pause that grows with each closure in a row,
// and longer where until is later. It returns what holds now of that kind, or
// in its place, and whether it is news: another reason than before.
func (g *gate) close(kind, reason, remedy string, until time.Time) (c closure, news bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now, at := g.now(), &g.pause
	if kind == closedBlocked {
		at = &g.block
		g.proven = true
	}
	news = at.kind != kind || at.reason != reason
	// Mails that were on their way when the gate closed met the same trouble:
	// that is one closure, not many.
	if at.kind != kind || !at.until.After(now) {
		at.strikes++
		g.strikes++
		if g.strikes == 1 {
			g.since = now
		}
		if until.IsZero() {
			until = now.Add(pause(kind, at.strikes))
		}
	}
	if until.After(at.until) {
		*at = closure{kind: kind, since: g.since, until: until, reason: reason, remedy: remedy, strikes: at.strikes}
	}
	g.epoch++
	g.wake()
	return *at, news
}

// suspectBlocked reports whether two mails at least, since the last that got
// through, were told that the account is blocked, with this one.
func (g *gate) suspectBlocked(mail string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.suspect == "" {
		g.suspect = mail
	}
	return g.proven || g.suspect != mail
}

// shutDown lets nobody of a rank pass any more and waits until all who did have
// left, until ctx is done, or until the account is needed again. It reports whether
// they have.
func (g *gate) shutDown(ctx context.Context, of rank, needed func() bool) bool {
	g.mu.Lock()
	g.shut[of] = true
	g.wake()
	g.mu.Unlock()
	for {
		g.mu.Lock()
		empty, changed := g.inside[of] == 0, g.changed
		g.mu.Unlock()
		if empty {
			return true
		}
		if needed() {
			return false
		}
		select {
		case <-ctx.Done():
			return false
		case <-changed:
		}
	}
}

// reopen lets mail pass again after shutDown, as far as the closure does.
func (g *gate) reopen(of rank) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut[of] = false
	g.wake()
}

// spend has mail of a rank wait because the account's day is used up. It reports
// whether that is news.
func (g *gate) spend(of rank, under budget.Day, reason string, until time.Time) (news bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	since := g.now()
	if news = !g.spent[of].until.After(since); !news {
		since = g.spent[of].since
	}
	g.spent[of] = closure{kind: closedSpent, since: since, until: until, reason: reason}
	g.under = under
	g.wake()
	return news
}

// allow says how much the account's day holds now, and how much of it is gone.
// Where it holds another number, or less is gone than before, mail finds out for
// itself whether there is room.
func (g *gate) allow(day, used budget.Day) {
	g.mu.Lock()
	defer g.mu.Unlock()
	less := used.Messages < g.used.Messages || used.Recipients < g.used.Recipients
	g.used = used
	if g.spent == [ranks]closure{} || g.under == day && !less {
		return
	}
	g.spent = [ranks]closure{}
	g.wake()
}

// state returns what the gate is closed for to mail of a rank, and a channel
// that is closed when that changes.
func (g *gate) state(of rank) (closure, <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.closedFor(of)
	if !c.until.After(g.now()) {
		return closure{}, g.changed
	}
	return c, g.changed
}

// poke has whoever follows the gate's state look again.
func (g *gate) poke() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.wake()
}

// standing is what is known against the account. A block lasts, for people,
// until a mail got through; of others nothing is known when their time is over.
func (g *gate) standing() closure {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.block.kind != "" {
		return g.block
	}
	for _, of := range []rank{ordinary, critical} {
		if c := g.closedFor(of); c.until.After(g.now()) {
			return c
		}
	}
	return closure{}
}

func (g *gate) wake() {
	close(g.changed)
	g.changed = make(chan struct{})
}
