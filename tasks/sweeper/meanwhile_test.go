package sweeper_test

import (
	"context"
	"testing"
	"time"

	"github.com/postroom/postroom/tasks/ledger"
)

// meanwhile is a ledger in which something happens right after records were
// read.
type meanwhile struct {
	*ledger.Ledger

	happens func(ids []string)
}

func (m meanwhile) LookAll(ctx context.Context, ids []string) ([]ledger.Record, error) {
	records, err := m.Ledger.LookAll(ctx, ids)
	m.happens(ids)
	return records, err
}

// TestWhatHappensMeanwhileCounts has a mail change between the Sweeper's two
// looks, at the ledger and at asynq.
func TestWhatHappensMeanwhileCounts(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		happens func(*world, string)
		want    ledger.State
	}{
		"it is sent": {func(w *world, id string) {
			_, _, err := w.ledger.Finish(w.t.Context(), id, ledger.Change{Token: "one", To: ledger.Sent, GmailID: "g"})
			w.must(err)
			w.must(w.inspector.DeleteTask(queue, id))
		}, ledger.Sent},
		"it fails, and is reopened and run": {func(w *world, id string) {
			_, _, err := w.ledger.Finish(w.t.Context(), id, ledger.Change{Token: "one", To: ledger.Failed, Error: "no"})
			w.must(err)
			w.must(w.inspector.ArchiveTask(queue, id))
			_, err = w.ledger.Reopen(w.t.Context(), id, ledger.Round{})
			w.must(err)
		}, ledger.Queued},
		"it fails": {func(w *world, id string) {
			_, _, err := w.ledger.Finish(w.t.Context(), id, ledger.Change{Token: "one", To: ledger.Failed, Error: "no"})
			w.must(err)
			w.must(w.inspector.ArchiveTask(queue, id))
		}, ledger.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			id := w.enqueue(hello())
			w.cfg.Ledger = meanwhile{w.ledger, func([]string) {
				if rec := w.record(id); rec.State == ledger.Queued && rec.UpdatedAt.IsZero() {
					row.happens(w, id)
				}
			}}
			w.sweep()
			w.found()
			if rec := w.stands(id, row.want); rec.Archived || rec.Lost {
				t.Errorf("record = %+v; want what happened to it", rec)
			}
		})
	}
}

// TestThePauseIsReadAfterTheTask has a worker put a mail's pause down between the
// two looks.
func TestThePauseIsReadAfterTheTask(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.archivedByAsynq(hello())
	w.cfg.Ledger = meanwhile{w.ledger, func([]string) {
		_, _, err := w.ledger.Finish(t.Context(), id, ledger.Change{
			Token: "one", To: ledger.Retrying, Used: true, Next: time.Now().Add(time.Hour), Error: "503",
		})
		w.must(err)
	}}
	w.sweep()
	w.found()
	w.listed(id, "archived")
}
