package sweeper_test

import (
	"fmt"
	"testing"

	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/ledger"
)

// TestOneDamagedMailKeepsNobodyElseWaiting holds that what can't be read is
// skipped, and said.
func TestOneDamagedMailKeepsNobodyElseWaiting(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	var lost []string
	for i := range 40 { // Some of them are together in a page.
		id := fmt.Sprintf("mail-%d", i)
		w.enqueue(hello(), tasks.WithID(id))
		w.must(w.inspector.DeleteTask(queue, id))
		switch i {
		case 7:
			w.must(w.rdb.Del(ctx, recordKey(id)).Err())
			w.must(w.rdb.Set(ctx, recordKey(id), "no hash", 0).Err())
		case 8:
			w.must(w.rdb.Set(ctx, key("t:"+id), "no hash", 0).Err())
		default:
			lost = append(lost, id)
		}
	}
	w.sweep()
	for _, id := range lost {
		w.stands(id, ledger.Failed)
	}
	if n := w.log.FilterMessage("mail not swept").Len(); n != 2 {
		t.Errorf("%d mails could not be swept, want 2", n)
	}
}
