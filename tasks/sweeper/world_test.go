package sweeper_test

import (
	"context"
	"fmt"
	"hash/crc32"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/mailertest"
	"github.com/postroom/postroom/mailer/templates"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/blobs"
	"github.com/postroom/postroom/tasks/budget"
	"github.com/postroom/postroom/tasks/delivery"
	"github.com/postroom/postroom/tasks/directory"
	"github.com/postroom/postroom/tasks/ledger"
	"github.com/postroom/postroom/tasks/sweeper"
)

const (
	shop  = "shop@example.com"
	queue = "default:" + shop
)

// world is a Redis with a producer and a Sweeper, and an asynq whose keys the
// tests put out of order.
type world struct {
	t         *testing.T
	redis     *redistest.Server
	rdb       redis.UniversalClient
	client    *tasks.Client
	ledger    *ledger.Ledger
	inspector *asynq.Inspector
	cfg       sweeper.Config
	log       *observer.ObservedLogs
}

func newWorld(t *testing.T) *world {
	t.Helper()
	server := redistest.Start(t)
	w := worldOn(t, server.Client())
	w.redis = server
	return w
}

func worldOn(t *testing.T, rdb redis.UniversalClient) *world {
	t.Helper()
	core, log := observer.New(zapcore.DebugLevel)
	w := &world{
		t: t, rdb: rdb, client: tasks.NewClient(rdb), ledger: ledger.New(rdb, ledger.Lifetimes{}),
		inspector: asynq.NewInspectorFromRedisClient(rdb), log: log,
	}
	w.cfg = sweeper.Config{
		Redis: rdb, Ledger: w.ledger, Blobs: blobs.New(rdb), Directory: directory.New(rdb), Requeue: w.client.Requeue,
		Rate: 1_000_000, Log: zap.New(core),
	}
	w.publish(directory.Account{Address: shop, Default: true})
	return w
}

func (w *world) publish(accounts ...directory.Account) {
	w.t.Helper()
	if err := directory.New(w.rdb).Publish(w.t.Context(), directory.Listing{Accounts: accounts}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) sweeper() *sweeper.Sweeper {
	w.t.Helper()
	s, err := sweeper.New(w.cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// sweep is a round by a Sweeper that knows nothing of earlier ones.
func (w *world) sweep() {
	w.t.Helper()
	w.round(w.sweeper())
}

func (w *world) round(s *sweeper.Sweeper) {
	w.t.Helper()
	if err := s.Sweep(w.t.Context()); err != nil {
		w.t.Fatalf("Sweep: %v", err)
	}
}

// run runs a Sweeper until the test ends or stop is called.
func (w *world) run(s *sweeper.Sweeper) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Run(ctx)
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		<-done
	})
	w.t.Cleanup(stop)
	return stop
}

// hello is a mail that nothing is wrong with.
func hello() tasks.Email {
	return tasks.Email{To: tasks.Addresses{"Ada <ada@example.org>"}, Subject: "Hello", Text: "Hello, Ada.\n"}
}

// enqueue accepts a mail, a quarter of an hour ago.
func (w *world) enqueue(e tasks.Email, opts ...tasks.Option) string {
	w.t.Helper()
	id := w.enqueueNow(e, opts...)
	w.age(id, 15*time.Minute)
	return id
}

func (w *world) enqueueNow(e tasks.Email, opts ...tasks.Option) string {
	w.t.Helper()
	receipt, err := w.client.Enqueue(w.t.Context(), e, opts...)
	if err != nil {
		w.t.Fatal(err)
	}
	return receipt.ID
}

// age makes what the ledger has of a mail so old, and nobody has looked at it.
func (w *world) age(ids string, by time.Duration) {
	w.t.Helper()
	ctx, past := w.t.Context(), time.Now().Add(-by).UnixMilli()
	for _, field := range []string{"enqueued", "updated"} {
		if w.rdb.HExists(ctx, recordKey(ids), field).Val() {
			w.must(w.rdb.HSet(ctx, recordKey(ids), field, past).Err())
		}
	}
	w.must(w.rdb.ZAddXX(ctx, indexKey(ids, "open"), redis.Z{Score: float64(past), Member: ids}).Err())
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func shardOf(id string) int { return int(crc32.ChecksumIEEE([]byte(id)) % ledger.Shards) }

func recordKey(id string) string { return fmt.Sprintf("postroom:{%d}:mail:%s", shardOf(id), id) }

func indexKey(id, index string) string { return fmt.Sprintf("postroom:{%d}:%s", shardOf(id), index) }

// key is one of asynq's of the queue.
func key(what string) string { return "asynq:{" + queue + "}:" + what }

func (w *world) record(id string) ledger.Record {
	w.t.Helper()
	rec, err := w.ledger.Look(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return rec
}

// stands holds a mail's state in the ledger.
func (w *world) stands(id string, want ledger.State) ledger.Record {
	w.t.Helper()
	rec := w.record(id)
	if rec.State != want {
		w.t.Errorf("the ledger has %s as %s (%s), want %s", id, rec.State, rec.Error, want)
	}
	return rec
}

// task holds the state of a mail's task in asynq; 0 for none.
func (w *world) task(id string, want asynq.TaskState) {
	w.t.Helper()
	info, err := w.inspector.GetTaskInfo(queue, id)
	var got asynq.TaskState
	if err == nil {
		got = info.State
	}
	if got != want {
		w.t.Errorf("asynq has the task of %s as %v (%v), want %v", id, got, err, want)
	}
}

// listed holds in which of its queue's lists a mail is.
func (w *world) listed(id string, want ...string) {
	w.t.Helper()
	ctx := w.t.Context()
	var in []string
	for _, list := range []string{"pending", "active"} {
		for _, one := range w.rdb.LRange(ctx, key(list), 0, -1).Val() {
			if one == id {
				in = append(in, list)
			}
		}
	}
	for _, set := range []string{"lease", "scheduled", "retry", "archived"} {
		if w.rdb.ZScore(ctx, key(set), id).Err() == nil {
			in = append(in, set)
		}
	}
	if !slices.Equal(in, want) {
		w.t.Errorf("%s is in %q, want it in %q", id, in, want)
	}
}

// take makes a pending mail one that a worker has taken, with a lease until then.
func (w *world) take(id string, lease time.Time) {
	w.t.Helper()
	ctx := w.t.Context()
	w.must(w.rdb.LRem(ctx, key("pending"), 0, id).Err())
	w.must(w.rdb.LPush(ctx, key("active"), id).Err())
	w.must(w.rdb.HSet(ctx, key("t:"+id), "state", "active").Err())
	w.must(w.rdb.ZAdd(ctx, key("lease"), redis.Z{Score: float64(lease.Unix()), Member: id}).Err())
}

// found holds what the Sweeper said that it found, in any order.
func (w *world) found(want ...string) {
	w.t.Helper()
	lines := w.log.FilterMessage("mail mended").All()
	got := make([]string, len(lines))
	for i, line := range lines {
		got[i], _ = line.ContextMap()["found"].(string)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.t.Errorf("found %q, want %q", got, want)
	}
}

// limit is how long a test waits for what must happen.
const limit = 40 * time.Second

func (w *world) eventually(what string, done func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(limit); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			for _, line := range w.log.All() {
				w.t.Log(line.Level, line.Message, line.ContextMap())
			}
			w.t.Fatalf("not within %v: %s", limit, what)
		}
	}
}

// work runs real workers until the test ends.
func (w *world) work(sender mailer.Sender) {
	w.t.Helper()
	pool, err := delivery.NewPool(delivery.Config{
		Redis:    w.rdb,
		Accounts: []delivery.Account{{Address: shop, From: mailer.Address{Address: shop}, Default: true, Sender: sender}},
		Renderer: templates.Builtin(), Ledger: w.ledger, Blobs: blobs.New(w.rdb),
		Budget: budget.New(w.rdb, budget.WithDefaults(func(string) budget.Limits { return budget.Limits{} })), Concurrency: 16,
	})
	w.must(err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- pool.Run(ctx) }()
	w.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Errorf("Run: %v", err)
		}
	})
}

// goesOut holds that workers send a mail, once.
func (w *world) goesOut(id string) {
	w.t.Helper()
	var recorder mailertest.Recorder
	w.work(&recorder)
	w.eventually(id+" is sent", func() bool { return w.record(id).State == ledger.Sent })
	w.eventually("its task is done", func() bool { return w.rdb.Exists(w.t.Context(), key("t:"+id)).Val() == 0 })
	if n := len(recorder.Messages()); n != 1 {
		w.t.Errorf("%d messages went out, want 1", n)
	}
	w.listed(id)
}
