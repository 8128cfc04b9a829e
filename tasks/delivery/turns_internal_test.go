package delivery

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/postroom/postroom/tasks/budget"
)

// TestTheLineKeepsItsOrder has mail join, give up in the middle, and go.
func TestTheLineKeepsItsOrder(t *testing.T) {
	t.Parallel()
	var line turnLine
	spots := make([]*spot, 6)
	for i := range spots {
		spots[i] = &spot{line: &line}
	}
	asks := func(want int) {
		t.Helper()
		for i, s := range spots {
			if s.first != nil && s.mayAsk() != (i == want) {
				t.Fatalf("number %d may ask: %v, want number %d to", i, s.mayAsk(), want)
			}
		}
	}
	spots[0].joinOthers(true)
	if !spots[0].mayAsk() || spots[0].first != nil {
		t.Fatal("where nobody waits one has to")
	}
	if !spots[0].wait(budget.Rate) {
		t.Fatal("who was told to wait first is not at the head")
	}
	for _, s := range spots[1:5] {
		s.joinOthers(true)
	}
	if spots[5].wait(budget.Concurrency) { // It asked before anybody stood there.
		t.Error("who came last is at the head")
	}
	asks(0)
	if n, what := spots[4].ahead(); n != 4 || what != budget.Concurrency {
		t.Errorf("%d are ahead, for %s; want 4, for what was told last", n, what)
	}
	spots[2].leave() // It is put back.
	asks(0)
	spots[0].leave()
	asks(1)
	spots[1].leave()
	asks(3)
	spots[3].leave()
	spots[3].leave()
	asks(4)
	spots[0].joinOthers(true)
	asks(4)
	spots[4].leave()
	asks(5)
	spots[5].leave()
	asks(0)
	spots[0].leave()
	spots[1].joinOthers(false) // The gate is closed.
	spots[2].joinOthers(false)
	asks(1)
}

// TestAFreePlaceIsLeftToOthersNowAndThen: for longer than they take to look, and
// not each time.
func TestAFreePlaceIsLeftToOthersNowAndThen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const send = 10 * time.Millisecond
		var own turns
		wait := func(want time.Duration) {
			t.Helper()
			freed := own.freed()
			time.AfterFunc(send, own.setFree)
			began := time.Now()
			own.awaitPlace(t.Context(), time.Hour, freed)
			if took := time.Since(began); took != want {
				t.Errorf("a place that got free after %v was asked for after %v, want %v", send, took, want)
			}
		}
		wait(send + sharePlaceFor)
		wait(send)
		wait(send)
		time.Sleep(sharePlaceEvery)
		wait(send + sharePlaceFor)
		began := time.Now()
		own.awaitPlace(t.Context(), send, own.freed())
		if took := time.Since(began); took != send {
			t.Errorf("where none got free, the wait of %v took %v", send, took)
		}
	})
}
