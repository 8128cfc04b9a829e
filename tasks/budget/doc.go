// Package budget keeps, in Redis, what an account may still send now, shared
// by all workers and kept over their restarts.
//
// Who wants to send asks with [Budget.Take], one script on Redis's clock. The
// answer is yes, and everything is booked; or for how long to wait, and what
// for. After the send [Budget.Give] ends it. What is looked at:
//
//   - A freeze ([Budget.Freeze]): Gmail said until when it takes no mail.
//   - The day: messages and recipients of the last 24 hours, as they roll. They
//     are counted in 96 parts and rounded up, so that no 24 hours hold more
//     than the limit, and what was sent counts for a quarter of an hour longer.
//   - The rate: sends a minute, evenly. No minute holds more than the limit;
//     half a second's worth may go at once.
//   - Requests in flight: each is a lease, which ends by itself when its worker
//     is gone.
//   - The project: an optional rate over all accounts. It is asked in a script
//     of its own after the account's yes, which is taken back where it says no.
//
// Critical mail goes next: while one waits for its slot no other mail takes it,
// and what critical mail does not use the others may. One request in flight
// and a tenth of the day are kept for it.
//
// Limits that are set for one account ([Budget.SetLimits]) hold from the very
// next Take, for all workers; those that are not set are each worker's own. A
// limit of 0 is none. Where Gmail refuses, [Budget.Cut] halves the rate, or the
// requests in flight. From then on, or from the end of a freeze, they grow: to
// nine tenths of what failed in ten seconds, to all of it in a minute, and double
// every two minutes then, up to the limit. So a quota that is lower than the limit
// is found again and again, and a short trouble is soon forgotten.
//
// All keys of an account are in one Cluster slot, and but for its limits none
// outlives what it is for. Nothing is compared with a worker's clock.
package budget
