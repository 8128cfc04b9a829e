package directory

import (
	"context"
	_ "embed" // For the scripts.
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// PublishEvery is how often a worker publishes what it has.
	PublishEvery = 15 * time.Second
	// Freshness is how long before the newest publication an entry may have
	// been published last, and still count. A worker may miss two turns.
	Freshness = 3 * PublishEvery

	// keep is how long Redis keeps an entry that nobody publishes any more.
	keep = 24 * time.Hour

	entriesKey   = "postroom:{directory}:entries"
	publishedKey = "postroom:{directory}:published"
)

// ErrEntry says that an entry in Redis is not what its name says. The next
// publication of the same name mends it.
var ErrEntry = errors.New("what Redis has is not an entry of the directory; another program, or a far newer worker, wrote it")

var (
	//go:embed publish.lua
	publishSource string
	//go:embed read.lua
	readSource string
)

// Store is the directory in Redis. It is safe for concurrent use.
type Store struct {
	rdb           redis.UniversalClient
	publish, read *redis.Script
}

var _ Reader = (*Store)(nil)

// New returns the directory in rdb, which stays the caller's to close.
func New(rdb redis.UniversalClient) *Store {
	return &Store{rdb: rdb, publish: redis.NewScript(publishSource), read: redis.NewScript(readSource)}
}

// Publish says what this worker has: all of it, each time, an empty listing
// too. Errors are ErrListing and those of Redis; after one of Redis's the
// worker should try again at its next turn.
func (s *Store) Publish(ctx context.Context, l Listing) error {
	entries, err := l.entries()
	if err != nil {
		return fmt.Errorf("publish directory: %w", err)
	}
	args := append([]any{keep.Milliseconds(), 2 * MaxEntries}, entries...)
	if err := s.publish.Run(ctx, s.rdb, keys(), args...).Err(); err != nil {
		return fmt.Errorf("publish directory: %w", err)
	}
	return nil
}

// Read returns what counts now. Errors are ErrEntry and those of Redis.
func (s *Store) Read(ctx context.Context) (Directory, error) {
	answer, err := s.read.Run(ctx, s.rdb, keys(), Freshness.Milliseconds()).StringSlice()
	if err != nil {
		return Directory{}, fmt.Errorf("read directory: %w", err)
	}
	if len(answer) == 0 {
		return Directory{}, nil
	}
	d := Directory{
		known:     true,
		accounts:  map[string]published[Account]{},
		templates: map[string][]published[Template]{},
	}
	const newest, triple = 2, 3 // "newest" and its time; then name, time, JSON.
	for rest := answer[newest:]; len(rest) >= triple; rest = rest[triple:] {
		if err := add(d, rest[0], rest[1], rest[2]); err != nil {
			return Directory{}, fmt.Errorf("read directory: %q: %w", rest[0], err)
		}
	}
	return d, nil
}

// add decodes one entry into the maps of d. Kinds that only newer workers know
// are passed over.
func add(d Directory, name, at, value string) error {
	ms, err := strconv.ParseFloat(at, 64)
	if err != nil {
		return fmt.Errorf("%w: it was published at %q", ErrEntry, at)
	}
	if address, ok := strings.CutPrefix(name, accountPrefix); ok {
		var a Account
		if err := json.Unmarshal([]byte(value), &a); err != nil || fold(a.Address) != address {
			return fmt.Errorf("%w: its value is no account of that address", ErrEntry)
		}
		d.accounts[address] = published[Account]{a, int64(ms)}
	}
	if template, ok := strings.CutPrefix(name, templatePrefix); ok {
		var t Template
		err := json.Unmarshal([]byte(value), &t)
		if template = unversioned(template); err != nil || t.Name != template {
			return fmt.Errorf("%w: its value is no template of that name", ErrEntry)
		}
		d.templates[template] = append(d.templates[template], published[Template]{t, int64(ms)})
	}
	return nil
}

// unversioned is a template's name without its version. Workers from before there
// were versions publish none.
func unversioned(name string) string {
	if i := strings.LastIndex(name, versionMark); i >= 0 {
		return name[:i]
	}
	return name
}

func keys() []string { return []string{entriesKey, publishedKey} }
