// Package delivery is the consumer: it takes mail off the queue and sees each
// one to its outcome.
//
// A Pool runs asynq servers for each account. A mail's way is eleven steps, in
// this order, each one function: decode the payload, look whether it has
// expired, look it up in the ledger, render, compose, wait for the account,
// claim it in the ledger, send, log the Gmail IDs, record the outcome, tell
// asynq. Rendering comes before waiting, so that a broken template costs no
// quota; nothing is claimed while a mail waits; and nothing leaves before the
// ledger says so.
//
// What a failed send means is decided in one place, judge, from its class.
// Attempts and age are counted in the ledger, and asynq never counts a mail
// out.
//
// When an account can't send for more than a minute its servers stop, and what
// only waited goes back to the head of the queue, in order, with no attempt
// used. When the process is told to stop, the same is done for all accounts.
package delivery
