package sweeper

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/blobs"
	"github.com/postroom/postroom/tasks/ledger"
)

// freshFor is how long what Enqueue gave attachments is enough by far: only of
// older mail the payload is read to find them.
const freshFor = 24 * time.Hour

// keepAlive keeps the attachments of a mail that has been open for long, as long
// as Enqueue would if it came now.
func (s *Sweeper) keepAlive(ctx context.Context, rec ledger.Record) error {
	now := s.Now()
	if now.Sub(rec.EnqueuedAt) < freshFor {
		return nil
	}
	info, err := s.asynq.info(ctx, rec.Queue, rec.ID)
	if isGone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.extend(ctx, info.Payload, tasks.BlobsUntil(now, rec.NextAt))
}

// keepWhole keeps what failed, its attachments too, for as long as the ledger
// knows it.
func (s *Sweeper) keepWhole(ctx context.Context, id string, payload []byte) error {
	left, err := s.Ledger.Keep(ctx, id, payload)
	if err != nil || left == 0 {
		return err
	}
	return s.extend(ctx, payload, s.Now().Add(left))
}

// extend keeps a payload's attachments. Of those that have gone already its
// delivery will say so.
func (s *Sweeper) extend(ctx context.Context, payload []byte, until time.Time) error {
	if !bytes.Contains(payload, []byte(`"blob"`)) {
		return nil
	}
	email, err := tasks.DecodePayload(payload)
	if err != nil {
		return nil //nolint:nilerr // It is no mail that could go out.
	}
	for _, file := range email.Attachments {
		err := s.Blobs.Extend(ctx, file.Blob, until)
		if err != nil && !errors.Is(err, blobs.ErrMissing) && !errors.Is(err, blobs.ErrName) {
			return err
		}
	}
	return nil
}
