package delivery_test

import (
	"testing"

	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/ledger"
)

// TestWhatALaneSays holds which mail asks responders to be silent.
func TestWhatALaneSays(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	own := hello()
	own.Headers = map[string]string{"auto-submitted": "no", "Precedence": "list", "X-Tag": "1"}
	type said struct{ auto, precedence, exchange string }
	wants := map[string]said{
		o.enqueue(hello(), tasks.OnLane(tasks.Bulk)):     {"auto-generated", "bulk", "OOF, AutoReply"},
		o.enqueue(own, tasks.OnLane(tasks.Bulk)):         {"no", "list", "OOF, AutoReply"},
		o.enqueue(hello(), tasks.OnLane(tasks.Default)):  {},
		o.enqueue(own, tasks.OnLane(tasks.Default)):      {"no", "list", ""},
		o.enqueue(hello(), tasks.OnLane(tasks.Critical)): {},
	}
	o.work()
	for id, want := range wants {
		o.await(id, ledger.Sent)
		h := o.gmail.AcceptedByMailID(id)[0].Header
		if got := (said{h.Get("Auto-Submitted"), h.Get("Precedence"), h.Get("X-Auto-Response-Suppress")}); got != want {
			t.Errorf("%s says %+v, want %+v", id, got, want)
		}
		for name, values := range h {
			if len(values) > 1 {
				t.Errorf("%s has %s %d times", id, name, len(values))
			}
		}
	}
}
