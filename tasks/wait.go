package tasks

import (
	"context"
	"errors"
	"time"

	"github.com/postroom/postroom/tasks/budget"
	"github.com/postroom/postroom/tasks/directory"
)

// noteWait has mail wait that is due, and whose account can't send. Workers take
// none of it then, and so the ledger does not say so.
func (c *Client) noteWait(ctx context.Context, s *Status) error {
	lane, address, _ := ParseQueue(s.Queue)
	account, err := c.accountOf(ctx, address)
	if err != nil || account.Address == "" {
		return err
	}
	w, err := c.waitOf(ctx, account, lane)
	if err != nil {
		return unavailable(ctx, err)
	}
	if w.reason != "" {
		s.State, s.NextAt, s.Error = StateWaiting, w.until.Truncate(time.Millisecond), w.reason
	}
	return nil
}

// accountOf is the account that takes the mail of a queue, as workers publish
// it; without an address where none is known.
func (c *Client) accountOf(ctx context.Context, address string) (directory.Account, error) {
	dir, err := c.directory.Get(ctx)
	if err != nil && !errors.Is(err, directory.ErrEntry) { // That one is mended by the next worker.
		return directory.Account{}, unavailable(ctx, err)
	}
	if address == "" {
		account, _ := dir.Default()
		return account, nil
	}
	if account, ok := dir.Account(address); ok {
		return account, nil
	}
	return directory.Account{Address: address}, nil
}

// wait is until when mail waits, zero where nobody knows, and why. Without a
// reason it does not.
type wait struct {
	until  time.Time
	reason string
}

// waitOf is what mail of an account's lane waits for: a person, or of all else
// what lasts longest.
func (c *Client) waitOf(ctx context.Context, a directory.Account, lane Lane) (longest wait, err error) {
	if a.Trouble != nil {
		if a.Trouble.Until.After(c.now()) {
			longest = wait{a.Trouble.Until, a.Trouble.Reason}
		}
		if a.Trouble.Blocked {
			return wait{longest.until, a.Trouble.Reason}, nil
		}
	}
	state, err := c.budgetOf(a).Look(ctx, a.Address)
	if err != nil {
		return wait{}, err
	}
	spent := state.Spent
	if lane == Critical {
		spent = state.SpentCritical
	}
	for _, w := range []wait{{state.Frozen.Until, state.Frozen.Reason}, {spent.Until, spent.Text()}} {
		if w.until.After(longest.until) {
			longest = w
		}
	}
	return longest, nil
}

// budgetOf is the account's budget under its worker's limits.
func (c *Client) budgetOf(a directory.Account) *budget.Budget {
	if a.Limits == nil {
		return budget.New(c.rdb)
	}
	return budget.New(c.rdb, budget.WithDefaults(func(string) budget.Limits { return budget.Limits(*a.Limits) }))
}
