package delivery

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
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
