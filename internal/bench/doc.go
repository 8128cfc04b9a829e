// Package bench measures Postroom beside a plain asynq handler with the plain
// Gmail client, in one run on one machine: `make bench`. What it prints are
// ratios, since absolute figures say more about the machine.
//
// The plain handler is written as well as one can: templates parsed once, one
// Gmail service that is reused, a transport with as many idle connections as
// there are handlers, the same message, the same concurrency. It keeps no
// record of its mail, and sends twice after a crash.
//
// Beside them stand figures that have to hold by themselves: what the budget makes
// of Gmail's quota. A figure with an aim is printed by show, which fails the run
// where the aim is missed.
//
// The measurements are tests behind the build tag "bench", so that they have
// the real redis-server and the fake Gmail of all other tests. The fake runs
// in a process of its own: what is measured is the worker's CPU alone.
package bench
