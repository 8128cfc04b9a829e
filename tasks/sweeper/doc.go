// Package sweeper compares, page by page, what asynq has with what the ledger
// says, and mends what does not fit.
//
// A mail is open in the ledger, and asynq has its task: that is how it should
// be, and each script of either keeps it so. Between the two of them things go
// wrong: a process dies between two scripts, Redis fails over to a replica that
// had not got the last of them, a person deletes or archives a task in the
// dashboard. Nobody would come back to such a mail. A Sweeper does:
//
//   - active without a lease, or in none of its queue's lists: put back at the
//     head of its queue;
//   - archived by asynq itself, which counts tries that the ledger does not
//     count: run again;
//   - archived by a person: failed, kept whole, until it is run;
//   - reopened by a person whose call broke off: queued;
//   - without a task: failed, as deleted. It is never sent behind the back of
//     whoever deleted it.
//
// A mail that was being sent is unknown instead of failed.
//
// The Sweeper also keeps the attachments of open mail alive, takes out of
// asynq's archives what is old or too much there (the ledger has it all), and
// says where mail waits in a queue that nobody consumes.
//
// One Sweeper is at work at a time, however many run. Each of its scripts
// looks at how a mail stands and changes it in one step, so that two at once,
// or a worker beside it, do no harm.
//
// # What it does not see
//
// Whether a pending task is in its queue's list is looked up only while that
// list has 1,000 tasks or fewer: Redis searches a list from end to end. Of a
// longer one it is taken for granted, until it has become shorter.
package sweeper
