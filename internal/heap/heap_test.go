package heap_test

import (
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/postroom/postroom/internal/heap"
)

// goal is the size in MB at which Go collects next, as it is after a collection.
func goal() uint64 {
	var stats runtime.MemStats
	debug.FreeOSMemory() // It collects, first.
	runtime.ReadMemStats(&stats)
	return stats.NextGC >> 20
}

func TestRaiseFloor(t *testing.T) {
	check := func(name string, low, high uint64) {
		t.Helper()
		lower := heap.RaiseFloor()
		defer lower()
		if n := goal(); n < low || n > high {
			t.Errorf("%s: Go collects at %d MB; want %d to %d", name, n, low, high)
		}
	}
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	check("by itself", 64, 80)
	t.Setenv("GOGC", "100")
	check("with GOGC", 4, 16)
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "1GiB")
	check("with GOMEMLIMIT", 4, 16)
	t.Setenv("GOMEMLIMIT", "")
	lower := heap.RaiseFloor()
	lower()
	if n := goal(); n > 16 {
		t.Errorf("lowered: Go collects at %d MB; want 16 at most", n)
	}
}
