// Package torture sends mail under fire, and then accounts for every one:
// `make torture`, and for a few seconds `make test`.
//
// Several `worker run` processes send a few thousand mails to a fake Gmail.
// Meanwhile workers and the redis-server (AOF, fsync always) are killed with
// kill -9 and started again, workers are told to stop, Redis hangs, its
// connections and Gmail's are cut, its answers get lost, tokens end, and Gmail
// answers late, with 429, with 5xx, half, or not at all, having taken the mail
// or not. Producers repeat each Enqueue until it says that the mail is
// accepted, and some of them once more after that.
//
// Then the faults end, and so must every mail: sent, or unknown or failed with
// a reason; and the tasks of some that were sent come once more, as they do where
// asynq did not hear of their end. What is held against each of them stands in judge_test.go; above
// all how many copies Gmail took. A 5xx for mail that it took all the same is
// what no client can prevent, and counted apart.
//
// Which fault meets whom, and when, is made from a seed before the run begins:
// the same seed, number of mails and length make the same schedule. What
// becomes of each mail depends on the machine too.
//
// It is run by
//
//	TORTURE_SEED     the seed; without it a new one, which is printed
//	TORTURE_MAILS    how many mails
//	TORTURE_SECONDS  how long the faults last
//	TORTURE_LOGS     a folder for the workers' logs, which are kept there
//	TORTURE_PLAIN    1: a plain asynq handler meets the same schedule too
//
// A run of up to half a minute ends soon: what asynq and the ledger give a
// dead worker, 55 to 120 s, is cut short for it by moving the ends of its
// leases into the past. A longer run waits for them.
package torture
