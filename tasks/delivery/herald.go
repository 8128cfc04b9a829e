package delivery

import (
	"context"
	"sync"
)

// herald tells other workers how one of this worker's accounts stands: whether
// it is blocked, and why. No mail waits for that. Of several words in a row only
// the last has to arrive.
type herald struct {
	mu   sync.Mutex
	next func(context.Context) error
	busy bool
}

// tell has the word taken where it belongs: until that is done, or there is a
// newer one.
func (h *handler) tell(word func(context.Context) error) {
	h.herald.mu.Lock()
	defer h.herald.mu.Unlock()
	h.herald.next = word
	if h.herald.busy {
		return
	}
	h.herald.busy = true
	go h.deliverWords()
}

func (h *handler) deliverWords() {
	for {
		h.herald.mu.Lock()
		word := h.herald.next
		h.herald.next = nil
		h.herald.busy = word != nil
		h.herald.mu.Unlock()
		if word == nil {
			return
		}
		_ = h.untilAnswered(h.life, "say how the account stands", func(ctx context.Context) error {
			if h.herald.hasNewer() {
				return nil
			}
			return word(ctx)
		})
	}
}

func (h *herald) hasNewer() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.next != nil
}
