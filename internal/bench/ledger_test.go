//go:build bench

package bench_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/blobs"
	"github.com/postroom/postroom/tasks/budget"
	"github.com/postroom/postroom/tasks/delivery"
	"github.com/postroom/postroom/tasks/ledger"
)

// What the ledger is held to.
const (
	sentBytes     = 350                   // In Redis, of a mail that was sent.
	longestScript = 10 * time.Millisecond // With so many records:
	manyRecords   = 1_000_000
	manyFailures  = 12_000
)

// TestLedgerBytes measures what a sent mail takes in Redis, indexes included.
func TestLedgerBytes(t *testing.T) { //nolint:paralleltest // As above.
	const sent = 100_000
	rdb := redistest.Start(t).Client()
	l := ledger.New(rdb, ledger.Lifetimes{})
	sendThrough(t, l, newID()) // Connections and scripts are there from here on.
	before := infoNumber(t, rdb, "memory", "used_memory")
	var senders sync.WaitGroup
	for range 4 {
		senders.Go(func() {
			for range sent / 4 {
				sendThrough(t, l, newID())
			}
		})
	}
	senders.Wait()
	bytes := float64(infoNumber(t, rdb, "memory", "used_memory")-before) / sent
	show(t, "ledger: bytes a mail sent, indexes included", math.Round(bytes), "", atMost(sentBytes), fmt.Sprintf("%d mails", sent))
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// reservation is a mail's as Enqueue makes it.
func reservation() ledger.Reservation {
	return ledger.Reservation{Queue: tasks.QueueName(tasks.Default, sender), Hash: "0123456789abcdefghijkl"}
}

// sendThrough takes a mail through the ledger as its producer and worker do.
func sendThrough(t *testing.T, l *ledger.Ledger, id string) {
	t.Helper()
	if _, _, err := l.Reserve(t.Context(), id, reservation()); err != nil {
		t.Error(err)
	}
	claim, err := l.Begin(t.Context(), id, ledger.Attempt{Token: "abcdefghijk", Lease: time.Minute, Account: sender, Limit: 12})
	if err != nil || !claim.Won {
		t.Error(claim, err)
	}
	_, ok, err := l.Finish(t.Context(), id, ledger.Change{
		Token: "abcdefghijk", To: ledger.Sent, Claimed: true, Used: true, GmailID: "18c2f0a3b1d40004", ThreadID: "18c2f0a3b1d40004",
	})
	if err != nil || !ok {
		t.Error(ok, err)
	}
}

// infoNumber reads a number of Redis's INFO.
func infoNumber(tb testing.TB, rdb *redis.Client, section, name string) int64 {
	tb.Helper()
	info, err := rdb.Info(tb.Context(), section).Result()
	if err != nil {
		tb.Fatal(err)
	}
	for line := range strings.Lines(info) {
		if value, found := strings.CutPrefix(strings.TrimSpace(line), name+":"); found {
			n, err := strconv.ParseInt(value, 10, 64)
			if err != nil {
				tb.Fatal(err)
			}
			return n
		}
	}
	tb.Fatalf("INFO %s has no %s", section, name)
	return 0
}

// TestLedgerWithAMillionRecords runs every script beside a million open mails
// and asks Redis for the slowest.
func TestLedgerWithAMillionRecords(t *testing.T) { //nolint:paralleltest // As above.
	rdb := redistest.Start(t).Client()
	l := ledger.New(rdb, ledger.Lifetimes{})
	sendThrough(t, l, newID())
	fillLedger(t, rdb, l)
	const worthLogging = 200 * time.Microsecond // What is faster counts as this.
	check(t, rdb.ConfigSet(t.Context(), "slowlog-log-slower-than", strconv.FormatInt(worthLogging.Microseconds(), 10)).Err())
	check(t, rdb.ConfigSet(t.Context(), "slowlog-max-len", "100000").Err())
	check(t, rdb.ConfigResetStat(t.Context()).Err())
	check(t, rdb.Do(t.Context(), "SLOWLOG", "RESET").Err())
	for range 2000 {
		everyScript(t, l, newID())
	}
	entries, err := rdb.SlowLogGet(t.Context(), -1).Result()
	check(t, err)
	scripts := scriptCalls(t, rdb)
	var slow []time.Duration
	for _, e := range entries {
		if strings.HasPrefix(strings.ToLower(e.Args[0]), "eval") {
			slow = append(slow, e.Duration)
		}
	}
	slices.Sort(slow)
	// Redis's clock goes on while the machine has something else to do: a few
	// calls in ten thousand tell of that, and not of their script.
	p999, most := worthLogging, worthLogging
	if n := len(slow) - scripts/1000; n > 0 {
		p999 = slow[n-1]
	}
	if len(slow) > 0 {
		most = slow[len(slow)-1]
	}
	show(t, "ledger: scripts beside 1,000,000 records, p99.9", float64(p999)/float64(time.Millisecond), " ms",
		atMost(float64(longestScript)/float64(time.Millisecond)), fmt.Sprintf("%d calls, the longest took %v", scripts, most))
	if scripts < 20_000 {
		t.Errorf("%d scripts were measured, want 20,000 at least", scripts)
	}
}

// scriptCalls is how many scripts Redis has run since its counts were reset.
func scriptCalls(t *testing.T, rdb *redis.Client) int {
	t.Helper()
	stats, err := rdb.Info(t.Context(), "commandstats").Result()
	check(t, err)
	_, after, found := strings.Cut(stats, "cmdstat_evalsha:calls=")
	if !found {
		t.Fatal("no scripts in ", stats)
	}
	calls, _, _ := strings.Cut(after, ",")
	n, err := strconv.Atoi(calls)
	check(t, err)
	return n
}

// fillLedger reserves a million mails, many in a round trip.
func fillLedger(t *testing.T, rdb *redis.Client, l *ledger.Ledger) {
	t.Helper()
	const together = 1000
	for range manyRecords / together {
		pipe := rdb.Pipeline()
		for range together {
			l.ReserveIn(t.Context(), pipe, newID(), reservation())
		}
		if _, err := pipe.Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// everyScript takes a mail through all that the ledger can do with one.
func everyScript(t *testing.T, l *ledger.Ledger, id string) {
	t.Helper()
	ctx := t.Context()
	claim := func(token string) {
		check(t, last(l.Begin(ctx, id, ledger.Attempt{Token: token, Lease: time.Minute, Account: sender, Limit: 12})))
	}
	end := func(token string, c ledger.Change) {
		c.Token, c.Claimed, c.Used = token, true, true
		check(t, last(l.Finish(ctx, id, c)))
	}
	check(t, last(l.Reserve(ctx, id, reservation())))
	claim("1")
	end("1", ledger.Change{To: ledger.Retrying, Error: "temporary 503"})
	claim("2")
	end("2", ledger.Change{To: ledger.Unknown, LookUp: true, Error: "unknown: cut"})
	check(t, last(l.Looked(ctx, id, ledger.LookUp{Absent: true, Resend: true, Limit: 12}, ledger.Absence{Times: 1, Most: 1})))
	claim("3")
	end("3", ledger.Change{To: ledger.Failed, Error: "permanent 400"})
	check(t, last(l.Keep(ctx, id, []byte(`{"v":1}`))))
	check(t, last(l.Reopen(ctx, id, ledger.Round{})))
	check(t, last(l.Lose(ctx, id, 0)))
	check(t, last(l.Settle(ctx, id, ledger.Failed)))
	check(t, last(l.Open(ctx, 0, 0, 100)))
	check(t, l.Seen(ctx, 0, id))
	other := newID()
	check(t, last(l.Reserve(ctx, other, reservation())))
	check(t, last(l.Cancel(ctx, other)))
}

// last is the error that ends a call's results.
func last(results ...any) error {
	err, _ := results[len(results)-1].(error)
	return err
}

func check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// refusing is a Gmail that takes no mail.
type refusing struct{}

func (refusing) Send(context.Context, *mailer.Message) (mailer.Sent, error) {
	return mailer.Sent{}, &mailer.Error{Class: mailer.Permanent, Code: 400, Text: "Invalid To header"}
}

// TestManyFailures has more mail fail than asynq's archive holds.
func TestManyFailures(t *testing.T) { //nolint:paralleltest // As above.
	rdb := redistest.Start(t).Client()
	announce(t, rdb)
	client := tasks.NewClient(rdb)
	want := make(map[string]bool, manyFailures)
	for range manyFailures {
		receipt, err := client.Enqueue(t.Context(), welcome())
		check(t, err)
		want[receipt.ID] = true
	}
	l := ledger.New(rdb, ledger.Lifetimes{})
	pool, err := delivery.NewPool(delivery.Config{
		Redis:    rdb,
		Accounts: []delivery.Account{{Address: sender, From: mailer.Address{Address: sender}, Default: true, Sender: refusing{}}},
		Renderer: openTemplates(t), Ledger: l, Blobs: blobs.New(rdb),
		Budget: budget.New(rdb, budget.WithDefaults(unlimited)), Concurrency: concurrency, Log: zap.NewNop(),
	})
	check(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- pool.Run(ctx) }()
	for began := time.Now(); failures(t, l) < manyFailures && time.Since(began) < 2*time.Minute; {
		time.Sleep(100 * time.Millisecond)
	}
	cancel()
	check(t, <-ended)
	for s, err := range client.Failed(t.Context(), tasks.Failures{Reason: "Invalid To header"}) {
		check(t, err)
		if payload, err := l.Kept(t.Context(), s.ID); err == nil && len(payload) > 0 {
			delete(want, s.ID)
		} else if !errors.Is(err, ledger.ErrNotKept) {
			t.Fatal(err)
		}
	}
	show(t, "permanent failures that are there afterwards", float64(manyFailures-len(want)), "", atLeast(manyFailures),
		fmt.Sprintf("of %d", manyFailures))
}

func failures(t *testing.T, l *ledger.Ledger) (n int64) {
	t.Helper()
	for shard := range ledger.Shards {
		_, failed, err := l.Counts(t.Context(), shard)
		check(t, err)
		n += failed
	}
	return n
}
