package delivery

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/postroom/postroom/tasks/budget"
)

// turns is where an account's mail waits for its turn in the budget, in this
// process. Of each rank one mail asks, and the others stand behind it, in order:
// however many wait, they cost Redis the questions of one.
type turns struct {
	lines [ranks]turnLine

	mu     sync.Mutex
	free   chan struct{} // Closed when a send ends.
	shared time.Time     // When a free place was last left to other workers.
}

// freed is closed when the next send of this process has given its place back.
func (t *turns) freed() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.free == nil {
		t.free = make(chan struct{})
	}
	return t.free
}

// setFree says that a send has given its place back, to be called after Redis has
// it: who waits for one asks at once.
func (t *turns) setFree() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.free != nil {
		close(t.free)
		t.free = nil
	}
}

// turnLine is those of one rank.
type turnLine struct {
	mu    sync.Mutex
	spots []*spot // The first one asks.
	last  budget.Reason
}

// spot is one mail's in its line, or none.
type spot struct {
	line  *turnLine
	first chan struct{} // Closed when it is at the head; nil while it is in no line.
}

// joinOthers has a mail stand behind those who wait already. Where nobody does,
// and the account can send, it may ask at once.
func (s *spot) joinOthers(open bool) {
	s.line.mu.Lock()
	defer s.line.mu.Unlock()
	if len(s.line.spots) > 0 || !open {
		s.join()
	}
}

// wait has a mail that was told to wait stand in the line, and reports whether
// it is at its head.
func (s *spot) wait(what budget.Reason) (first bool) {
	s.line.mu.Lock()
	defer s.line.mu.Unlock()
	s.line.last = what
	s.join()
	return s.line.spots[0] == s
}

// join needs the line's lock.
func (s *spot) join() {
	if s.first != nil {
		return
	}
	s.first = make(chan struct{})
	s.line.spots = append(s.line.spots, s)
	if len(s.line.spots) == 1 {
		close(s.first)
	}
}

// leave lets the next one ask.
func (s *spot) leave() {
	s.line.mu.Lock()
	defer s.line.mu.Unlock()
	at := slices.Index(s.line.spots, s)
	if at < 0 {
		return
	}
	s.first = nil
	s.line.spots = slices.Delete(s.line.spots, at, at+1)
	if at == 0 && len(s.line.spots) > 0 {
		close(s.line.spots[0].first)
	}
}

// mayAsk reports whether nobody stands before it.
func (s *spot) mayAsk() bool {
	if s.first == nil {
		return true
	}
	select {
	case <-s.first:
		return true
	default:
		return false
	}
}

// ahead is how many stand before it, and what the head waits for.
func (s *spot) ahead() (n int, what budget.Reason) {
	s.line.mu.Lock()
	defer s.line.mu.Unlock()
	return max(0, slices.Index(s.line.spots, s)), s.line.last
}

// standInLine returns when the mail may ask: at the head of its line, or where
// nobody waits. What it waits for meanwhile, status tells.
func (a *attempt) standInLine(ctx context.Context, s *spot) error {
	closed, changed := a.gate.state(a.rank())
	s.joinOthers(closed.kind == "")
	long := time.NewTimer(worthNoting)
	defer long.Stop()
	var told closure
	for !s.mayAsk() {
		if closed != told && closed.until.Sub(a.Now()) >= worthNoting {
			told = closed
			a.noteWaiting(ctx, closed)
		}
		select {
		case <-s.first:
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
			closed, changed = a.gate.state(a.rank())
		case <-long.C:
			n, what := s.ahead()
			a.noteTurn(ctx, what, time.Duration(n)*a.perTurn())
		}
	}
	return ctx.Err()
}

// perTurn is the time between two turns; zero where nobody knows.
func (h *handler) perTurn() time.Duration {
	if s := h.learnt.Load(); s != nil && s.Rate > 0 {
		return time.Minute / time.Duration(s.Rate)
	}
	return 0
}

// A place in flight that gets free in this process is asked for at once, and
// once in a while it is left to other workers, who look for one every 50 ms: else
// a busy worker would keep all places to itself.
const (
	sharePlaceEvery = time.Second
	sharePlaceFor   = 75 * time.Millisecond
)

// awaitPlace waits for so long, or until a place in flight is free.
func (t *turns) awaitPlace(ctx context.Context, wait time.Duration, freed <-chan struct{}) {
	rest(ctx, wait, freed)
	select {
	case <-freed:
	default:
		return
	}
	t.mu.Lock()
	shares := time.Since(t.shared) >= sharePlaceEvery
	if shares {
		t.shared = time.Now()
	}
	t.mu.Unlock()
	if shares {
		_ = sleep(ctx, sharePlaceFor) // Its caller looks at ctx.
	}
}
