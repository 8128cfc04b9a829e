package gmail

import "time"

const (
	// baseTimeout is for the token, the connection and Gmail's own work.
	baseTimeout = 30 * time.Second
	// slowest is the upload rate in bytes a second, 1 Mbit/s, below which a
	// send is given up.
	slowest = 128 << 10
)

// SendTimeout is how long a Send of a message of size bytes takes at most: 30
// seconds, and one second for every 128 KiB begun.
func SendTimeout(size int64) time.Duration {
	return baseTimeout + time.Duration((size+slowest-1)/slowest)*time.Second
}
