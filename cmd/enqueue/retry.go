package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/postroom/postroom/tasks"
)

// retryCommand is `enqueue retry`.
type retryCommand struct {
	queue `embed:""`

	IDs     []string   `arg:"" optional:"" name:"id" help:"The mails' IDs."`
	Failed  bool       `help:"All mail that failed, or that of it which the next flags say."`
	Unknown bool       `help:"Mail whose outcome nobody knows too; without --failed and IDs, that alone. If Gmail has it, its reader gets two."`
	Lane    tasks.Lane `help:"Only mail of this lane: critical, default or bulk."`
	Account filter     `placeholder:"ADDRESS" help:"Only mail of this account."`
	Reason  filter     `placeholder:"TEXT" help:"Only mail in whose error this stands."`
	Job     filter     `placeholder:"JOB" help:"Only mail of this bulk job."`
	DryRun  bool       `help:"Print what would go, and change nothing."`
	JSON    bool       `name:"json" help:"Print one JSON object a mail; with --dry-run all that status tells of it."`
}

// filter is what mail has to have. An empty one, as of a script's variable that
// is not set, would be all mail.
type filter string

// UnmarshalText refuses the empty one.
func (f *filter) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		return errors.New("must not be empty; without the flag it is any")
	}
	*f = filter(text)
	return nil
}

func (r *retryCommand) check() error {
	filtered := r.Lane != "" || r.Account != "" || r.Reason != "" || r.Job != ""
	switch {
	case len(r.IDs) > 0 && (r.Failed || filtered):
		return usageError{errors.New("IDs stand alone, or with --unknown: leave out --failed and what goes with it")}
	case len(r.IDs) > 0 && r.DryRun:
		return usageError{errors.New("--dry-run is for --failed and --unknown without IDs; enqueue status tells how one mail stands")}
	case len(r.IDs) == 0 && !r.Failed && !r.Unknown:
		return usageError{errors.New("say which mail: IDs, or --failed (with --lane, --account, --reason or --job for some of it)")}
	}
	return nil
}

// Run queues the mails again, and fails if one could not be.
func (r *retryCommand) Run(ctx context.Context, to console) error {
	if err := r.check(); err != nil {
		return err
	}
	client, closer, err := r.open()
	if err != nil {
		return err
	}
	defer func() { _ = closer.Close() }() // The process ends here.
	d := decision{queue: &r.queue, do: client.Retry, state: tasks.StateQueued, json: r.JSON}
	if r.Unknown {
		d.do = client.RetryUnknown
	}
	if len(r.IDs) > 0 {
		return d.each(ctx, to, r.IDs)
	}
	which := tasks.Failures{Lane: r.Lane, Account: string(r.Account), Reason: string(r.Reason), Job: string(r.Job)}
	var counts retryCounts
	if r.Failed {
		err = r.all(ctx, to, client, d, which, &counts)
	}
	if r.Unknown && err == nil {
		which.Unknown = true
		err = r.all(ctx, to, client, d, which, &counts)
	}
	if err != nil && counts == (retryCounts{}) {
		return err // Nothing was found out that could be counted.
	}
	return errors.Join(err, counts.report(to, r.DryRun))
}

// all takes what a filter finds, page by page, so that it may be any number.
func (r *retryCommand) all(
	ctx context.Context, to console, client *tasks.Client, d decision, which tasks.Failures, counts *retryCounts,
) error {
	for mail, err := range client.Failed(ctx, which) {
		if err != nil {
			return r.where(err)
		}
		if r.DryRun {
			err = r.show(to, mail)
		} else {
			err = d.one(ctx, to, mail.ID)
		}
		switch {
		case err == nil:
			counts.done++
		case isUnsaid(err):
			counts.done++
			return err // And the rest is left alone: nobody would know of it.
		case errors.Is(err, tasks.ErrNotFailed) || errors.Is(err, tasks.ErrNotFound):
			// Somebody else was faster.
		case exitStatus(err) == exitRedis || ctx.Err() != nil:
			return err
		default:
			counts.failed++
			_, _ = fmt.Fprintln(to.err, "enqueue: "+err.Error()) // Said again, in sum, by the status.
		}
	}
	return nil
}

func (r *retryCommand) show(to console, mail tasks.Status) error {
	var err error
	if r.JSON {
		err = json.NewEncoder(to.out).Encode(jsonStatus(mail))
	} else {
		_, err = fmt.Fprintf(to.out, "%s  %s  %s  %s\n", mail.ID, mail.State, mail.Queue, mail.Error)
	}
	if err != nil {
		return unsaidError{err}
	}
	return nil
}

// retryCounts says what became of many.
type retryCounts struct{ done, failed int }

func (c *retryCounts) report(to console, dry bool) error {
	what := "queued again"
	if dry {
		what = "would be queued again"
	}
	_, _ = fmt.Fprintf(to.err, "%d %s\n", c.done, what) // Only a remark.
	if c.failed > 0 {
		return fmt.Errorf("%d could not be queued again", c.failed)
	}
	return nil
}
