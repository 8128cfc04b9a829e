package main

import (
	"context"

	"github.com/postroom/postroom/tasks"
)

// settleCommand is `enqueue settle`.
type settleCommand struct {
	queue `embed:""`

	IDs  []string `arg:"" name:"id" help:"The mails' IDs."`
	As   string   `required:"true" enum:"sent,failed" placeholder:"sent|failed" help:"What a person found out: sent or failed."`
	JSON bool     `name:"json" help:"Print one JSON object a mail."`
}

// Run settles each of the mails, and fails if one could not be settled.
func (s *settleCommand) Run(ctx context.Context, to console) error {
	client, closer, err := s.open()
	if err != nil {
		return err
	}
	defer func() { _ = closer.Close() }() // The process ends here.
	as := tasks.State(s.As)
	d := decision{queue: &s.queue, state: as, json: s.JSON, do: func(ctx context.Context, id string) error {
		return client.Settle(ctx, id, as)
	}}
	return d.each(ctx, to, s.IDs)
}
