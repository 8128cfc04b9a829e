package blobs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks/blobs"
)

// onEach runs a test on a real Redis and on the embedded one of `worker dev`.
func onEach(t *testing.T, test func(t *testing.T, connect func() *redis.Client)) {
	t.Helper()
	t.Run("redis", func(t *testing.T) {
		t.Parallel()
		test(t, redistest.Start(t).Client)
	})
	t.Run("miniredis", func(t *testing.T) {
		t.Parallel()
		server := miniredis.RunT(t)
		test(t, func() *redis.Client {
			rdb := redis.NewClient(&redis.Options{Addr: server.Addr()})
			t.Cleanup(func() { _ = rdb.Close() })
			return rdb
		})
	})
}

// before is a client hook that runs something before each command of a name.
type before struct {
	command string
	do      func(ctx context.Context) error
}

func (b before) DialHook(next redis.DialHook) redis.DialHook { return next }

func (b before) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (b before) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if strings.EqualFold(cmd.Name(), b.command) {
			if err := b.do(ctx); err != nil {
				return err
			}
		}
		return next(ctx, cmd)
	}
}

// count counts the commands of a name that rdb makes from now on.
func count(rdb *redis.Client, command string) *int {
	n := new(int)
	rdb.AddHook(before{command, func(context.Context) error { *n++; return nil }})
	return n
}

func put(t *testing.T, rdb *redis.Client, content []byte, until time.Time) string {
	t.Helper()
	sum, err := blobs.New(rdb).Put(t.Context(), content, until)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// checkUntil checks the end of a blob's life, to the half minute that separates
// none of the lifetimes in these tests. miniredis keeps durations, not times.
func checkUntil(t *testing.T, rdb *redis.Client, sum string, want time.Time) {
	t.Helper()
	ttl, err := rdb.PTTL(t.Context(), "postroom:blob:"+sum).Result()
	if err != nil {
		t.Fatal(err)
	}
	if diff := time.Until(want) - ttl; diff.Abs() > 30*time.Second {
		t.Errorf("the blob lives for %v more, want %v", ttl, time.Until(want))
	}
}

func TestPutThenGet(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, connect func() *redis.Client) {
		rdb := connect()
		store := blobs.New(rdb)
		until := time.Now().Add(time.Hour)
		for _, content := range [][]byte{
			nil,
			[]byte("hello"),
			{0, '\r', '\n', 0xff, 0},
			bytes.Repeat([]byte("0123456789abcdef"), 1<<17),
		} {
			sum := put(t, rdb, content, until)
			got, err := store.Get(t.Context(), sum)
			if err != nil || !bytes.Equal(got, content) {
				t.Errorf("Get after Put of %d bytes: %d bytes, %v", len(content), len(got), err)
			}
			size, err := store.Size(t.Context(), sum)
			if err != nil || size != int64(len(content)) {
				t.Errorf("Size of %d bytes: %d, %v", len(content), size, err)
			}
			checkUntil(t, rdb, sum, until)
		}
	})
}

func TestNameIsTheSHA256(t *testing.T) {
	t.Parallel()
	// The example of FIPS 180-2, appendix B.1.
	const want = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	if got := blobs.Sum([]byte("abc")); got != want {
		t.Errorf("Sum of abc is %s, want %s", got, want)
	}
	onEach(t, func(t *testing.T, connect func() *redis.Client) {
		rdb := connect()
		put(t, rdb, []byte("abc"), time.Now().Add(time.Hour))
		if got := rdb.Get(t.Context(), "postroom:blob:"+want).Val(); got != "abc" {
			t.Errorf("under the blob's key stands %q", got)
		}
	})
}

func TestContentIsSentOnce(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, connect func() *redis.Client) {
		rdb := connect()
		uploads := count(rdb, "set")
		for range 3 {
			put(t, rdb, []byte("the same file"), time.Now().Add(time.Hour))
		}
		if *uploads != 1 {
			t.Errorf("content was sent %d times, want once", *uploads)
		}
		if keys := rdb.DBSize(t.Context()).Val(); keys != 1 {
			t.Errorf("Redis has %d keys, want one", keys)
		}
	})
}

func TestLifetimeIsOnlyExtended(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, connect func() *redis.Client) {
		rdb := connect()
		store := blobs.New(rdb)
		content := []byte("a file")
		hour, day := time.Now().Add(time.Hour), time.Now().Add(24*time.Hour)

		sum := put(t, rdb, content, hour)
		checkUntil(t, rdb, sum, hour)
		put(t, rdb, content, day)
		checkUntil(t, rdb, sum, day)
		put(t, rdb, content, hour)
		checkUntil(t, rdb, sum, day)

		if err := store.Extend(t.Context(), sum, hour); err != nil {
			t.Fatal(err)
		}
		checkUntil(t, rdb, sum, day)
		if err := store.Extend(t.Context(), sum, day.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		checkUntil(t, rdb, sum, day.Add(time.Hour))
	})
}

func TestLifetimeWithoutEndStaysSo(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, connect func() *redis.Client) {
		rdb := connect()
		sum := put(t, rdb, []byte("kept by hand"), time.Now().Add(time.Hour))
		if err := rdb.Persist(t.Context(), "postroom:blob:"+sum).Err(); err != nil {
			t.Fatal(err)
		}
		if err := blobs.New(rdb).Extend(t.Context(), sum, time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if ttl := rdb.PTTL(t.Context(), "postroom:blob:"+sum).Val(); ttl != -1 {
			t.Errorf("a lifetime without end became one of %v", ttl)
		}
	})
}

func TestLifetimeIsNotRoundedDown(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	until := time.Now().Add(time.Hour).Truncate(time.Second)
	for content, end := range map[string]time.Time{
		"a whole second":     until,
		"a nanosecond later": until.Add(time.Nanosecond),
		"and an extended":    until.Add(999*time.Millisecond + 1),
	} {
		sum := put(t, rdb, []byte(content), until)
		if err := blobs.New(rdb).Extend(t.Context(), sum, end); err != nil {
			t.Fatal(err)
		}
		direct := put(t, rdb, []byte(content+" at once"), end)
		for _, sum := range []string{sum, direct} {
			ms, err := rdb.Do(t.Context(), "PEXPIRETIME", "postroom:blob:"+sum).Int64()
			if got := time.UnixMilli(ms); err != nil || got.Before(end) || got.Sub(end) >= time.Millisecond {
				t.Errorf("%s: the blob ends at %v, want %v (%v)", content, got, end, err)
			}
		}
	}
}

func TestEndedBlobIsMissingAndCanBePutAgain(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, connect func() *redis.Client) {
		rdb := connect()
		store := blobs.New(rdb)
		until := time.Now().Add(time.Hour)
		sum := put(t, rdb, []byte("short-lived"), until)
		// What Redis does when the time has come.
		if err := rdb.Del(t.Context(), "postroom:blob:"+sum).Err(); err != nil {
			t.Fatal(err)
		}

		_, getErr := store.Get(t.Context(), sum)
		_, sizeErr := store.Size(t.Context(), sum)
		_, emptyErr := store.Size(t.Context(), blobs.Sum(nil))
		extendErr := store.Extend(t.Context(), sum, until)
		for what, err := range map[string]error{
			"Get": getErr, "Size": sizeErr, "Size of the empty blob": emptyErr, "Extend": extendErr,
		} {
			if !errors.Is(err, blobs.ErrMissing) {
				t.Errorf("%s of a blob that is not there: %v, want ErrMissing", what, err)
			}
		}

		put(t, rdb, []byte("short-lived"), until)
		if got, err := store.Get(t.Context(), sum); err != nil || string(got) != "short-lived" {
			t.Errorf("Get after the second Put: %q, %v", got, err)
		}
	})
}

func TestRedisEndsBlobs(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr()})
	t.Cleanup(func() { _ = rdb.Close() })
	sum := put(t, rdb, []byte("for an hour"), time.Now().Add(time.Hour))

	server.FastForward(59 * time.Minute)
	if _, err := blobs.New(rdb).Get(t.Context(), sum); err != nil {
		t.Errorf("after 59 minutes: %v", err)
	}
	server.FastForward(2 * time.Minute)
	if _, err := blobs.New(rdb).Get(t.Context(), sum); !errors.Is(err, blobs.ErrMissing) {
		t.Errorf("after 61 minutes: %v, want ErrMissing", err)
	}
}

func TestPutsAtTheSameTime(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, connect func() *redis.Client) {
		rdb, other := connect(), connect()
		content := []byte("two producers have it")
		hour, day := time.Now().Add(time.Hour), time.Now().Add(24*time.Hour)
		raced := 0
		// The other producer stores it after ours saw that it was not there,
		// and, the first time, it is gone again before ours can extend it.
		rdb.AddHook(before{"set", func(ctx context.Context) error {
			raced++
			_, err := blobs.New(other).Put(ctx, content, hour)
			return err
		}})
		rdb.AddHook(before{"evalsha", func(ctx context.Context) error {
			if raced == 1 {
				return other.FlushDB(ctx).Err()
			}
			return nil
		}})

		sum := put(t, rdb, content, day)
		if raced != 2 {
			t.Fatalf("%d races, want 2", raced)
		}
		checkUntil(t, rdb, sum, day)
	})
}

func TestPutGivesUpOnABlobThatComesAndGoes(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, connect func() *redis.Client) {
		rdb, other := connect(), connect()
		until := time.Now().Add(time.Hour)
		rdb.AddHook(before{"set", func(ctx context.Context) error {
			_, err := blobs.New(other).Put(ctx, []byte("flicker"), until)
			return err
		}})
		rdb.AddHook(before{"evalsha", func(ctx context.Context) error { return other.FlushDB(ctx).Err() }})
		if _, err := blobs.New(rdb).Put(t.Context(), []byte("flicker"), until); !errors.Is(err, blobs.ErrMissing) {
			t.Errorf("Put: %v, want ErrMissing", err)
		}
	})
}

func TestRefused(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, connect func() *redis.Client) {
		rdb := connect()
		store := blobs.New(rdb)
		until := time.Now().Add(time.Hour)

		_, err := store.Put(t.Context(), make([]byte, blobs.MaxSize+1), until)
		if !errors.Is(err, blobs.ErrTooLarge) {
			t.Errorf("Put of a byte too many: %v, want ErrTooLarge", err)
		}
		_, err = store.Put(t.Context(), []byte("x"), time.Now().Add(-time.Second))
		if !errors.Is(err, blobs.ErrPast) {
			t.Errorf("Put until a second ago: %v, want ErrPast", err)
		}
		sum := put(t, rdb, []byte("y"), until)
		if err := store.Extend(t.Context(), sum, time.Now().Add(-time.Second)); !errors.Is(err, blobs.ErrPast) {
			t.Errorf("Extend until a second ago: %v, want ErrPast", err)
		}
		checkUntil(t, rdb, sum, until)

		for _, sum := range []string{
			"", "abc", strings.ToUpper(blobs.Sum([]byte("y"))), strings.Repeat("g", 64), sum + "0", sum[:63] + "*",
		} {
			_, getErr := store.Get(t.Context(), sum)
			_, sizeErr := store.Size(t.Context(), sum)
			for what, err := range map[string]error{
				"Get": getErr, "Size": sizeErr, "Extend": store.Extend(t.Context(), sum, until),
			} {
				if !errors.Is(err, blobs.ErrName) {
					t.Errorf("%s(%q): %v, want ErrName", what, sum, err)
				}
			}
		}
	})
}

func TestLargestBlob(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	content := bytes.Repeat([]byte{7}, blobs.MaxSize)
	sum := put(t, rdb, content, time.Now().Add(time.Hour))
	if got, err := blobs.New(rdb).Get(t.Context(), sum); err != nil || !bytes.Equal(got, content) {
		t.Errorf("Get: %d bytes, %v", len(got), err)
	}
}

func TestChangedContentIsNeverHandedOut(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, connect func() *redis.Client) {
		rdb := connect()
		sum := put(t, rdb, []byte("an invoice over 10.00"), time.Now().Add(time.Hour))
		if err := rdb.Set(t.Context(), "postroom:blob:"+sum, "an invoice over 99.00", 0).Err(); err != nil {
			t.Fatal(err)
		}
		got, err := blobs.New(rdb).Get(t.Context(), sum)
		if !errors.Is(err, blobs.ErrCorrupt) || got != nil {
			t.Errorf("Get: %q, %v, want ErrCorrupt and nothing", got, err)
		}
	})
}

func TestRedisAway(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	rdb := server.Client()
	store := blobs.New(rdb)
	until := time.Now().Add(time.Hour)
	sum := put(t, rdb, []byte("x"), until)
	server.Kill()

	_, putErr := store.Put(t.Context(), []byte("y"), until)
	_, getErr := store.Get(t.Context(), sum)
	_, sizeErr := store.Size(t.Context(), sum)
	for what, err := range map[string]error{
		"Put": putErr, "Get": getErr, "Size": sizeErr, "Extend": store.Extend(t.Context(), sum, until),
	} {
		if err == nil || errors.Is(err, blobs.ErrMissing) {
			t.Errorf("%s without Redis: %v, want Redis's error", what, err)
		}
	}
}

func TestBlobsOutliveRedis(t *testing.T) {
	t.Parallel()
	server := redistest.StartDurable(t)
	until := time.Now().Add(time.Hour)
	sum := put(t, server.Client(), []byte("on disk"), until)
	server.Restart()
	rdb := server.Client()
	if got, err := blobs.New(rdb).Get(t.Context(), sum); err != nil || string(got) != "on disk" {
		t.Errorf("Get after a restart: %q, %v", got, err)
	}
	checkUntil(t, rdb, sum, until)
}

func ExampleStore() {
	server := miniredis.NewMiniRedis()
	if err := server.Start(); err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer func() { _ = rdb.Close() }()

	ctx := context.Background()
	store := blobs.New(rdb)
	sum, err := store.Put(ctx, []byte("abc"), time.Now().Add(time.Hour))
	if err != nil {
		fmt.Println(err)
		return
	}
	content, err := store.Get(ctx, sum)
	fmt.Println(sum[:8], string(content), err)
	// Output: ba7816bf abc <nil>
}
