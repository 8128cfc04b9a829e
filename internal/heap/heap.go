// Package heap has Go collect garbage less often in a process that keeps little
// in memory, and makes much garbage, as a worker does.
package heap

import (
	"os"
	"runtime"
)

// floorSize is how much garbage a process makes at least between two
// collections. A worker keeps 3 to 5 MB, and each mail makes 45 KB of garbage:
// Go by itself, which lets a heap double, would collect every 100 mails, and a
// tenth of the worker's CPU would go there.
const floorSize = 32 << 20

// floor counts as memory in use, so that the heap doubles from here. Nothing is
// ever written to it: it takes addresses, and no memory.
var floor []byte

// RaiseFloor lets the heap grow by 32 MB at least before it is collected, and
// leaves a large one as it is: a process takes that much more memory at most.
// Where GOGC or GOMEMLIMIT is set somebody has decided otherwise, and nothing is
// done. Lower undoes it.
func RaiseFloor() (lower func()) {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		floor = make([]byte, floorSize)
	}
	return func() {
		runtime.KeepAlive(floor)
		floor = nil
	}
}
