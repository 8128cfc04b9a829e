package admin

import (
	"context"
	"testing"
	"time"
)

// TestTakeReturnsWhatTheCallDid holds that a call that ended is never taken for
// one that did not: its end cancels the context that is waited for as well.
func TestTakeReturnsWhatTheCallDid(t *testing.T) {
	t.Parallel()
	turn := newTurns()
	for range 100_000 {
		got, err := take(t.Context(), &turn, time.Minute, func(context.Context) (int, error) { return 1, nil })
		if got != 1 || err != nil {
			t.Fatalf("take = %d, %v; want what the call returned", got, err)
		}
	}
}
