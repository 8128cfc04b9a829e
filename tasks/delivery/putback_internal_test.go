package delivery

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
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

// TestAsynqPutsBackInOrder has asynq's script come for the first mail first.
func TestAsynqPutsBackInOrder(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	client := steadfast{UniversalClient: rdb, line: newLineUp(), empty: newEmpties(&polling{}), riders: newRiders()}
	script := redis.NewScript(`return redis.call("RPUSH", KEYS[3], ARGV[1])`)
	if err := script.Load(t.Context(), rdb).Err(); err != nil {
		t.Fatal(err)
	}
	ids := []string{"1", "2", "3"}
	for _, id := range ids {
		client.line.take("q", id)
	}
	var all sync.WaitGroup
	for _, id := range ids {
		all.Go(func() {
			keys := []string{"asynq:{q}:active", "asynq:{q}:lease", "asynq:{q}:pending", "asynq:{q}:t:" + id}
			if err := script.Run(t.Context(), client, keys, id).Err(); err != nil {
				t.Error(err)
			}
		})
		time.Sleep(20 * time.Millisecond) // It is on its way before the next.
	}
	all.Wait()
	if got := rdb.LRange(t.Context(), "asynq:{q}:pending", 0, -1).Val(); !slices.Equal(got, []string{"3", "2", "1"}) {
		t.Errorf("the queue has %v, the next one last; want 3, 2, 1", got)
	}
}
