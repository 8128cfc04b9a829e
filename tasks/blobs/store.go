package blobs

import (
	"context"
	_ "embed" // For extend.lua.
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// MaxSize is the most bytes that a blob may have: 35 MiB, the largest message
// that users.messages.send takes
// (https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/send,
// "Maximum file size"). It is encoded before it is sent, so the content of
// all attachments of a mail must be smaller still: that is for Enqueue to see.
const MaxSize = 36_700_160

// putRounds bounds how often Put goes from "is it there?" to "store it" where
// others end and store the same blob in between.
const putRounds = 3

//go:embed extend.lua
var extendSource string

// Store keeps blobs in Redis. It is safe for concurrent use.
type Store struct {
	rdb    redis.UniversalClient
	extend *redis.Script
}

// New returns a store of the blobs in rdb, which stays the caller's to close.
func New(rdb redis.UniversalClient) *Store {
	return &Store{rdb: rdb, extend: redis.NewScript(extendSource)}
}

// Put makes sure that content is in Redis until the given time at least, and
// returns its name. Content that is there already is not sent again. It may be
// empty. Errors are ErrTooLarge, ErrPast, and those of Redis; after an error
// it is not known whether the blob is there, and Put may be called again.
func (s *Store) Put(ctx context.Context, content []byte, until time.Time) (sum string, err error) {
	if len(content) > MaxSize {
		return "", fmt.Errorf("store blob of %d bytes: %w of %d bytes", len(content), ErrTooLarge, MaxSize)
	}
	sum = Sum(content)
	for range putRounds {
		if err := s.Extend(ctx, sum, until); !errors.Is(err, ErrMissing) {
			return sum, err
		}
		stored, err := s.upload(ctx, prefix+sum, content, until)
		if err != nil {
			return sum, fmt.Errorf("store blob %s of %d bytes: %w", sum, len(content), err)
		}
		if stored {
			return sum, nil
		}
	}
	return sum, fmt.Errorf("store blob %s: it came and went %d times meanwhile: %w", sum, putRounds, ErrMissing)
}

// upload stores content where there is none. It returns false where somebody
// else was faster, perhaps with another lifetime.
func (s *Store) upload(ctx context.Context, key string, content []byte, until time.Time) (stored bool, err error) {
	err = s.rdb.SetArgs(ctx, key, content, redis.SetArgs{Mode: "NX", ExpireAt: wholeMillisecond(until)}).Err()
	if errors.Is(err, redis.Nil) {
		return false, nil
	}
	return err == nil, err
}

// Extend makes the blob named sum live until the given time at least. Errors
// are ErrMissing, ErrName, ErrPast, and those of Redis.
func (s *Store) Extend(ctx context.Context, sum string, until time.Time) error {
	key, err := key(sum)
	if err != nil {
		return fmt.Errorf("extend blob: %w", err)
	}
	answer, err := s.extend.Run(ctx, s.rdb, []string{key}, wholeMillisecond(until).UnixMilli()).Text()
	if err != nil {
		return fmt.Errorf("extend blob %s: %w", sum, err)
	}
	switch answer {
	case "extended":
		return nil
	case "missing":
		return fmt.Errorf("extend blob %s: %w", sum, ErrMissing)
	case "past":
		return fmt.Errorf("extend blob %s until %s: %w", sum, until.UTC().Format(time.RFC3339), ErrPast)
	default:
		return fmt.Errorf("extend blob %s: extend.lua answered %q", sum, answer)
	}
}

// Get returns the content of the blob named sum, to be read only. Errors are
// ErrMissing, ErrCorrupt, ErrName, and those of Redis.
func (s *Store) Get(ctx context.Context, sum string) ([]byte, error) {
	key, err := key(sum)
	if err != nil {
		return nil, fmt.Errorf("read blob: %w", err)
	}
	content, err := s.rdb.Get(ctx, key).Bytes()
	if errors.Is(err, redis.Nil) {
		err = ErrMissing
	}
	if err == nil && Sum(content) != sum {
		err = ErrCorrupt
	}
	if err != nil {
		return nil, fmt.Errorf("read blob %s: %w", sum, err)
	}
	return content, nil
}

// Size returns the number of bytes of the blob named sum without reading it.
// Errors are ErrMissing, ErrName, and those of Redis.
func (s *Store) Size(ctx context.Context, sum string) (int64, error) {
	key, err := key(sum)
	if err != nil {
		return 0, fmt.Errorf("size of blob: %w", err)
	}
	size, err := s.rdb.StrLen(ctx, key).Result()
	if err == nil && size == 0 {
		err = s.mustExist(ctx, key) // STRLEN says 0 of no blob as it does of an empty one.
	}
	if err != nil {
		return 0, fmt.Errorf("size of blob %s: %w", sum, err)
	}
	return size, nil
}

func (s *Store) mustExist(ctx context.Context, key string) error {
	n, err := s.rdb.Exists(ctx, key).Result()
	if err == nil && n == 0 {
		return ErrMissing
	}
	return err
}

// wholeMillisecond rounds up to what Redis can keep, so that no lifetime
// becomes shorter than asked for.
func wholeMillisecond(t time.Time) time.Time {
	return time.UnixMilli(t.Add(time.Millisecond - 1).UnixMilli())
}
