package heap_test

import (
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/postroom/postroom/internal/heap"
)

// collections is how often Go collects while so many MB of garbage are made.
func collections(mb int) uint32 {
	var before, after runtime.MemStats
	debug.FreeOSMemory() // It collects, first.
	runtime.ReadMemStats(&before)
	for range mb << 10 / 64 {
		garbage = make([]byte, 64<<10)
	}
	runtime.ReadMemStats(&after)
	return after.NumGC - before.NumGC
}

var garbage []byte // What no compiler can leave out.

func TestRaiseFloor(t *testing.T) {
	const mb = 128
	check := func(name string, low, high uint32) {
		t.Helper()
		lower := heap.RaiseFloor()
		defer lower()
		if n := collections(mb); n < low || n > high {
			t.Errorf("%s: %d collections for %d MB; want %d to %d", name, n, mb, low, high)
		}
	}
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	check("by itself", 1, mb/32)
	t.Setenv("GOGC", "100")
	check("with GOGC", mb/16, mb)
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "1GiB")
	check("with GOMEMLIMIT", mb/16, mb)
}
