package delivery

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"
)

// final is an answer, not the lack of one: untilAnswered returns it.
type final struct{ error }

// How often Redis is asked again where it does not answer.
const (
	askAgainFirst = 50 * time.Millisecond
	askAgainMax   = 2 * time.Second
)

// untilAnswered asks Redis until it answers, or until ctx is done: an outage
// costs a mail time and nothing else.
func (h *handler) untilAnswered(ctx context.Context, what string, ask func(context.Context) error) error {
	for pause := askAgainFirst; ; pause = min(2*pause, askAgainMax) {
		err := ask(ctx)
		if err == nil {
			return nil
		}
		if _, ok := errors.AsType[*final](err); ok {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err() // The end of asking, and no word about Redis.
		}
		h.redisTrouble(what, err)
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// redisTrouble is one line for each time that Redis did not answer.
func (h *handler) redisTrouble(what string, err error) {
	h.log.Warn("Redis does not answer; asking again", zap.String("to", what), zap.Error(err))
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
