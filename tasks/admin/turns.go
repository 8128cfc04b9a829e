package admin

import (
	"context"
	"time"
)

// turns has calls to Redis made one after the other. While Redis hangs, one
// call hangs with it, and all who want a turn give up at their limit: whatever
// asks for health or metrics, and however often, takes no more than one
// connection from those who send mail.
type turns struct{ slot chan struct{} }

func newTurns() turns { return turns{slot: make(chan struct{}, 1)} }

// take makes the call in its turn and returns what it returns, or the context's
// error after limit. A client without ContextTimeoutEnabled goes on for longer
// than its context, so nobody waits for the call itself.
func take[T any](ctx context.Context, t *turns, limit time.Duration, call func(context.Context) (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	var none T
	ctx, cancel := context.WithTimeout(ctx, limit)
	select {
	case t.slot <- struct{}{}:
	case <-ctx.Done():
		cancel()
		return none, ctx.Err()
	}
	done := make(chan result, 1)
	go func() {
		defer cancel()
		value, err := call(ctx)
		<-t.slot
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
	}
	// The call's own end cancels the context too: then its result is there.
	select {
	case r := <-done:
		return r.value, r.err
	default:
		return none, ctx.Err()
	}
}
