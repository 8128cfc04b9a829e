// Package directory is what workers publish for producers, in Redis: the
// accounts that mail can go out from, and the templates that it can name. A
// producer has neither credentials nor template files; with the directory it
// refuses a bad mail at once instead of queueing it.
//
// Each worker calls [Store.Publish] at its start and then every
// [PublishEvery], with all that it has. A producer asks a [Cache].
//
// # What counts
//
// A producer sees what all workers have published, together, so that during a
// rolling deploy it may use what the old or the new version has. An entry
// counts while it was last published at most [Freshness] before the newest
// publication of all, both on Redis's clock. So what a deploy removed is gone
// within a minute, and when all workers are stopped the last known directory
// stays valid: mail can be queued for when they are back. Where two versions
// publish different things under one name, the later publication stands.
//
// Where nothing was ever published, [Directory.Known] is false, and a producer
// should not check against it.
//
// # In Redis
//
// Two keys in one slot, read and written in one script each:
//
//	postroom:{directory}:entries    hash   "account:<address>" or "template:<name>" → JSON
//	postroom:{directory}:published  zset   the same names → when last published, ms since 1970;
//	                                       "newest" → the newest publication of all
//
// They have no lifetime of their own. Each publication removes what nobody has
// published for a day, and the oldest beyond 4,000 entries. Nothing in them is
// secret. They need not be durable: after a loss they are complete again within
// PublishEvery.
package directory
