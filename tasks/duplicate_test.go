package tasks_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/directory"
	"github.com/postroom/postroom/tasks/ledger"
)

// hook is a client hook around every single command.
type hook func(ctx context.Context, cmd redis.Cmder, next redis.ProcessHook) error

func (h hook) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h hook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (h hook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error { return h(ctx, cmd, next) }
}

// pipes is a hook on pipelines.
type pipes func(ctx context.Context, cmds []redis.Cmder, next redis.ProcessPipelineHook) error

func (pipes) DialHook(next redis.DialHook) redis.DialHook          { return next }
func (pipes) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (p pipes) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error { return p(ctx, cmds, next) }
}

// isTask tells the script with which asynq adds a task from ours.
func isTask(cmd redis.Cmder) bool {
	const script, keys, key = 0, 2, 3
	args := cmd.Args()
	if name, _ := args[script].(string); !strings.HasPrefix(name, "eval") || len(args) <= key || args[keys] == 0 {
		return false
	}
	name, _ := args[key].(string)
	return strings.HasPrefix(name, "asynq:")
}

// another is a client of the same server, for a hook of its own.
func another(t *testing.T, rdb *redis.Client) *redis.Client {
	t.Helper()
	other := redis.NewClient(&redis.Options{Addr: rdb.Options().Addr, ContextTimeoutEnabled: true})
	t.Cleanup(func() { _ = other.Close() })
	return other
}

var errCut = errors.New("cut by the test")

// checkOneTask checks that one mail is all that was accepted.
func checkOneTask(t *testing.T, rdb redis.UniversalClient) {
	t.Helper()
	if n := countTasks(t, rdb); n != 1 {
		t.Errorf("%d tasks, want 1", n)
	}
}

func TestSameAgain(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		client := tasks.NewClient(rdb, tasks.WithID("order-1041"))
		first := enqueue(t, client, letter())
		if first.Duplicate {
			t.Error("the first is a duplicate")
		}
		for name, opts := range map[string][]tasks.Option{
			"the same":         nil,
			"in another lane":  {tasks.OnLane(tasks.Critical)},
			"among the bulk":   {tasks.OnLane(tasks.Bulk)},
			"at another time":  {tasks.In(time.Hour)},
			"expiring earlier": {tasks.ExpiresIn(time.Minute)},
		} {
			again := enqueue(t, client, letter(), opts...)
			if !again.Duplicate || again.ID != first.ID || again.Queue != first.Queue {
				t.Errorf("%s: %+v; want a duplicate of %+v", name, again, first)
			}
		}
		checkOneTask(t, rdb)
		if e := decoded(t, rdb, first); e.OnUnknown != tasks.Resend {
			t.Errorf("on_unknown %q, want that of the first lane", e.OnUnknown)
		}

		// Nor by a Redis that has forgotten all scripts.
		if err := rdb.ScriptFlush(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		if again := enqueue(t, client, letter()); !again.Duplicate {
			t.Errorf("after SCRIPT FLUSH: %+v; want a duplicate", again)
		}

		// Nor where another rule is said, which is no part of the mail.
		held := letter()
		held.OnUnknown = tasks.Hold
		if again := enqueue(t, client, held); !again.Duplicate || decoded(t, rdb, first).OnUnknown != tasks.Resend {
			t.Errorf("with another rule: %+v; want a duplicate, and the rule as it was", again)
		}

		// Nor where the default account has become known since.
		publish(t, rdb, directory.Listing{Accounts: []directory.Account{{Address: "shop@example.com", Default: true}}})
		if again := enqueue(t, tasks.NewClient(rdb), letter(), tasks.WithID("order-1041")); !again.Duplicate || again.Queue != "default" {
			t.Errorf("with an account: %+v; want a duplicate in queue default", again)
		}
		checkOneTask(t, rdb)
	})
}

func TestAnotherMailUnderTheSameID(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		client := tasks.NewClient(rdb, tasks.WithID("order-1041"))
		enqueue(t, client, letter())
		other := letter()
		other.Text = "Goodbye, Ada."
		_, err := client.Enqueue(t.Context(), other)
		if !errors.Is(err, tasks.ErrIDTaken) || errors.Is(err, tasks.ErrUnavailable) {
			t.Errorf("another text: %v, want ErrIDTaken", err)
		}
		checkOneTask(t, rdb)
	})
}

// TestADuplicateSaysWhenItGoes: not when this call would have it.
func TestADuplicateSaysWhenItGoes(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		client := tasks.NewClient(rdb)
		later := enqueue(t, client, letter(), tasks.WithID("later"), tasks.In(time.Hour))
		if later.State != "" {
			t.Errorf("the first is %q, want no state: it is no duplicate", later.State)
		}
		again := enqueue(t, client, letter(), tasks.WithID("later"), tasks.In(2*time.Hour))
		if !again.ProcessAt.Equal(later.ProcessAt) || again.ProcessAt.Location() != time.UTC || again.State != "scheduled" {
			t.Errorf("again, for later: %+v; want it scheduled for %v", again, later.ProcessAt)
		}
		enqueue(t, client, letter(), tasks.WithID("now"))
		if again := enqueue(t, client, letter(), tasks.WithID("now"), tasks.In(time.Hour)); !again.ProcessAt.IsZero() || again.State != "queued" {
			t.Errorf("again, of what was due at once: %+v; want it queued, and no time", again)
		}
		if err := client.Cancel(t.Context(), "later"); err != nil {
			t.Fatal(err)
		}
		if again := enqueue(t, client, letter(), tasks.WithID("later")); !again.Duplicate || !again.ProcessAt.IsZero() || again.State != "cancelled" {
			t.Errorf("again, of what was cancelled: %+v; want it cancelled, and no time", again)
		}
	})
}

func TestSameAgainAfterItWasSettled(t *testing.T) {
	t.Parallel()
	for _, state := range []ledger.State{ledger.Sent, ledger.Failed, ledger.Unknown, ledger.Expired, ledger.Retrying, ledger.Waiting} {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			rdb := embedded(t)
			client := tasks.NewClient(rdb, tasks.WithID("order-1041"))
			enqueue(t, client, letter())
			change := ledger.Change{Token: "t", To: state, GmailID: "18c2"}
			if _, ok, err := ledger.New(rdb, ledger.Lifetimes{}).Finish(t.Context(), "order-1041", change); err != nil || !ok {
				t.Fatal(ok, err)
			}
			if err := rdb.Del(t.Context(), "asynq:{default}:t:order-1041", "asynq:{default}:pending").Err(); err != nil {
				t.Fatal(err)
			}
			if again := enqueue(t, client, letter()); !again.Duplicate || again.State != tasks.State(state) || !again.ProcessAt.IsZero() {
				t.Errorf("%+v; want a duplicate that is %s", again, state)
			}
			if n := countTasks(t, rdb); n != 0 {
				t.Errorf("%d tasks were queued again", n)
			}
		})
	}
}

// TestEnqueueThatBrokeOff breaks off between the reservation and the task: the
// same call finishes it, and nothing was accepted before.
func TestEnqueueThatBrokeOff(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		cut := true
		breaking := another(t, rdb)
		breaking.AddHook(hook(func(ctx context.Context, cmd redis.Cmder, next redis.ProcessHook) error {
			if cut && isTask(cmd) {
				return errCut
			}
			return next(ctx, cmd)
		}))
		client := tasks.NewClient(breaking)
		if _, err := client.Enqueue(t.Context(), letter(), tasks.WithID("a")); !errors.Is(err, tasks.ErrUnavailable) {
			t.Fatalf("Enqueue: %v, want ErrUnavailable", err)
		}
		cut = false
		if _, err := client.Status(t.Context(), "a"); !errors.Is(err, tasks.ErrNotFound) {
			t.Errorf("Status of what was never accepted: %v, want ErrNotFound", err)
		}
		other := letter()
		other.Text = "Goodbye."
		if _, err := client.Enqueue(t.Context(), other, tasks.WithID("a")); !errors.Is(err, tasks.ErrIDTaken) {
			t.Errorf("another mail: %v, want ErrIDTaken", err)
		}
		again := enqueue(t, client, letter(), tasks.WithID("a"), tasks.OnLane(tasks.Critical))
		if again.Duplicate || again.Queue != "default" {
			t.Errorf("the same again: %+v; want it accepted, in the queue that was reserved", again)
		}
		taskOf(t, rdb, again)
		if !enqueue(t, client, letter(), tasks.WithID("a")).Duplicate {
			t.Error("the third is no duplicate")
		}
		checkOneTask(t, rdb)
	})
}

// TestLostReplies cuts the connection behind Redis's answer: go-redis repeats
// the call, which meets what it wrote itself.
func TestLostReplies(t *testing.T) {
	t.Parallel()
	for _, lost := range []string{"reservation", "task", "both"} {
		t.Run(lost, func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t)
			proxy := startProxy(t, server.Addr)
			rdb := redis.NewClient(&redis.Options{Addr: proxy.addr(), ContextTimeoutEnabled: true, MinRetryBackoff: time.Millisecond})
			t.Cleanup(func() { _ = rdb.Close() })
			client := tasks.NewClient(rdb)
			enqueue(t, client, letter()) // Scripts are loaded now: what is lost is an answer.
			var seen int
			rdb.AddHook(hook(func(ctx context.Context, cmd redis.Cmder, next redis.ProcessHook) error {
				if name := cmd.Name(); (name == "evalsha") && (isTask(cmd) && lost != "reservation" || !isTask(cmd) && lost != "task") {
					seen++
					proxy.loseNextReply()
				}
				return next(ctx, cmd)
			}))
			rdb.AddHook(pipes(func(ctx context.Context, cmds []redis.Cmder, next redis.ProcessPipelineHook) error {
				if len(cmds) == 2 && isTask(cmds[1]) {
					seen++
					proxy.loseNextReply()
				}
				return next(ctx, cmds)
			}))
			for _, opts := range [][]tasks.Option{nil, {tasks.WithID("order-1041")}} {
				before := seen
				if r := enqueue(t, client, letter(), opts...); r.Duplicate {
					t.Errorf("%+v: its own first write made it a duplicate", r)
				}
				if seen == before {
					t.Error("no reply was lost")
				}
			}
			if n := countTasks(t, server.Client()); n != 3 {
				t.Errorf("%d tasks, want 3", n)
			}
			if lost := proxy.lost(); lost < 2 {
				t.Errorf("the proxy lost %d replies, want 2 or more", lost)
			}
		})
	}
}

// TestOneRoundTrip holds that a mail whose ID is the call's own is reserved and
// queued in one pipeline, the reservation first, also by a Redis that has
// forgotten all scripts.
func TestOneRoundTrip(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	client := tasks.NewClient(rdb)
	enqueue(t, client, letter()) // Whatever comes once has come.
	var calls []string
	rdb.AddHook(hook(func(ctx context.Context, cmd redis.Cmder, next redis.ProcessHook) error {
		calls = append(calls, cmd.Name())
		return next(ctx, cmd)
	}))
	rdb.AddHook(pipes(func(ctx context.Context, cmds []redis.Cmder, next redis.ProcessPipelineHook) error {
		if len(cmds) != 2 || isTask(cmds[0]) || !isTask(cmds[1]) {
			t.Errorf("a pipeline of %v; want the reservation, then the task", cmds)
		}
		calls = append(calls, "pipeline")
		return next(ctx, cmds)
	}))
	enqueue(t, client, letter())
	if !slices.Equal(calls, []string{"pipeline"}) {
		t.Errorf("Enqueue made the calls %v, want one pipeline", calls)
	}
	if err := rdb.ScriptFlush(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	after := enqueue(t, client, letter())
	s, err := client.Status(t.Context(), after.ID)
	if err != nil || s.State != "queued" || s.EnqueuedAt.IsZero() {
		t.Errorf("after SCRIPT FLUSH: %+v, %v; want it reserved and queued", s, err)
	}
}

// TestOvertaken has another call finish the Enqueue that it takes for broken
// off: one of the two was first, not both.
func TestOvertaken(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		var other tasks.Receipt
		slow := another(t, rdb)
		slow.AddHook(hook(func(ctx context.Context, cmd redis.Cmder, next redis.ProcessHook) error {
			if isTask(cmd) && other.ID == "" {
				other = enqueue(t, tasks.NewClient(rdb), letter(), tasks.WithID("a"))
			}
			return next(ctx, cmd)
		}))
		first := enqueue(t, tasks.NewClient(slow), letter(), tasks.WithID("a"))
		if other.Duplicate || !first.Duplicate || first.State != "queued" {
			t.Errorf("duplicate: %v who overtook, %v who was overtaken; want false, true", other.Duplicate, first.Duplicate)
		}
		checkOneTask(t, rdb)
	})
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	clients := make([]*tasks.Client, 4)
	for i := range clients {
		clients[i] = tasks.NewClient(server.Client())
	}
	const rounds, callers = 10, 32
	for round := range rounds {
		id := fmt.Sprintf("order-%d", round)
		var callersDone sync.WaitGroup
		var mu sync.Mutex
		var first int
		start := make(chan struct{})
		for i := range callers {
			callersDone.Go(func() {
				<-start
				r, err := clients[i%len(clients)].Enqueue(t.Context(), letter(), tasks.WithID(id))
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
				} else if !r.Duplicate {
					first++
				}
			})
		}
		close(start)
		callersDone.Wait()
		if first != 1 {
			t.Errorf("%s: %d of %d calls were no duplicate, want 1", id, first, callers)
		}
	}
	if n := countTasks(t, server.Client()); n != rounds {
		t.Errorf("%d tasks, want %d", n, rounds)
	}
}

func TestOwnIDsAreNoDuplicates(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	client := tasks.NewClient(rdb)
	if a, b := enqueue(t, client, letter()), enqueue(t, client, letter()); a.ID == b.ID || a.Duplicate || b.Duplicate {
		t.Errorf("two calls without an ID: %+v, %+v; want two mails", a, b)
	}
	if n := countTasks(t, rdb); n != 2 {
		t.Errorf("%d tasks, want 2", n)
	}
}
