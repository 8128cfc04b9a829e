package ledger

import (
	"context"
	"fmt"
	"time"
)

// Open returns IDs of mail of one shard that is open and that nobody has looked
// at for so long: n at most, the longest first. Seen takes it to the end of the
// line.
func (l *Ledger) Open(ctx context.Context, shard int, unseen time.Duration, n int) ([]string, error) {
	ids, err := openScript.Run(ctx, l.rdb, []string{shardKey(shard, openIndex)}, unseen.Milliseconds(), n).StringSlice()
	if err != nil {
		return nil, fmt.Errorf("ledger: open mail: %w", err)
	}
	return ids, nil
}

// Seen notes that open mail of a shard was looked at.
func (l *Ledger) Seen(ctx context.Context, shard int, ids ...string) error {
	if len(ids) == 0 {
		return nil
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	if err := seenScript.Run(ctx, l.rdb, []string{shardKey(shard, openIndex)}, args...).Err(); err != nil {
		return fmt.Errorf("ledger: open mail was looked at: %w", err)
	}
	return nil
}

// Page is a part of a shard's failed and unknown mail.
type Page struct {
	Records []Record
	// Next continues it; 0 ends it.
	Next uint64
}

// Failed returns about n records of mail of one shard that failed or is
// unknown, in no order. A mail that is there all the time while pages are read
// stands in one of them at least, and seldom in two. It begins with the cursor
// 0.
func (l *Ledger) Failed(ctx context.Context, shard int, cursor uint64, n int) (Page, error) {
	index := shardKey(shard, failedIndex)
	found, next, err := l.rdb.ZScan(ctx, index, cursor, "", int64(n)).Result()
	if err != nil {
		return Page{}, fmt.Errorf("ledger: failed mail: %w", err)
	}
	ids := make([]string, 0, len(found)/2)
	for i := 0; i < len(found); i += 2 { // Each ID is followed by its score.
		ids = append(ids, found[i])
	}
	records, err := l.LookAll(ctx, ids)
	if err != nil {
		return Page{}, err
	}
	page := Page{Next: next}
	for _, rec := range records {
		if rec.State == Failed || rec.State == Unknown {
			page.Records = append(page.Records, rec)
			continue
		}
		if rec.State == "" { // It has had its time.
			if err := l.rdb.ZRem(ctx, index, rec.ID).Err(); err != nil {
				return Page{}, fmt.Errorf("ledger: failed mail: %w", err)
			}
		}
	}
	return page, nil
}

// Tidy drops mail of one shard from what Failed lists whose record has had its
// time, n at most. It returns how many.
func (l *Ledger) Tidy(ctx context.Context, shard, n int) (int64, error) {
	gone, err := tidyScript.Run(ctx, l.rdb, []string{shardKey(shard, failedIndex)}, n).Int64()
	if err != nil {
		return 0, fmt.Errorf("ledger: tidy up: %w", err)
	}
	return gone, nil
}

// Counts says how much mail of one shard is open, and how much is failed or
// unknown.
func (l *Ledger) Counts(ctx context.Context, shard int) (open, failed int64, err error) {
	pipe := l.rdb.Pipeline()
	o, f := pipe.ZCard(ctx, shardKey(shard, openIndex)), pipe.ZCard(ctx, shardKey(shard, failedIndex))
	if _, err := pipe.Exec(ctx); err != nil {
		return 0, 0, fmt.Errorf("ledger: count mail: %w", err)
	}
	return o.Val(), f.Val(), nil
}
