package sweeper

import "context"

// Sweep is one round, whoever else is at work.
func (s *Sweeper) Sweep(ctx context.Context) error { return s.round(ctx) }

// LeaseKey is leaseKey.
const LeaseKey = leaseKey
