package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/postroom/postroom/tasks"
)

// receiptObject is a receipt for scripts.
type receiptObject struct {
	ID        string     `json:"id"`
	Queue     string     `json:"queue"`
	Duplicate bool       `json:"duplicate"`
	ProcessAt *time.Time `json:"process_at"`
	// State is a duplicate's alone: it may be one that will not go.
	State tasks.State `json:"state,omitempty"`
	// Warnings are there where there are any.
	Warnings []string `json:"warnings,omitempty"`
}

// print writes a receipt: for people the ID, and on stderr what they may want
// to know of it.
func (s *sendCommand) print(to console, r tasks.Receipt) error {
	if s.JSON {
		return json.NewEncoder(to.out).Encode(receiptObject{r.ID, r.Queue, r.Duplicate, orNull(r.ProcessAt), r.State, r.Warnings})
	}
	if _, err := fmt.Fprintln(to.out, r.ID); err != nil {
		return err
	}
	switch {
	case r.Duplicate && s.Email != "":
		_, _ = fmt.Fprintln(to.err, r.ID+": "+acceptedBefore(r)) // Only a remark, as what follows.
	case r.Duplicate:
		_, _ = fmt.Fprintln(to.err, acceptedBefore(r))
	case time.Until(r.ProcessAt) > time.Second:
		_, _ = fmt.Fprintf(to.err, "queued in %s, due %s\n", r.Queue, localTime(r.ProcessAt))
	case s.Email == "":
		_, _ = fmt.Fprintf(to.err, "queued in %s\n", r.Queue)
	}
	for _, w := range r.Warnings {
		s.warn(to, w)
	}
	return nil
}

// warn says the same of many mails once.
func (s *sendCommand) warn(to console, warning string) {
	if !slices.Contains(s.warned, warning) {
		s.warned = append(s.warned, warning)
		_, _ = fmt.Fprintln(to.err, "warning: "+warning) // Only a remark.
	}
}

// acceptedBefore says how a duplicate stands, above all where it will not go.
func acceptedBefore(r tasks.Receipt) string {
	switch r.State {
	case tasks.StateCancelled, tasks.StateExpired:
		return "accepted before; it is " + string(r.State) + " and will not go: use another ID"
	case tasks.StateFailed:
		return "accepted before; it has failed and will not go by itself: `enqueue status` says why; mend that, then `enqueue retry " + r.ID + "`, or use another ID"
	case tasks.StateUnknown:
		return "accepted before; it is unknown whether Gmail has it, and it will not go again by itself: look into Sent, then `enqueue settle` or `enqueue retry --unknown`"
	case tasks.StateSent:
		return "accepted before, and sent"
	case tasks.StateScheduled:
		return fmt.Sprintf("accepted before, in %s, due %s", r.Queue, localTime(r.ProcessAt))
	default:
		return "accepted before, in " + r.Queue
	}
}

// localTime is for people: the zone says whose time it is.
func localTime(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05 -07:00") }

// orNull is for JSON: a time that is not known is null.
func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
