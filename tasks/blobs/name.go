package blobs

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

const prefix = "postroom:blob:"

// Sum returns the name of content: its SHA-256 in lower-case hex. A producer
// that puts the same file into many mails computes it once, and then calls
// [Store.Extend].
func Sum(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// Key is the Redis key of the blob named sum.
func Key(sum string) string { return prefix + sum }

// key returns the Redis key of the blob named sum, or ErrName. Names come from
// payloads that anybody may have written.
func key(sum string) (string, error) {
	if len(sum) != hex.EncodedLen(sha256.Size) {
		return "", fmt.Errorf("%w: it has %d characters", ErrName, len(sum))
	}
	for _, c := range []byte(sum) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return "", fmt.Errorf("%w: it contains %q", ErrName, c)
		}
	}
	return Key(sum), nil
}
