// Package blobs stores the content of attachments in Redis, once by content.
//
// A blob is named by the SHA-256 of its bytes, in lower-case hex, and lies
// under the key "postroom:blob:" and that name. A payload carries the name
// only, so a file that goes to 10,000 people is sent to Redis and kept there
// once. Each operation touches one key, so that Redis Cluster spreads blobs
// over its nodes. Redis 6.2 or newer is needed.
//
// # Lifetime
//
// A blob lives until a time, which is only ever extended and never shortened;
// nobody counts who refers to it. Whoever needs a blob extends it to the
// latest time at which he may still want to read it: before a mail is queued,
// when one is scheduled, and again for as long as it is open. Times are
// compared on Redis's clock, in one script, so producers whose clocks differ
// cannot cut each other's blobs short. A blob that nobody extends is ended by
// Redis.
//
// # Sizes
//
// A blob has at most [MaxSize] bytes, the size of the largest message that
// Gmail takes: content that is larger fits no mail. A blob costs its size and
// some 150 bytes in Redis. It travels in one command, so the read and write
// timeouts of the Redis client must be long enough for the largest.
//
// # Durability
//
// A blob is as durable as the Redis under it. What Redis lost is [ErrMissing],
// and what it gave back changed is [ErrCorrupt]: content is never handed out
// unless its SHA-256 is its name.
package blobs
