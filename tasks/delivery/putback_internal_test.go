package delivery

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestMailIsPutBackLastTakenFirst lets a queue's mail be put back all at once:
// each goes to the queue's head, so the one that was taken first must be the
// last.
func TestMailIsPutBackLastTakenFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		line := newLineUp()
		ids := []string{"1", "2", "3", "4", "5", "6", "7", "8"}
		for _, id := range ids {
			line.take("q", id)
		}
		line.take("another", "9")
		line.drop("q", "5") // It was sent meanwhile.
		var mu sync.Mutex
		var back []string
		began := time.Now()
		shuffled := slices.Clone(ids)
		rand.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		var all sync.WaitGroup
		for _, id := range shuffled {
			if id == "5" {
				continue
			}
			all.Go(func() {
				line.await("q", id)
				mu.Lock()
				back = append(back, id)
				mu.Unlock()
				line.drop("q", id)
			})
		}
		all.Wait()
		if want := []string{"8", "7", "6", "4", "3", "2", "1"}; !slices.Equal(back, want) {
			t.Errorf("put back in the order %v, want %v", back, want)
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("it took %v of waiting, want none", took)
		}
	})
}

// TestNobodyWaitsForLongToBePutBack is a mail whose neighbour never comes.
func TestNobodyWaitsForLongToBePutBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		line := newLineUp()
		line.take("q", "1")
		line.take("q", "2")
		began := time.Now()
		line.await("q", "1")
		if took := time.Since(began); took != patience {
			t.Errorf("waited %v, want %v", took, patience)
		}
		line.await("q", "unheard of") // It returns at once, or the test hangs.
	})
}
