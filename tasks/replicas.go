package tasks

import (
	"context"
	"errors"
	"fmt"

	"github.com/postroom/postroom/tasks/blobs"
)

// WaitReplicas has Enqueue return only when so many of Redis's replicas have the
// mail, so that a failover to one of them does not lose it. Where fewer have it
// within a second, Enqueue returns ErrNotReplicated. 0: it waits for none.
func WaitReplicas(n int) Option { return func(s *settings) { s.replicas = n } }

// ErrNotReplicated is returned with the receipt of a mail that was accepted, and
// that fewer replicas have than WaitReplicas asks for: it goes out, unless
// a failover comes first and loses it. The same call under its ID finds out.
var ErrNotReplicated = errors.New("accepted, but not yet on as many replicas as asked for")

// awaitReplicas waits for those that have to have a mail that was accepted.
func (c *Client) awaitReplicas(ctx context.Context, n int, r Receipt, e *Email) error {
	if n <= 0 {
		return nil
	}
	beside := []string{"asynq:{" + r.Queue + "}:t:" + r.ID}
	for _, a := range e.Attachments {
		beside = append(beside, blobs.Key(a.Blob))
	}
	have, err := c.ledger.AwaitReplicas(ctx, r.ID, n, beside...)
	if err != nil {
		return err
	}
	if err := c.isThere(ctx, r.ID, e); err != nil {
		return err
	}
	if have < n {
		return fmt.Errorf("%w: %d of %d; the mail is %s", ErrNotReplicated, have, n, r.ID)
	}
	return nil
}

// isThere looks whether a failover has lost the mail, or a part of it, before
// the replicas were asked.
func (c *Client) isThere(ctx context.Context, id string, e *Email) error {
	_, err := c.look(ctx, id)
	for i, a := range e.Attachments {
		if err == nil {
			_, err = c.blobs.Size(ctx, a.Blob)
			err = missing(i, err)
		}
	}
	var gone *InvalidError
	if errors.Is(err, ErrNotFound) || errors.As(err, &gone) {
		return errLost
	}
	return err
}

var errLost = errors.New("a failover has just lost the mail")
