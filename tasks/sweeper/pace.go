package sweeper

import (
	"context"
	"time"
)

const (
	// pageSize is how many mails are looked at together.
	pageSize = 100
	// leastCost is what a question counts, in mails, that finds fewer: a round
	// that finds nothing to do should not be over in a burst.
	leastCost = 10
)

// turn waits until so many more mails may be looked at.
func (s *Sweeper) turn(ctx context.Context, mails int) error {
	at := time.Now()
	if s.free.After(at) {
		at = s.free
	}
	s.free = at.Add(time.Duration(max(mails, leastCost)) * time.Second / time.Duration(s.Rate))
	return s.wait(ctx, at)
}

// wait waits until that time, and keeps the lease meanwhile.
func (s *Sweeper) wait(ctx context.Context, until time.Time) error {
	for {
		if s.lease != nil {
			if err := s.lease.renew(ctx); err != nil {
				return err
			}
		}
		left := time.Until(until)
		if err := sleep(ctx, min(left, s.Lease/4)); err != nil || left <= s.Lease/4 {
			return err
		}
	}
}

// sleep waits, or returns the error of ctx.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
