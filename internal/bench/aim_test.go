//go:build bench

package bench_test

import (
	"fmt"
	"testing"
)

// aim is what a figure has to be: at least, or at most, so much.
type aim struct {
	bound float64
	most  bool
}

// noAim is for what is only looked at.
var noAim aim

func atLeast(n float64) aim { return aim{bound: n} }
func atMost(n float64) aim  { return aim{bound: n, most: true} }

func (a aim) holds(n float64) bool {
	if a.most {
		return n <= a.bound
	}
	return n >= a.bound
}

func (a aim) String() string {
	if a.most {
		return fmt.Sprintf("at most %g", a.bound)
	}
	return fmt.Sprintf("at least %g", a.bound)
}

// show prints a figure beside its aim, and fails the measurement that misses it.
// note says what a reader needs to judge it by, such as how much was measured.
func show(tb testing.TB, what string, n float64, unit string, a aim, note string) {
	tb.Helper()
	if a != noAim {
		note = fmt.Sprintf("aim: %s; %s", a, note)
	}
	line := fmt.Sprintf("%-48s %5.5g%s   (%s)", what, n, unit, note)
	fmt.Println(line)
	if !a.holds(n) {
		tb.Errorf("missed: %s", line)
	}
}
