package main

import (
	"context"

	"github.com/postroom/postroom/tasks"
)

// cancelCommand is `enqueue cancel`.
type cancelCommand struct {
	queue `embed:""`

	IDs  []string `arg:"" name:"id" help:"The mails' IDs."`
	JSON bool     `name:"json" help:"Print one JSON object a mail."`
}

// Run stops each of the mails, and fails if one could not be stopped.
func (c *cancelCommand) Run(ctx context.Context, to console) error {
	client, closer, err := c.open()
	if err != nil {
		return err
	}
	defer func() { _ = closer.Close() }() // The process ends here.
	d := decision{queue: &c.queue, do: client.Cancel, state: tasks.StateCancelled, json: c.JSON}
	return d.each(ctx, to, c.IDs)
}
