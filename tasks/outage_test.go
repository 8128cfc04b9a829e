package tasks_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/directory"
)

// open is a client as an app opens it.
func open(t *testing.T, url string) redis.UniversalClient {
	t.Helper()
	rdb, err := tasks.OpenRedis(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

// checkUnavailable checks that a call says within five seconds that Redis is
// away.
func checkUnavailable(t *testing.T, what string, call func() error) {
	t.Helper()
	began := time.Now()
	err := call()
	if !errors.Is(err, tasks.ErrUnavailable) {
		t.Errorf("%s: %v, want ErrUnavailable", what, err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("%s took %v, want 5 s at most", what, took)
	}
}

// checkAway checks all that a producer can ask, at once, since it takes time.
func checkAway(t *testing.T, what string, client *tasks.Client) {
	t.Helper()
	var calls sync.WaitGroup
	calls.Go(func() {
		checkUnavailable(t, "Enqueue, "+what, func() error {
			_, err := client.Enqueue(t.Context(), letter(), tasks.WithID("a"))
			return err
		})
	})
	calls.Go(func() {
		checkUnavailable(t, "Status, "+what, func() error {
			_, err := client.Status(t.Context(), "a")
			return err
		})
	})
	calls.Go(func() {
		checkUnavailable(t, "Cancel, "+what, func() error { return client.Cancel(t.Context(), "a") })
	})
	calls.Wait()
}

func TestRedisIsNotThere(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for _, url := range []string{
		"redis://" + refused + "/0",
		"rediss://" + refused + "/0",
		"unix:///nowhere/redis.sock",
		"redis+sentinel://" + refused + "/0?master_name=mymaster",
		"redis+cluster://" + refused,
	} {
		client := tasks.NewClient(open(t, url))
		all.Go(func() { checkAway(t, url, client) })
	}
	all.Wait()
}

func TestRedisStandsStillFromTheStart(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	server.Pause()
	checkAway(t, "paused", tasks.NewClient(open(t, server.URL())))
}

func TestRedisStandsStill(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client := tasks.NewClient(open(t, server.URL()))
	enqueue(t, client, letter())
	server.Pause()
	checkAway(t, "paused", client)
	server.Resume()
	// Whether the mail was accepted is not known: the same call finds out.
	enqueue(t, client, letter(), tasks.WithID("a"))
	if n := countTasks(t, server.Client()); n != 2 {
		t.Errorf("%d tasks, want 2", n)
	}
}

func TestRedisDiesAndComesBack(t *testing.T) {
	t.Parallel()
	server := redistest.StartDurable(t)
	client := tasks.NewClient(open(t, server.URL()))
	first := enqueue(t, client, letter())
	server.Kill()
	checkAway(t, "killed", client)
	server.Restart()
	enqueue(t, client, letter(), tasks.WithID("a"))
	if s, err := client.Status(t.Context(), first.ID); err != nil || s.State != "queued" {
		t.Errorf("the mail accepted before: %+v, %v; want queued", s, err)
	}
}

// TestRedisStopsAtEachCommand stops Redis before every single command of a
// call: none of them may hold its caller longer.
func TestRedisStopsAtEachCommand(t *testing.T) {
	t.Parallel()
	attached := letter()
	attached.Attachments = []tasks.Attachment{{Name: "a.txt", Content: []byte("hello")}}
	var all sync.WaitGroup
	for _, test := range []struct {
		name     string
		commands int // How many it makes, or a few less.
		call     func(*tasks.Client) error
	}{
		{"Enqueue", 5, func(c *tasks.Client) error {
			_, err := c.Enqueue(t.Context(), attached, tasks.WithID("b"))
			return err
		}},
		{"Status", 3, func(c *tasks.Client) error {
			_, err := c.Status(t.Context(), "a")
			return err
		}},
	} {
		for stop := range test.commands {
			server := redistest.Start(t)
			rdb := open(t, server.URL())
			client := tasks.NewClient(rdb)
			enqueue(t, client, letter(), tasks.WithID("a"))
			seen := 0
			rdb.AddHook(hook(func(ctx context.Context, cmd redis.Cmder, next redis.ProcessHook) error {
				seen++
				if seen == stop+1 {
					server.Pause()
				}
				return next(ctx, cmd)
			}))
			all.Go(func() {
				checkUnavailable(t, fmt.Sprintf("%s, paused before command %d", test.name, stop+1), func() error { return test.call(client) })
			})
		}
	}
	all.Wait()
}

// TestRedisThatCannotServeYet answers, but so that the same call later may do.
func TestRedisThatCannotServeYet(t *testing.T) {
	t.Parallel()
	for _, reply := range []string{
		"LOADING Redis is loading the dataset in memory",
		"READONLY You can't write against a read only replica.",
		"MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
		"CLUSTERDOWN The cluster is down",
	} {
		err := enqueueAnswered(t, reply)
		if !errors.Is(err, tasks.ErrUnavailable) {
			t.Errorf("%s: %v, want ErrUnavailable", reply, err)
		}
	}
	for _, reply := range []string{
		"OOM command not allowed when used memory > 'maxmemory'.",
		"NOAUTH Authentication required.",
		"NOPERM this user has no permissions to run the 'evalsha' command",
	} {
		err := enqueueAnswered(t, reply)
		if err == nil || errors.Is(err, tasks.ErrUnavailable) || !strings.Contains(err.Error(), reply) {
			t.Errorf("%s: %v, want Redis's own words", reply, err)
		}
	}
}

// enqueueAnswered enqueues on a Redis that gives but one reply.
func enqueueAnswered(t *testing.T, reply string) error {
	t.Helper()
	server := miniredis.RunT(t)
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr(), MaxRetries: -1})
	t.Cleanup(func() { _ = rdb.Close() })
	if err := rdb.Ping(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	server.SetError(reply)
	_, err := tasks.NewClient(rdb).Enqueue(t.Context(), letter())
	return err
}

// TestDirectoryOfSomebodyElse is no outage: waiting mends nothing.
func TestDirectoryOfSomebodyElse(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	publish(t, rdb, directory.Listing{Accounts: []directory.Account{{Address: "shop@example.com"}}})
	if err := rdb.HSet(t.Context(), "postroom:{directory}:entries", "account:shop@example.com", "?").Err(); err != nil {
		t.Fatal(err)
	}
	_, err := tasks.NewClient(rdb).Enqueue(t.Context(), letter())
	if !errors.Is(err, directory.ErrEntry) || errors.Is(err, tasks.ErrUnavailable) {
		t.Errorf("Enqueue: %v, want ErrEntry", err)
	}
}

func TestCallersContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := tasks.NewClient(embedded(t)).Enqueue(ctx, letter())
	if !errors.Is(err, tasks.ErrUnavailable) || !errors.Is(err, context.Canceled) {
		t.Errorf("Enqueue under a context that is over: %v, want ErrUnavailable and the context's error", err)
	}
}
