package delivery

import (
	"sync"
	"time"
)

// empties knows which of an account's queues had no mail a moment ago.
//
// For each task that it takes, asynq asks a server's queues one after the other
// until one has mail, and an account has up to four a server. Without this a
// worker under load would often ask a queue in which there is nothing, while
// others have mail.
//
// And several servers ask the same queues, of any number of accounts: what one
// of them was told holds for all for as long as the process's polling says.
type empties struct {
	polling *polling
	mu      sync.Mutex
	found   time.Time // When one of the queues last had mail.
	empty   map[string]time.Time
}

const (
	// emptyFor is how long a queue counts as empty. New mail in it waits for
	// that long at most, and for its turn, while the account is busy with other
	// mail.
	emptyFor = 20 * time.Millisecond
	// busyFor is how long an account is busy after a task was found. A queue of
	// an idle one is always asked, for mail that has just come.
	busyFor = 5 * time.Millisecond
)

func newEmpties(p *polling) *empties { return &empties{polling: p, empty: make(map[string]time.Time)} }

// skip reports whether the queue need not be asked now.
func (e *empties) skip(queue string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	since := time.Since(e.empty[queue])
	return since < e.polling.pending() || since < emptyFor && time.Since(e.found) < busyFor
}

// skipDelayed is the same for a set of mail that is due later.
func (e *empties) skipDelayed(set string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return time.Since(e.empty[set]) < e.polling.delayed()
}

// noteDelayed keeps that nothing in the set was due.
func (e *empties) noteDelayed(set string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.empty[set] = time.Now()
}

// note keeps whether a queue that was asked had mail.
func (e *empties) note(queue string, had bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if had {
		e.found = time.Now()
	} else {
		e.empty[queue] = time.Now()
	}
}
