package sweeper

import (
	"context"
	"errors"
	"io"
	"net"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"github.com/postroom/postroom/tasks/ledger"
)

// shard goes through the open mail of one of the ledger's shards, the longest
// unseen first, and says how much is open, and failed or unknown, after that.
func (s *Sweeper) shard(ctx context.Context, n int) (open, failed int64, err error) {
	for {
		ids, err := s.Ledger.Open(ctx, n, s.Every, pageSize)
		if err != nil {
			return 0, 0, err
		}
		if err := s.turn(ctx, len(ids)); err != nil {
			return 0, 0, err
		}
		if len(ids) == 0 {
			break
		}
		if err := s.page(ctx, ids); err != nil {
			return 0, 0, err
		}
		if err := s.Ledger.Seen(ctx, n, ids...); err != nil {
			return 0, 0, err
		}
	}
	if _, err := s.Ledger.Tidy(ctx, n, tidied); err != nil {
		return 0, 0, err
	}
	return s.Ledger.Counts(ctx, n)
}

// tidied is how many records that have had their time are dropped from a
// shard's index at once.
const tidied = 1000

// page compares some mail. Where one has something that Redis can't read, it is
// that mail alone that is not compared.
func (s *Sweeper) page(ctx context.Context, ids []string) error {
	err := s.compareAll(ctx, ids)
	if err == nil || !isOfOneMail(ctx, err) {
		return err
	}
	if len(ids) == 1 {
		s.Log.Warn("mail not swept", zap.String("mail_id", ids[0]), zap.Error(err))
		return nil
	}
	for _, id := range ids {
		if err := s.page(ctx, []string{id}); err != nil {
			return err
		}
	}
	return nil
}

// compareAll compares some open mail with asynq's tasks. The queue of a mail
// never changes, so its record may be read first; what is not in order is read
// again.
func (s *Sweeper) compareAll(ctx context.Context, ids []string) error {
	records, err := s.Ledger.LookAll(ctx, ids)
	if err != nil {
		return err
	}
	seen, err := s.asynq.look(ctx, records)
	if err != nil {
		return err
	}
	for i, rec := range records {
		if err := s.compare(ctx, rec, seen[i]); err != nil {
			return err
		}
	}
	return nil
}

// isOfOneMail tells what Redis answers about one mail from a Redis that does not
// answer, or refuses everything.
func isOfOneMail(ctx context.Context, err error) bool {
	_, network := errors.AsType[net.Error](err)
	away := network || ctx.Err() != nil || errors.Is(err, io.EOF) || errors.Is(err, redis.ErrPoolTimeout) ||
		errors.Is(err, redis.ErrClosed) || errors.Is(err, context.DeadlineExceeded)
	refused := redis.IsLoadingError(err) || redis.IsReadOnlyError(err) || redis.IsClusterDownError(err) ||
		redis.IsMasterDownError(err) || redis.IsTryAgainError(err) || redis.IsMaxClientsError(err) ||
		redis.IsAuthError(err) || redis.IsPermissionError(err) || redis.IsOOMError(err)
	return !away && !refused
}

// compare leaves a mail alone whose task asynq will come to, and mends any other.
func (s *Sweeper) compare(ctx context.Context, rec ledger.Record, t task) error {
	if !isOpen(rec.State) {
		// Settled meanwhile, or its record is gone: then it is open no longer.
		_, _, err := s.Ledger.Lose(ctx, rec.ID, ledger.LostAfter)
		return err
	}
	if !t.listed || t.state == archived || t.state == completed {
		return s.mend(ctx, rec, t)
	}
	if rec.Requeue && t.state == "pending" { // A worker that has it may be about to archive it.
		if err := s.Ledger.Requeued(ctx, rec.ID); err != nil {
			return err
		}
	}
	return s.keepAlive(ctx, rec)
}

func isOpen(state ledger.State) bool { return state != "" && !state.Settled() }

// clockSkew is by how much Redis's clock and this one may differ.
const clockSkew = time.Minute

// isPast reports whether a time on Redis's clock has passed.
func (s *Sweeper) isPast(t time.Time) bool { return t.Add(clockSkew).Before(s.Now()) }
