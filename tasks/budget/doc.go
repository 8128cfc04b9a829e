// Package budget keeps, in Redis, what an account may still send now, shared
// by all workers and kept over their restarts.
//
// So far that is one thing: a freeze. When Gmail says that an account has sent
// too much and when it may go on, no worker sends for it until then.
package budget
