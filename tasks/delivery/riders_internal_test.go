package delivery

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks/ledger"
)

// TestAnOutcomeGoesFirst has asynq say something of a task whose outcome waits.
func TestAnOutcomeGoesFirst(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	books := ledger.New(rdb, ledger.Lifetimes{})
	client := steadfast{UniversalClient: rdb, line: newLineUp(), empty: newEmpties(&polling{}), riders: newRiders()}
	script := redis.NewScript(`return redis.call("RPUSH", KEYS[1], ARGV[1])`)
	for tries := range 3 { // At first the scripts are not known; some do not arrive.
		id := strconv.Itoa(tries)
		state := ledger.State("none")
		client.riders.add(id, func(along func(redis.Pipeliner)) {
			for range tries {
				along(rdb.Pipeline())
			}
			var err error
			state, _, err = books.FinishWith(t.Context(), id, ledger.Change{Token: "a", To: ledger.Sent, GmailID: "g"}, along)
			if err != nil {
				t.Error(err)
			}
		})
		n, err := script.Run(t.Context(), client, []string{"asynq:{q}:active"}, id).Int()
		if err != nil || n != tries+1 || state != ledger.Sent {
			t.Errorf("asynq is told %d, %v, the mail is %s; want its word to be number %d, and sent", n, err, state, tries+1)
		}
	}
}

// TestRedisForgetsAnOutcomesScript holds that asynq is heard once, and the outcome
// too, whatever Redis knows still.
func TestRedisForgetsAnOutcomesScript(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	books := ledger.New(rdb, ledger.Lifetimes{})
	sent := ledger.Change{Token: "a", To: ledger.Sent, GmailID: "g"}
	if _, _, err := books.Finish(t.Context(), "before", sent); err != nil {
		t.Fatal(err)
	}
	const source = `return redis.call("RPUSH", KEYS[1], ARGV[1])`
	for name, known := range map[string]func() error{
		"nothing":        func() error { return nil },
		"asynq's script": func() error { return rdb.ScriptLoad(t.Context(), source).Err() },
		"asynq's script that waits for the outcome": func() error {
			return ledger.NewIfSent(source).Eval(t.Context(), rdb, "before", []string{"x"}, "").Err()
		},
	} {
		client := steadfast{UniversalClient: rdb, line: newLineUp(), empty: newEmpties(&polling{}), riders: newRiders()}
		for i := range 2 { // With the first mail the worker learns asynq's script.
			id := fmt.Sprintf("%s,%d", name, i)
			if err := errors.Join(rdb.ScriptFlush(t.Context()).Err(), known()); err != nil {
				t.Fatal(err)
			}
			var state ledger.State
			client.riders.add(id, func(along func(redis.Pipeliner)) {
				var err error
				if state, _, err = books.FinishWith(t.Context(), id, sent, along); err != nil {
					t.Error(err)
				}
			})
			err := redis.NewScript(source).Run(t.Context(), client, []string{"asynq:{q}:" + id}, id).Err()
			told := rdb.LLen(t.Context(), "asynq:{q}:"+id).Val()
			if err != nil || told != 1 || state != ledger.Sent {
				t.Errorf("where %s is known asynq was heard %d times (%v), and the mail is %s", name, told, err, state)
			}
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
	sha := r.learn("return 1")
	if write, word := r.take("a", "unknown"); write == nil || word != nil {
		t.Fatal("the outcome does not wait, or asynq's text is known")
	}
	if write, word := r.take("a", sha); write == nil || word == nil {
		t.Fatal("the outcome does not wait, or asynq's text is not known")
	}
	if waits(r, "a") || waits(r, "c") {
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
	if len(written) > 0 || waits(r, "b") {
		t.Error("an outcome is written twice")
	}
}

// waits reports whether the outcome of a mail waits.
func waits(r *riders, id string) bool {
	write, _ := r.take(id, "")
	return write != nil
}

// TestTwoOutcomesOfOneMail are those of two attempts, where asynq took the mail
// away from the first: both are written, each once.
func TestTwoOutcomesOfOneMail(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRiders()
		sha := r.learn("return 1")
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
		if write, _ := r.take("a", sha); write == nil {
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

// TestAWordAwaitsWhatIsWrittenAlone has asynq come late, as after the process was
// suspended: the outcome is on its way alone by then, and goes first all the same.
func TestAWordAwaitsWhatIsWrittenAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRiders()
		const takes = 5 * time.Second
		written := false
		r.add("a", func(func(redis.Pipeliner)) {
			time.Sleep(takes)
			written = true
		})
		time.Sleep(aloneAfter + takes/2)
		if write, _ := r.take("a", ""); write != nil || !written {
			t.Errorf("asynq is given it: %v; it was written before: %v", write != nil, written)
		}
		if write, _ := r.take("a", ""); write != nil {
			t.Error("it is there still")
		}
	})
}
