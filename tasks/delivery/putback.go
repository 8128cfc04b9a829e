package delivery

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// lineUp puts mail back in the order in which it was taken. asynq puts the
// tasks of a stopping server back all at once, each to the head of its queue,
// so that their order would be chance: here each waits until those that were
// taken after it are back.
type lineUp struct {
	mu      sync.Mutex
	taken   map[string][]string // IDs by queue, in the order in which they were taken.
	changed chan struct{}
}

func newLineUp() *lineUp {
	return &lineUp{taken: map[string][]string{}, changed: make(chan struct{})}
}

// take notes that a mail was taken from its queue.
func (l *lineUp) take(queue, id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.taken[queue] = append(l.taken[queue], id)
}

// drop notes that a mail was put back, or needs not to be.
func (l *lineUp) drop(queue, id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	line := l.taken[queue]
	if i := slices.Index(line, id); i >= 0 {
		l.taken[queue] = slices.Delete(line, i, i+1)
	}
	close(l.changed)
	l.changed = make(chan struct{})
}

// patience is how long a mail waits for its turn to be put back. That it goes
// back counts for more than the order.
const patience = time.Second

// await returns when all that were taken after id are back.
func (l *lineUp) await(queue, id string) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		l.mu.Lock()
		line, changed := l.taken[queue], l.changed
		mine := len(line) == 0 || line[len(line)-1] == id || !slices.Contains(line, id)
		l.mu.Unlock()
		if mine {
			return
		}
		select {
		case <-changed:
		case <-timer.C:
			return
		}
	}
}

// putBack returns queue and ID of the task that a script puts back to the head
// of its queue, and whether it is that script (asynq v0.26.0
// internal/rdb/rdb.go, requeueCmd).
func putBack(keys []string, args []any) (queue, id string, ok bool) {
	if len(keys) != 4 || len(args) == 0 || !strings.HasSuffix(keys[0], ":active") || !strings.HasSuffix(keys[2], ":pending") {
		return "", "", false
	}
	queue = strings.TrimSuffix(strings.TrimPrefix(keys[0], "asynq:{"), "}:active")
	id, ok = args[0].(string)
	return queue, id, ok
}
