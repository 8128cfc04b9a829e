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
	if err != nil && (strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "UNKNOWN")) {
		t.Errorf("%s: %q, want one line, and none of asynq's words", what, err)
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
	for reply, refused := range map[string]bool{
		"OOM command not allowed when used memory > 'maxmemory'.":          false,
		"NOAUTH Authentication required.":                                  true,
		"WRONGPASS invalid username-password pair or user is disabled.":    true,
		"NOPERM this user has no permissions to run the 'evalsha' command": true,
	} {
		err := enqueueAnswered(t, reply)
		if err == nil || errors.Is(err, tasks.ErrUnavailable) || !strings.Contains(err.Error(), reply) || errors.Is(err, tasks.ErrLoginRefused) != refused {
			t.Errorf("%s: %v, want Redis's own words, ErrLoginRefused: %v", reply, err, refused)
		}
	}
}

// TestLoginRefused asks a real Redis, at each door, as users who may not.
func TestLoginRefused(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	rdb := server.Client()
	enqueue(t, tasks.NewClient(rdb), letter(), tasks.WithID("a"))
	for _, user := range [][]any{
		{"mute", "on", ">hunter2", "~*", "-@all"},
		{"noQueues", "on", ">hunter2", "+@all", "~postroom:*"},
		{"noTasks", "on", ">hunter2", "+@all", "~postroom:*", "~asynq:queues"},
	} {
		if err := rdb.Do(t.Context(), append([]any{"ACL", "SETUSER"}, user...)...).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		url, says        string
		enqueues, status bool // What that user may do.
	}{
		{"redis://eve:hunter2@" + server.Addr, "WRONGPASS", false, false},
		{"redis+cluster://eve:hunter2@" + server.Addr, "WRONGPASS", false, false},
		{"redis+sentinel://eve:hunter2@" + server.Addr + "?master_name=mymaster", "WRONGPASS", false, false},
		{"redis://mute:hunter2@" + server.Addr, "NOPERM", false, false},
		{"redis://noQueues:hunter2@" + server.Addr, "NOPERM", false, false},
		{"redis://noTasks:hunter2@" + server.Addr, "NOPERM", false, true},
	} {
		client := tasks.NewClient(open(t, test.url))
		_, own := client.Enqueue(t.Context(), letter())
		_, given := client.Enqueue(t.Context(), letter(), tasks.WithID("b"))
		_, asked := client.Status(t.Context(), "a")
		for what, err := range map[string]error{"Enqueue": own, "Enqueue with an ID": given, "Status": asked} {
			if test.status && what == "Status" {
				continue
			}
			if !errors.Is(err, tasks.ErrLoginRefused) || errors.Is(err, tasks.ErrUnavailable) ||
				!strings.HasPrefix(err.Error(), "Redis refused the login: check user and password in REDIS_URL") || !strings.Contains(err.Error(), ": "+test.says+" ") {
				t.Errorf("%s as %s: %v; want ErrLoginRefused, and %s", what, test.url, err, test.says)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%s as %s: the error has the password", what, test.url)
			}
		}
	}
}

// TestLoginRefusedLater is a password that was changed under an app: the error
// comes with the reservation and the task, in one pipeline.
func TestLoginRefusedLater(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	user := []any{"ACL", "SETUSER", "eve", "on", ">hunter2", "~*", "&*", "+@all"}
	if err := server.Client().Do(t.Context(), user...).Err(); err != nil {
		t.Fatal(err)
	}
	client := tasks.NewClient(open(t, "redis://eve:hunter2@"+server.Addr))
	enqueue(t, client, letter())
	if err := server.Client().Do(t.Context(), "ACL", "DELUSER", "eve").Err(); err != nil {
		t.Fatal(err)
	}
	_, _ = client.Enqueue(t.Context(), letter()) // It may still meet the connection that was closed.
	if _, err := client.Enqueue(t.Context(), letter()); !errors.Is(err, tasks.ErrLoginRefused) {
		t.Errorf("%v, want ErrLoginRefused", err)
	}
}

// TestSentinelsThatLeadNowhere says of a URL what is wrong with it.
func TestSentinelsThatLeadNowhere(t *testing.T) {
	t.Parallel()
	sentinel := redistest.StartSentinel(t, 0)
	for url, says := range map[string]string{
		strings.Replace(sentinel.URL(), "master_name=", "master_name=not-", 1): "the sentinels know no master",
		"redis+sentinel://" + sentinel.Master().Addr + "?master_name=mymaster": "what answers is no sentinel",
	} {
		client := tasks.NewClient(open(t, url))
		_, err := client.Enqueue(t.Context(), letter())
		_, asked := client.Status(t.Context(), "a")
		for what, err := range map[string]error{"Enqueue": err, "Status": asked} {
			if !errors.Is(err, tasks.ErrUnavailable) || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v; want ErrUnavailable, and %s", what, err, says)
			}
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

// TestCallerCancels cancels a call before every single command of it: that is
// none of Redis's fault.
func TestCallerCancels(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	enqueue(t, tasks.NewClient(server.Client()), letter(), tasks.WithID("a"))
	cause := errors.New("the app stops")
	for name, call := range map[string]func(context.Context, *tasks.Client) error{
		"Enqueue": func(ctx context.Context, c *tasks.Client) error {
			_, err := c.Enqueue(ctx, letter())
			return err
		},
		"Enqueue with an ID": func(ctx context.Context, c *tasks.Client) error {
			_, err := c.Enqueue(ctx, letter(), tasks.WithID("b"))
			return err
		},
		"Status": func(ctx context.Context, c *tasks.Client) error {
			_, err := c.Status(ctx, "a")
			return err
		},
		"Cancel": func(ctx context.Context, c *tasks.Client) error { return c.Cancel(ctx, "a") },
	} {
		for stop := 1; ; stop++ {
			ctx, cancel := context.WithCancelCause(t.Context())
			rdb := open(t, server.URL())
			seen := 0
			count := func(cmd redis.Cmder) {
				if cmd.Name() == "hello" || cmd.Name() == "client" {
					return // A connection's own, which may be another goroutine's.
				}
				seen++
				if seen == stop {
					cancel(cause)
				}
			}
			rdb.AddHook(hook(func(ctx context.Context, cmd redis.Cmder, next redis.ProcessHook) error {
				count(cmd)
				return next(ctx, cmd)
			}))
			rdb.AddHook(pipes(func(ctx context.Context, cmds []redis.Cmder, next redis.ProcessPipelineHook) error {
				count(cmds[0])
				return next(ctx, cmds)
			}))
			err := call(ctx, tasks.NewClient(rdb))
			cancel(nil)
			if seen < stop && err == nil {
				break // It went through: this was one more command than there are.
			}
			if !errors.Is(err, context.Canceled) || !errors.Is(err, cause) || errors.Is(err, tasks.ErrUnavailable) ||
				err.Error() != "cancelled before Redis answered" {
				t.Fatalf("%s, cancelled before command %d: %v; want context.Canceled, and its cause", name, stop, err)
			}
		}
	}
}

// TestCallersDeadline is an outage, as far as the caller can know.
func TestCallersDeadline(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client := tasks.NewClient(open(t, server.URL()))
	enqueue(t, client, letter()) // It has looked into the directory.
	server.Pause()
	for name, opts := range map[string][]tasks.Option{"Enqueue": nil, "Enqueue with an ID": {tasks.WithID("a")}} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		checkUnavailable(t, name, func() error {
			_, err := client.Enqueue(ctx, letter(), opts...)
			if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v, want context.DeadlineExceeded", name, err)
			}
			return err
		})
		cancel()
	}
}
