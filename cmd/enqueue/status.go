package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/postroom/postroom/tasks"
)

// statusCommand is `enqueue status`.
type statusCommand struct {
	queue `embed:""`

	ID   string `arg:"" help:"The mail's ID, as send printed it."`
	JSON bool   `name:"json" help:"Print a JSON object."`
}

// Run tells what became of a mail.
func (s *statusCommand) Run(ctx context.Context, to console) error {
	client, closer, err := s.open()
	if err != nil {
		return err
	}
	defer func() { _ = closer.Close() }() // The process ends here.
	status, err := client.Status(ctx, s.ID)
	if err != nil {
		return fmt.Errorf("%s: %w", s.ID, s.where(err))
	}
	if s.JSON {
		return json.NewEncoder(to.out).Encode(jsonStatus(status))
	}
	return printStatus(to.out, status)
}

// statusObject has every name in it, whatever the mail's state.
type statusObject struct {
	ID         string     `json:"id"`
	Queue      string     `json:"queue"`
	State      string     `json:"state"`
	Attempts   int        `json:"attempts"`
	GmailID    string     `json:"gmail_id"`
	ThreadID   string     `json:"thread_id"`
	Account    string     `json:"account"`
	Error      string     `json:"error"`
	EnqueuedAt *time.Time `json:"enqueued_at"`
	UpdatedAt  *time.Time `json:"updated_at"`
	NextAt     *time.Time `json:"next_at"`
}

func jsonStatus(s tasks.Status) statusObject {
	return statusObject{
		s.ID, s.Queue, string(s.State), s.Attempts, s.GmailID, s.ThreadID, s.Account, s.Error,
		orNull(s.EnqueuedAt), orNull(s.UpdatedAt), orNull(s.NextAt),
	}
}

func printStatus(w io.Writer, s tasks.Status) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name string, value any) {
		if text := fmt.Sprint(value); text != "" {
			_, _ = fmt.Fprintf(table, "%s\t%s\n", name, text) // Flush tells.
		}
	}
	when := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return localTime(t)
	}
	row("id", s.ID)
	row("state", string(s.State))
	row("queue", s.Queue)
	row("account", s.Account)
	row("attempts", s.Attempts)
	row("gmail id", s.GmailID)
	row("thread id", s.ThreadID)
	row("error", s.Error)
	row("enqueued", when(s.EnqueuedAt))
	row("updated", when(s.UpdatedAt))
	row("next", when(s.NextAt))
	return table.Flush()
}

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
	var failures []error
	for _, id := range c.IDs {
		if err := client.Cancel(ctx, id); err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", id, c.where(err)))
			if exitStatus(err) == exitRedis || ctx.Err() != nil {
				break // The next would only wait as long again.
			}
			continue
		}
		if c.JSON {
			err = json.NewEncoder(to.out).Encode(map[string]string{"id": id, "state": "cancelled"})
		} else {
			_, err = fmt.Fprintln(to.out, id, "cancelled")
		}
		if err != nil {
			return err
		}
	}
	return errors.Join(failures...)
}
