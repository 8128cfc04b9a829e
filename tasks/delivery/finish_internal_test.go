package delivery

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/hibiken/asynq"
)

// TestWhenAsynqTriesAgain holds that a dead worker's task goes at once: the
// ledger knows whether its mail may.
func TestWhenAsynqTriesAgain(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		err  error
		want time.Duration
	}{
		{asynq.ErrLeaseExpired, 0},
		{fmt.Errorf("wrapped: %w", &retry{in: time.Hour}), time.Hour},
		{errors.New("asynq's own"), deferEvery},
	} {
		if got := retryDelay(1, row.err, nil); got != row.want {
			t.Errorf("after %v: %v, want %v", row.err, got, row.want)
		}
	}
}
