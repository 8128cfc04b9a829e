package directory_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/postroom/postroom/tasks/directory"
)

var errAway = errors.New("redis is away")

// reader takes a second of the bubble's time for each reading, which counts.
type reader struct {
	mu    sync.Mutex
	reads int
	err   error
}

func (r *reader) Read(ctx context.Context) (directory.Directory, error) {
	r.mu.Lock()
	r.reads++
	err := r.err
	r.mu.Unlock()
	select {
	case <-time.After(time.Second):
		return directory.Directory{}, err
	case <-ctx.Done():
		return directory.Directory{}, ctx.Err()
	}
}

func (r *reader) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
}

func (r *reader) check(t *testing.T, want int) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.reads != want {
		t.Errorf("the directory was read %d times, want %d", r.reads, want)
	}
}

func TestGetReadsOnceInFiveSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r reader
		cache := directory.NewCache(&r)
		get := func() {
			t.Helper()
			if _, err := cache.Get(t.Context()); err != nil {
				t.Error(err)
			}
		}
		r.check(t, 0)
		get()
		get()
		time.Sleep(4*time.Second - time.Nanosecond) // Its age counts from when the reading began.
		get()
		r.check(t, 1)
		time.Sleep(time.Nanosecond)
		get()
		r.check(t, 2)
	})
}

func TestRefreshReadsOnceASecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &reader{}
		clock := time.Now()
		cache := directory.NewCache(r, directory.Now(func() time.Time { return clock }))
		refresh := func() {
			t.Helper()
			if _, err := cache.Refresh(t.Context()); err != nil {
				t.Error(err)
			}
		}
		refresh()
		clock = clock.Add(time.Second - 1)
		refresh()
		r.check(t, 1)
		clock = clock.Add(1)
		refresh()
		r.check(t, 2)
		if _, err := cache.Get(t.Context()); err != nil {
			t.Error(err)
		}
		r.check(t, 2)
	})
}

func TestMaxAge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r reader
		cache := directory.NewCache(&r, directory.MaxAge(0))
		for want := range 3 {
			r.check(t, want)
			if _, err := cache.Get(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestOneReadingForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r reader
		cache := directory.NewCache(&r)
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				get := cache.Get
				if i%2 == 0 {
					get = cache.Refresh
				}
				if _, err := get(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		r.check(t, 1)
	})
}

func TestWhoLeavesTakesNobodyAlong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r reader
		cache := directory.NewCache(&r)
		hurried, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := cache.Get(hurried); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Get beyond its context: %v", err)
			}
		})
		synctest.Wait() // The hurried one has begun the reading.
		all.Go(func() {
			if _, err := cache.Get(t.Context()); err != nil {
				t.Errorf("Get of who waited: %v", err)
			}
		})
		all.Wait()
		r.check(t, 1)
	})
}

func TestFailedReadingIsNotKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r reader
		cache := directory.NewCache(&r)
		r.fail(errAway)
		for range 2 {
			if _, err := cache.Get(t.Context()); !errors.Is(err, errAway) {
				t.Errorf("Get: %v, want the reader's error", err)
			}
		}
		r.check(t, 2)
		r.fail(nil)
		if _, err := cache.Get(t.Context()); err != nil {
			t.Error(err)
		}

		// What is too old is not returned for want of better.
		time.Sleep(5 * time.Second)
		r.fail(errAway)
		if _, err := cache.Get(t.Context()); !errors.Is(err, errAway) {
			t.Errorf("Get: %v, want the reader's error", err)
		}
	})
}

// stuck is a reader that never answers.
type stuck struct{}

func (stuck) Read(ctx context.Context) (directory.Directory, error) {
	<-ctx.Done()
	return directory.Directory{}, ctx.Err()
}

func TestReadingEndsByItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		if _, err := directory.NewCache(stuck{}).Get(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Get: %v, want a deadline", err)
		}
		if took := time.Since(began); took != 5*time.Second {
			t.Errorf("it took %v, want 5 s", took)
		}
	})
}

func TestCacheReturnsWhatItRead(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	clock := time.Now()
	cache := directory.NewCache(directory.New(rdb), directory.Now(func() time.Time { return clock }))
	check := func(get func(context.Context) (directory.Directory, error), want bool) {
		t.Helper()
		if d, err := get(t.Context()); err != nil || (len(d.Template("welcome")) > 0) != want {
			t.Errorf("the template is known: %v (%v), want %v", !want, err, want)
		}
	}
	check(cache.Get, false)
	publish(t, rdb, templates("welcome"))
	check(cache.Get, false)
	check(cache.Refresh, false)
	clock = clock.Add(time.Second)
	check(cache.Get, false)
	check(cache.Refresh, true)
	check(cache.Get, true)
}
