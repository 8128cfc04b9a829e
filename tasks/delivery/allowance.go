package delivery

import (
	"context"
	"time"
)

// watchBudget learns, again and again, what other workers were told about the
// account, and what people allow it. While Redis does not answer nobody learns
// anything.
func (b *postbox) watchBudget(ctx context.Context) {
	for sleep(ctx, b.pace.budget()) == nil {
		_ = b.learnBudget(ctx)
	}
}

func (b *postbox) learnBudget(ctx context.Context) error {
	s, err := b.Budget.Look(ctx, b.address)
	if err != nil {
		return err
	}
	b.unlimited.Store(s.Unlimited)
	b.gate.allow(s.Limits.Day())
	if c, _ := b.gate.state(ordinary); s.Frozen.Until.After(b.Now()) && s.Frozen.Until.After(c.until) {
		b.gate.close(closedFrozen, s.Frozen.Reason, "", s.Frozen.Until)
	}
	return nil
}

// budgetPoll is how soon a worker knows of another's freeze.
const budgetPoll = time.Second
