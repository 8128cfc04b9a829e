// Package ledgermodel checks the ledger's state machine: it explores every
// order in which the steps of all who have to do with one mail can happen, and
// holds in each world that comes of it what docs/guarantees.md promises.
//
// Everybody is a small step machine (handlers, producer, operator, sweeper),
// that calls the real ledger package, and so the very scripts that ship, on a
// real Redis. asynq's queue and Gmail are a few lines each: who has the task,
// and how many copies were taken. Between any two steps a handler may crash,
// asynq may give the task to another one although the first lives, an answer of
// Redis may get lost after its command was done, a command may arrive long after
// its caller gave up waiting for it, and time may pass.
//
// What keeps that small: of all that Redis holds of the mail an "image" is made
// in which each time is in seconds from now, and no finer than the scripts can
// tell; a script makes the same of the same image every time, so that each call
// on each image is tried once, and the explorer then goes through millions of
// steps without Redis.
//
//   - image_test.go, stage_test.go, call_test.go: Redis and the ledger's calls.
//   - world_test.go, handler_test.go, people_test.go, faults_test.go: who there
//     is, and what can happen.
//   - invariants_test.go, image_rules_test.go, change_rules_test.go: what has to
//     hold of a world, a record, a change.
//   - explorer_test.go, scenarios_test.go, model_test.go: the exploration.
//   - mutants_test.go: the scripts with one rule broken, each of which the model
//     has to find out.
//
// What it does not cover: more than one mail, and more than two handlers at the
// same time; a Redis that loses what it had answered; records that have had
// their lifetime; a Cluster; the Go code of tasks/delivery, whose order of calls
// is written here a second time. Those have tests of their own.
package ledgermodel
