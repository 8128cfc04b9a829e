package directory

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	// defaultMaxAge is how old a Directory may be that Get returns.
	defaultMaxAge = 5 * time.Second
	// refreshEvery is the least time between two readings that Refresh makes.
	refreshEvery = time.Second
	// readTimeout bounds a reading on its own, since whoever asked for it
	// first may leave while others wait for it too.
	readTimeout = 5 * time.Second
)

// Reader is where a Cache has its Directory from.
type Reader interface {
	Read(ctx context.Context) (Directory, error)
}

// Cache is a producer's view of the directory, so that an Enqueue seldom costs
// a round trip for it. However many ask at a time, one reading is under way.
// It is safe for concurrent use.
type Cache struct {
	reader Reader
	maxAge time.Duration
	now    func() time.Time
	flight singleflight.Group

	mu     sync.Mutex
	last   Directory
	readAt time.Time // When the reading of last began; zero before the first.
}

// CacheOption changes how a Cache works.
type CacheOption func(*Cache)

// MaxAge sets how old a Directory may be that Get returns; 5 s by default, and
// 0 has every Get read it anew.
func MaxAge(d time.Duration) CacheOption { return func(c *Cache) { c.maxAge = d } }

// Now sets the clock; time.Now by default.
func Now(now func() time.Time) CacheOption { return func(c *Cache) { c.now = now } }

// NewCache returns a cache of what reader reads. It reads nothing until asked.
func NewCache(reader Reader, options ...CacheOption) *Cache {
	c := &Cache{reader: reader, maxAge: defaultMaxAge, now: time.Now}
	for _, option := range options {
		option(c)
	}
	return c
}

// Get returns a Directory that is not older than the cache's age. An error is
// the reader's, or that ctx is done: what is too old is not returned for want
// of better.
func (c *Cache) Get(ctx context.Context) (Directory, error) { return c.get(ctx, c.maxAge) }

// Refresh looks once more, for who misses something in what Get returned: a
// worker may have published it since. It reads about once a second at most,
// and returns the last Directory in between.
func (c *Cache) Refresh(ctx context.Context) (Directory, error) { return c.get(ctx, refreshEvery) }

func (c *Cache) get(ctx context.Context, maxAge time.Duration) (Directory, error) {
	if d, ok := c.younger(maxAge); ok {
		return d, nil
	}
	result := c.flight.DoChan("", func() (any, error) { return c.read(context.WithoutCancel(ctx)) })
	select {
	case r := <-result:
		if r.Err != nil {
			return Directory{}, r.Err
		}
		d, _ := r.Val.(Directory)
		return d, nil
	case <-ctx.Done():
		return Directory{}, context.Cause(ctx)
	}
}

func (c *Cache) younger(maxAge time.Duration) (Directory, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last, !c.readAt.IsZero() && c.now().Sub(c.readAt) < maxAge
}

func (c *Cache) read(ctx context.Context) (Directory, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	began := c.now()
	d, err := c.reader.Read(ctx)
	if err != nil {
		return Directory{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last, c.readAt = d, began
	return d, nil
}
