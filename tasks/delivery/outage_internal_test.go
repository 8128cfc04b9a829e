package delivery

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/postroom/postroom/tasks/ledger"
)

// TestTheEndIsNoOutage holds that who is told to end while asking Redis says
// nothing about Redis.
func TestTheEndIsNoOutage(t *testing.T) {
	t.Parallel()
	core, logged := observer.New(zap.DebugLevel)
	h := &handler{log: zap.New(core)}
	ctx, end := context.WithCancel(t.Context())
	asked := 0
	err := h.untilAnswered(ctx, "look the mail up", func(ctx context.Context) error {
		asked++
		if asked == 1 {
			return errors.New("connection refused")
		}
		end()
		return fmt.Errorf("look: %w", ctx.Err())
	})
	if !errors.Is(err, context.Canceled) || asked != 2 {
		t.Errorf("asked %d times: %v", asked, err)
	}
	if lines := logged.FilterMessage("Redis does not answer; asking again").Len(); lines != 1 {
		t.Errorf("%d lines in the log, want one, for the first answer", lines)
	}
}

// TestALastWordHasTime holds that who could not write an outcome while Redis was
// away, and pauses between two tries, has another before its claim is given up.
func TestALastWordHasTime(t *testing.T) {
	t.Parallel()
	const answer = 3 * time.Second // What go-redis gives one, by default.
	if ledger.LastWord < askAgainMax+answer {
		t.Errorf("a last word has %v; a pause of %v and an answer of %v take longer", ledger.LastWord, askAgainMax, answer)
	}
}
