package main

import (
	"context"
	"encoding/json"
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
	// What people rarely need: only where there is one.
	AlsoSent string        `json:"also_sent,omitempty"`
	History  []tasks.Event `json:"history,omitempty"`
}

func jsonStatus(s tasks.Status) statusObject {
	return statusObject{
		s.ID, s.Queue, string(s.State), s.Attempts, s.GmailID, s.ThreadID, s.Account, s.Error,
		orNull(s.EnqueuedAt), orNull(s.UpdatedAt), orNull(s.NextAt), s.AlsoSent, s.History,
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
	row("also sent", s.AlsoSent)
	row("error", s.Error)
	row("enqueued", when(s.EnqueuedAt))
	row("updated", when(s.UpdatedAt))
	row("next", when(s.NextAt))
	for _, e := range s.History {
		row("history", when(e.At)+"  "+e.Text)
	}
	return table.Flush()
}
