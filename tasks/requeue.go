package tasks

import "context"

// Requeue finishes a Retry that broke off, where one did: workers call it. It is
// ledger.ErrNotKept where nothing is left to send.
func (c *Client) Requeue(ctx context.Context, id string) error {
	rec, err := c.ledger.Look(ctx, id)
	if err != nil || !rec.Requeue {
		return err
	}
	return c.requeue(ctx, rec.Queue, id)
}
