package delivery

import (
	"context"
	"sync"
	"time"

	"github.com/postroom/postroom/tasks/budget"
)

// Why an account does not send.
const (
	closedFrozen      = "frozen"
	closedUnreachable = "unreachable"
	closedBlocked     = "blocked"
	closedSpent       = "spent" // The day is used up; for critical mail later than for other.
)

// class says whose turn it is: critical mail has some of an account for itself.
type class int

const (
	ordinary class = iota
	critical
	classes
)

// A gate stands between an account's waiting mail and its sender. It closes
// for a time when the account as a whole can't send, and then lets one mail
// through to try: the others follow when that one has been answered.
type gate struct {
	now func() time.Time

	mu      sync.Mutex
	closure closure
	epoch   int       // Closures so far.
	strikes int       // Closures since the last mail that got through.
	since   time.Time // The first of them.
	suspect string    // A mail that met "blocked" where one alone proves nothing.
	proven  bool      // Another met it too: any mail that does is not to blame.
	// One mail of each kind may try whether the closure is over: a critical one
	// does not wait for what becomes of another.
	probing, probingCritical bool
	inside                   [classes]int     // Mails between pass and leave.
	shut                     [classes]bool    // The servers are stopping: nobody passes any more.
	spent                    [classes]closure // The account's day is used up for these,
	under                    budget.Day       // with this day.
	changed                  chan struct{}
}

// closure says until when a gate is closed, and why. The zero closure is an
// open gate.
type closure struct {
	kind   string
	since  time.Time // When the account could last send, or nearly so.
	until  time.Time
	reason string
	remedy string
}

// ticket is what a mail has on its way through a gate.
type ticket struct {
	epoch int   // Of the gate when the mail passed.
	class class // Whose it is.
	probe bool  // It tries whether a closure is over.
}

func newGate(now func() time.Time) *gate {
	return &gate{now: now, changed: make(chan struct{})}
}

// pass waits until the gate is open, or until ctx is done. A mail that passed
// must leave with its ticket. Before each wait pass tells onWait what the mail
// waits for.
func (g *gate) pass(ctx context.Context, of class, onWait func(closure)) (ticket, error) {
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
func (g *gate) tryPass(of class) (t ticket, wait time.Duration, open bool) {
	if g.shut[of] || g.probingCritical || g.probing && of != critical {
		return ticket{}, aLongTime, false
	}
	if c := g.closedFor(of); c.kind != "" {
		if left := c.until.Sub(g.now()); left > 0 {
			return ticket{}, left, false
		}
	}
	t = ticket{epoch: g.epoch, class: of, probe: g.closure.kind != ""}
	if t.probe {
		g.setProbing(of, true)
	}
	g.inside[of]++
	return t, 0, true
}

// closedFor is what mail of a class waits for.
func (g *gate) closedFor(of class) closure {
	if g.spent[of].until.After(g.now()) && g.spent[of].until.After(g.closure.until) {
		return g.spent[of]
	}
	return g.closure
}

func (g *gate) setProbing(of class, on bool) {
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
	g.inside[t.class]--
	if t.probe {
		g.setProbing(t.class, false) // Where the probe brought no answer, the next one tries.
	}
	g.wake()
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

// forget opens the gate as if nothing had been.
func (g *gate) forget() (ended string) {
	if g.strikes == 0 && g.suspect == "" && g.closure.kind == "" {
		return ""
	}
	ended = g.closure.kind
	g.closure, g.strikes, g.suspect, g.proven = closure{}, 0, "", false
	g.probing, g.probingCritical = false, false
	g.wake()
	return ended
}

// closeOpen closes a gate that is open.
func (g *gate) closeOpen(kind, reason, remedy string) {
	g.mu.Lock()
	open := !g.closure.until.After(g.now())
	g.mu.Unlock()
	if open {
		g.close(kind, reason, remedy, time.Time{})
	}
}

// close keeps the gate shut for a pause that grows with each closure in a row,
// and longer where until is later. It returns what holds now, and whether that
// is news: another reason than that of the closure before it in a row.
func (g *gate) close(kind, reason, remedy string, until time.Time) (c closure, news bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	news = g.closure.kind != kind || g.closure.reason != reason
	// Mails that were on their way when the gate closed met the same trouble:
	// that is one closure, not many.
	if g.closure.kind != kind || !g.closure.until.After(now) {
		g.strikes++
		if g.strikes == 1 {
			g.since = now
		}
		if until.IsZero() {
			until = now.Add(pause(kind, g.strikes))
		}
	}
	if until.After(g.closure.until) {
		g.closure = closure{kind: kind, since: g.since, until: until, reason: reason, remedy: remedy}
	}
	g.proven = g.proven || kind == closedBlocked
	g.epoch++
	g.wake()
	return g.closure, news
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

// shutDown lets nobody of a class pass any more and waits until all who did have
// left, or until ctx is done. It reports whether they have.
func (g *gate) shutDown(ctx context.Context, of class) bool {
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
		select {
		case <-ctx.Done():
			return false
		case <-changed:
		}
	}
}

// reopen lets mail pass again after shutDown, as far as the closure does.
func (g *gate) reopen(of class) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut[of] = false
	g.wake()
}

// spend has mail of a class wait because the account's day is used up.
func (g *gate) spend(of class, under budget.Day, reason string, until time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	since := g.now()
	if g.spent[of].until.After(since) {
		since = g.spent[of].since
	}
	g.spent[of] = closure{kind: closedSpent, since: since, until: until, reason: reason}
	g.under = under
	g.wake()
}

// allow says how much the account's day holds now. Where that is another, mail
// finds out for itself whether there is room.
func (g *gate) allow(day budget.Day) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.spent == [classes]closure{} || g.under == day {
		return
	}
	g.spent = [classes]closure{}
	g.wake()
}

// state returns what the gate is closed for to mail of a class, and a channel
// that is closed when that changes.
func (g *gate) state(of class) (closure, <-chan struct{}) {
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
	c := g.closure
	if c.kind == "" {
		c = g.closedFor(ordinary)
	}
	if c.kind != closedBlocked && !c.until.After(g.now()) {
		return closure{}
	}
	return c
}

func (g *gate) wake() {
	close(g.changed)
	g.changed = make(chan struct{})
}

// pause is how long the n-th closure in a row lasts where nobody says until
// when. Google asks for exponential backoff from one second; a person who
// mends a blocked account should not wait for long.
func pause(kind string, n int) time.Duration {
	switch kind {
	case closedBlocked:
		steps := []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute}
		return steps[min(n, len(steps))-1]
	case closedUnreachable:
		return min(time.Second<<min(n-1, 10), 30*time.Second)
	default:
		return min(time.Second<<min(n-1, 10), time.Minute)
	}
}
