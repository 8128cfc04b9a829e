package ledger

import (
	"hash/crc32"
	"strconv"
)

// Shards is in how many parts the ledger lies. It is fixed for ever: a record
// is found by its ID alone.
const Shards = 64

// shardOf is where a mail's keys lie.
func shardOf(id string) int { return int(crc32.ChecksumIEEE([]byte(id)) % Shards) }

// shardKey names a key of a shard. Its hash tag keeps a shard in one Cluster
// slot, so that one script can change a mail and its shard's indexes together.
func shardKey(shard int, what string) string {
	return "postroom:{" + strconv.Itoa(shard) + "}:" + what
}

// The indexes of a shard, sorted sets of IDs.
const (
	openIndex   = "open"   // Open mail → when it was last looked at (ms).
	failedIndex = "failed" // Failed and unknown mail → when its record goes (ms).
)

func recordKey(id string) string { return shardKey(shardOf(id), "mail:"+id) }
func keptKey(id string) string   { return shardKey(shardOf(id), "kept:"+id) }

// keys are those that every script on one mail gets.
func keys(id string) []string {
	shard := shardOf(id)
	return []string{
		shardKey(shard, "mail:"+id), shardKey(shard, openIndex), shardKey(shard, failedIndex), shardKey(shard, "kept:"+id),
	}
}
