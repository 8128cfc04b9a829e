// Package ledger is the record, in Redis, of what became of each mail.
//
// A mail's record is made before asynq has its task (Reserve), is claimed by
// one attempt at a time (Begin), and says in the end how the mail stands
// (Finish). Each change is one script that looks at the state it comes from
// and at the attempt's token, so that a late handler, a second worker or a
// redelivery never writes over what is true. A change repeated under its own
// token succeeds, because clients repeat what they got no answer to. That a
// mail was sent is accepted from any attempt and over any state.
//
// Mail that failed, or is unknown, is kept whole (Keep) and listed (Failed)
// until a person starts a new round (Reopen) or says what became of it
// (Settle). Open mail is listed too (Open), for whoever compares it with the
// queue.
//
// Records lie in 64 shards by mail ID. The record of an open mail has no
// lifetime; the lifetime of a settled one starts when it is settled. All time
// is Redis's own.
//
// The package knows IDs, states and texts, and nothing of mail.
package ledger
