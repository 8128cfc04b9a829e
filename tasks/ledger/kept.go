package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// ErrNotKept is returned by Kept for a mail whose payload the ledger has not.
var ErrNotKept = errors.New("its payload is not kept")

// Keep keeps the payload of a mail that is Failed or Unknown, as long as its
// record is there: asynq's archive has an end. Of a mail in another state, or
// that a person has settled, it keeps nothing. It returns for how long.
func (l *Ledger) Keep(ctx context.Context, id string, payload []byte) (time.Duration, error) {
	ms, err := keepScript.Run(ctx, l.rdb, keys(id), payload).Int64()
	if err != nil {
		return 0, fmt.Errorf("ledger: keep %q: %w", id, err)
	}
	return time.Duration(ms) * time.Millisecond, nil
}

// Kept returns a payload that was kept, or ErrNotKept.
func (l *Ledger) Kept(ctx context.Context, id string) ([]byte, error) {
	payload, err := l.rdb.Get(ctx, keptKey(id)).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, ErrNotKept
	}
	if err != nil {
		return nil, fmt.Errorf("ledger: read what is kept of %q: %w", id, err)
	}
	return payload, nil
}
