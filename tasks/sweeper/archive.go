package sweeper

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"github.com/postroom/postroom/tasks/ledger"
)

// trim takes out of a queue's archive what is too old or too much there, the
// oldest first. asynq does that too, and later: it deletes what nobody else
// has. Here a task goes only once the ledger has all of the mail that it needs.
func (s *Sweeper) trim(ctx context.Context, q *queue) error {
	cutoff := s.Now().Add(-s.ArchiveAge).Unix()
	tooMany := int(q.archived.Val()) - s.ArchiveSize
	if oldest := q.oldest.Val(); len(oldest) == 0 || tooMany <= 0 && oldest[0].Score >= float64(cutoff) {
		return nil
	}
	for stay := 0; ; {
		page, err := s.Redis.ZRangeWithScores(ctx, queueKey(q.name, archived), int64(stay), int64(stay+pageSize-1)).Result()
		if err != nil {
			return fmt.Errorf("read the archive: %w", err)
		}
		ids := tooMuch(page, float64(cutoff), tooMany-stay)
		if len(ids) == 0 {
			return nil
		}
		if err := s.turn(ctx, len(ids)); err != nil {
			return err
		}
		kept, err := s.keptElsewhere(ctx, q.name, ids)
		if err != nil {
			return err
		}
		gone := 0
		if len(kept) > 0 {
			if gone, err = s.asynq.trim(ctx, q.name, kept); err != nil {
				return err
			}
		}
		s.metrics.trimmed.Add(float64(gone))
		tooMany -= gone
		stay += len(ids) - gone
	}
}

// tooMuch are those at a page's beginning that are older than the cutoff, or
// among the oldest that are too many.
func tooMuch(page []redis.Z, cutoff float64, tooMany int) []string {
	var ids []string
	for i, z := range page {
		id, ok := z.Member.(string)
		if !ok || i >= tooMany && z.Score >= cutoff {
			break
		}
		ids = append(ids, id)
	}
	return ids
}

// keptElsewhere returns those whose tasks nobody needs: the ledger keeps their
// payload now, or the mail is settled for good. One that Redis or asynq can't
// read stays, and keeps no other.
func (s *Sweeper) keptElsewhere(ctx context.Context, queue string, ids []string) ([]string, error) {
	records, err := s.Ledger.LookAll(ctx, ids)
	if err != nil {
		return nil, err
	}
	var kept []string
	for _, rec := range records {
		ok, err := s.isKept(ctx, queue, rec)
		if err != nil && isOfOneMail(ctx, err) {
			s.Log.Warn("archived mail not looked at", zap.String("mail_id", rec.ID), zap.Error(err))
			continue
		}
		if err != nil {
			return nil, err
		}
		if ok {
			kept = append(kept, rec.ID)
		}
	}
	return kept, nil
}

func (s *Sweeper) isKept(ctx context.Context, queue string, rec ledger.Record) (bool, error) {
	if isOpen(rec.State) {
		return false, nil // It is compared first, with the open mail of its shard.
	}
	if rec.State != ledger.Failed && rec.State != ledger.Unknown || rec.Settled || rec.Kept {
		return true, nil
	}
	info, err := s.asynq.info(ctx, queue, rec.ID)
	if isGone(err) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return true, s.keepWhole(ctx, rec.ID, info.Payload)
}
