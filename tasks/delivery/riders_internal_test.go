package delivery

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
)

// TestAnOutcomeGoesFirst has asynq say something of a task whose outcome waits.
func TestAnOutcomeGoesFirst(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	client := steadfast{UniversalClient: rdb, line: newLineUp(), empty: newEmpties(&polling{}), riders: newRiders()}
	script := redis.NewScript(`return redis.call("RPUSH", KEYS[1], "asynq's word")`)
	keys := []string{"asynq:{q}:active"}
	for tries := range 3 { // At first the script is not known; some do not arrive.
		rdb.Del(t.Context(), keys[0])
		client.riders.add("a", func(along func(redis.Pipeliner)) {
			for range tries {
				along(rdb.Pipeline())
			}
			pipe := rdb.Pipeline()
			pipe.RPush(t.Context(), keys[0], "outcome")
			along(pipe)
			_, _ = pipe.Exec(t.Context())
		})
		if n, err := script.Run(t.Context(), client, keys, "a").Int(); err != nil || n != 2 {
			t.Errorf("asynq is told %d, %v", n, err)
		}
		if got := rdb.LRange(t.Context(), keys[0], 0, -1).Val(); !slices.Equal(got, []string{"outcome", "asynq's word"}) {
			t.Errorf("Redis was told %q", got)
		}
	}
}

// TestAnOutcomeGoesAlone is one that asynq says nothing of: it is written all the
// same, and once.
func TestAnOutcomeGoesAlone(t *testing.T) {
	t.Parallel()
	r := newRiders()
	written := make(chan bool, 2)
	for _, id := range []string{"a", "b"} {
		r.add(id, func(along func(redis.Pipeliner)) { written <- along == nil })
	}
	if write := r.take("a"); write == nil {
		t.Fatal("the outcome does not wait")
	}
	if r.take("a") != nil || r.take("c") != nil {
		t.Error("an outcome is there twice, or was never left")
	}
	select {
	case alone := <-written:
		if !alone {
			t.Error("something goes along")
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the outcome was not written")
	}
	time.Sleep(2 * aloneAfter)
	if len(written) > 0 || r.take("b") != nil {
		t.Error("an outcome is written twice")
	}
}

// TestTwoOutcomesOfOneMail are those of two attempts, where asynq took the mail
// away from the first: both are written, each once.
func TestTwoOutcomesOfOneMail(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRiders()
		var written []string
		leave := func(name string) {
			r.add("a", func(func(redis.Pipeliner)) { written = append(written, name) })
		}
		leave("first")
		time.Sleep(aloneAfter / 2)
		leave("second")
		if !slices.Equal(written, []string{"first"}) {
			t.Errorf("written: %q, want the first", written)
		}
		time.Sleep(aloneAfter - 1)
		if write := r.take("a"); write == nil {
			t.Error("the second did not wait for asynq")
		} else {
			write(nil)
		}
		time.Sleep(2 * aloneAfter)
		if !slices.Equal(written, []string{"first", "second"}) {
			t.Errorf("written: %q, want each once", written)
		}
	})
}

// TestAnIDThatLooksLikeAList is no reason to take a task's end for its being put
// back.
func TestAnIDThatLooksLikeAList(t *testing.T) {
	t.Parallel()
	keys := []string{
		"asynq:{q}:active", "asynq:{q}:lease", "asynq:{q}:t:news:pending", "asynq:{q}:processed:2026-11-21", "asynq:{q}:processed",
	}
	if _, _, ok := putBack(keys, []any{"news:pending"}); ok {
		t.Error("asynq's done is taken for its requeue")
	}
}
