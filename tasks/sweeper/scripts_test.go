package sweeper_test

import (
	"testing"
	"time"
)

// TestRedisForgetsScripts is a Redis that has started anew.
func TestRedisForgetsScripts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.enqueue(hello())
	s := w.sweeper()
	w.round(s)
	w.must(w.rdb.ScriptFlush(t.Context()).Err())
	w.must(w.inspector.DeleteTask(queue, id))
	w.age(id, 6*time.Minute)
	w.must(w.rdb.ScriptFlush(t.Context()).Err())
	w.round(s)
	w.found("deleted")
}
