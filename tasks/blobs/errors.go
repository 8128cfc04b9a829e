package blobs

import "errors"

var (
	// ErrMissing says that Redis has no such blob.
	ErrMissing = errors.New("not in Redis: its lifetime has ended, Redis lost it, or it was put into another Redis; enqueue the mail again with its content")
	// ErrCorrupt says that what Redis has under a blob's name is something else.
	ErrCorrupt = errors.New("content in Redis does not have the SHA-256 that names it; enqueue the mail again with its content")
	// ErrName says that a string is not the name of a blob.
	ErrName = errors.New("a blob is named by the SHA-256 of its content, 64 lower-case hex digits")
	// ErrTooLarge says that content has more than MaxSize bytes.
	ErrTooLarge = errors.New("larger than Gmail's largest message")
	// ErrPast says that a lifetime was asked for that ended before it began.
	ErrPast = errors.New("the lifetime ends in the past by Redis's clock; compare the clocks of this machine and of Redis")
)
