package delivery_test

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
	"github.com/postroom/postroom/mailer/accounts"
	"github.com/postroom/postroom/mailer/gmail"
	"github.com/postroom/postroom/mailer/mailertest"
	"github.com/postroom/postroom/mailer/templates"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/blobs"
	"github.com/postroom/postroom/tasks/budget"
	"github.com/postroom/postroom/tasks/delivery"
	"github.com/postroom/postroom/tasks/directory"
	"github.com/postroom/postroom/tasks/ledger"
)

const (
	shop  = mailertest.DefaultAddress
	queue = "default:" + shop
)

// office is a whole Postroom but for the process around it: a real Redis, the
// fake Gmail over HTTP, a producer, and a worker pool that tests start.
type office struct {
	t      *testing.T
	redis  *redistest.Server
	rdb    redis.UniversalClient
	gmail  *mailertest.Server
	client *tasks.Client
	cfg    delivery.Config
	log    *observer.ObservedLogs
}

func newOffice(t *testing.T, options ...mailertest.Option) *office {
	t.Helper()
	return officeOn(t, redistest.StartDurable(t), mailertest.NewServer(t, options...))
}

func officeOn(t *testing.T, server *redistest.Server, fake *mailertest.Server) *office {
	t.Helper()
	o := officeWith(t, server.Client(), fake)
	o.redis = server
	return o
}

func officeWith(t *testing.T, rdb redis.UniversalClient, fake *mailertest.Server) *office {
	t.Helper()
	core, log := observer.New(zapcore.DebugLevel)
	o := &office{t: t, rdb: rdb, gmail: fake, client: tasks.NewClient(rdb), log: log}
	o.cfg = config(rdb, senderFor(t, fake))
	o.cfg.Log = zap.New(core)
	err := directory.New(rdb).Publish(t.Context(), directory.Listing{
		Accounts:  []directory.Account{{Address: shop, Default: true}},
		Templates: []directory.Template{{Name: "welcome"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func senderFor(tb testing.TB, fake *mailertest.Server) mailer.Sender {
	tb.Helper()
	a := fake.Account(shop)
	sender, err := newSender(fake.URL, fake.TokenURL, a.ClientID, a.ClientSecret, a.RefreshToken)
	if err != nil {
		tb.Fatal(err)
	}
	return sender
}

func newSender(url, tokenURL, id, secret, refresh string) (mailer.Sender, error) {
	source, err := accounts.NewSource(accounts.SourceConfig{Credential: accounts.Credential{
		ClientID: id, ClientSecret: accounts.NewSecret(secret), RefreshToken: accounts.NewSecret(refresh), TokenURL: tokenURL,
	}})
	if err != nil {
		return nil, err
	}
	return gmail.New(gmail.Config{Tokens: source, Endpoint: url})
}

func config(rdb redis.UniversalClient, sender mailer.Sender) delivery.Config {
	return delivery.Config{
		Redis:    rdb,
		Accounts: []delivery.Account{{Address: shop, From: mailer.Address{Name: "Shop", Address: shop}, Default: true, Sender: sender}},
		Renderer: templates.Builtin(), Ledger: ledger.New(rdb, ledger.Lifetimes{}),
		Blobs: blobs.New(rdb), Budget: budget.New(rdb, budget.WithDefaults(unlimited)),
		SendTimeout: func(int64) time.Duration { return 5 * time.Second },
	}
}

// work runs a pool until the test ends or stop is called.
func (o *office) work() (*delivery.Pool, func()) {
	o.t.Helper()
	pool, err := delivery.NewPool(o.cfg)
	if err != nil {
		o.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- pool.Run(ctx) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			o.t.Errorf("Run: %v", err)
		}
	})
	o.t.Cleanup(stop)
	return pool, stop
}

// hello is a mail that nothing is wrong with.
func hello() tasks.Email {
	return tasks.Email{To: tasks.Addresses{"Ada <ada@example.org>"}, Subject: "Hello", Text: "Hello, Ada.\n"}
}

func (o *office) enqueue(e tasks.Email, opts ...tasks.Option) string {
	o.t.Helper()
	receipt, err := o.client.Enqueue(o.t.Context(), e, opts...)
	if err != nil {
		o.t.Fatal(err)
	}
	return receipt.ID
}

// limit is how long a test waits for what must happen.
const limit = 40 * time.Second

// eventually waits until done, asking again and again.
func (o *office) eventually(what string, done func() bool) {
	o.t.Helper()
	deadline := time.Now().Add(limit)
	for !done() {
		if time.Now().After(deadline) {
			for _, line := range o.log.All() {
				o.t.Log(line.Level, line.Message, line.ContextMap())
			}
			o.t.Fatalf("not within %v: %s", limit, what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// await waits until a mail is in one of the states.
func (o *office) await(id string, states ...ledger.State) tasks.Status {
	o.t.Helper()
	var last tasks.Status
	o.eventually(fmt.Sprintf("mail %s is %v", id, states), func() bool {
		s, err := o.client.Status(o.t.Context(), id)
		if err == nil {
			last = s
		}
		return err == nil && slices.Contains(states, ledger.State(s.State))
	})
	return last
}

// accepted holds how many copies of a mail Gmail took.
func (o *office) accepted(id string, want int) {
	o.t.Helper()
	if got := o.gmail.CountByMailID(id); got != want {
		o.t.Errorf("Gmail accepted %d copies of %s, want %d", got, id, want)
	}
}

// tab lists the errors in one of the dashboard's tabs.
func (o *office) tab(list func(*asynq.Inspector) ([]*asynq.TaskInfo, error)) []string {
	o.t.Helper()
	listed, err := list(asynq.NewInspectorFromRedisClient(o.rdb))
	if err != nil {
		o.t.Fatal(err)
	}
	errs := make([]string, len(listed))
	for i, task := range listed {
		errs[i] = task.LastErr
	}
	return errs
}

func (o *office) archived() []string {
	o.t.Helper()
	return o.tab(func(i *asynq.Inspector) ([]*asynq.TaskInfo, error) { return i.ListArchivedTasks(queue) })
}

func (o *office) retrying() []string {
	o.t.Helper()
	return o.tab(func(i *asynq.Inspector) ([]*asynq.TaskInfo, error) { return i.ListRetryTasks(queue) })
}

// hurry lets what waits in the retry tab go at once.
func (o *office) hurry() {
	o.t.Helper()
	// It is a race with the worker itself, and losing it is as good.
	_, _ = asynq.NewInspectorFromRedisClient(o.rdb).RunAllRetryTasks(queue)
}

// hurryTo waits until a mail is in the state, without its pauses.
func (o *office) hurryTo(id string, state ledger.State) {
	o.t.Helper()
	o.eventually(fmt.Sprintf("mail %s is %s", id, state), func() bool {
		o.hurry()
		s, err := o.client.Status(o.t.Context(), id)
		return err == nil && ledger.State(s.State) == state
	})
}

// ageLease makes the worker that holds the mail one that has been silent for a
// minute, as asynq sees it.
func (o *office) ageLease(id string) {
	o.t.Helper()
	err := o.rdb.ZAddXX(o.t.Context(), "asynq:{"+queue+"}:lease",
		redis.Z{Score: float64(time.Now().Add(-time.Minute).Unix()), Member: id}).Err()
	if err != nil {
		o.t.Fatal(err)
	}
}

// endClaim lets the deadline of a mail's claim pass, and the time that its
// worker has for a last word.
func (o *office) endClaim(id string) {
	o.t.Helper()
	n, err := o.rdb.HSet(o.t.Context(), record(id), "deadline", 1, "called", time.Now().UnixMilli()).Result()
	if err != nil || n != 1 {
		o.t.Fatalf("HSET deadline and called of %s = %d new fields, %v; want one of them to be old", record(id), n, err)
	}
}

// forget ends a mail's record before its time.
func (o *office) forget(id string) {
	o.t.Helper()
	if n, err := o.rdb.Del(o.t.Context(), record(id)).Result(); err != nil || n != 1 {
		o.t.Fatalf("DEL %s = %d, %v; want it deleted", record(id), n, err)
	}
}

// record is the key of a mail's record.
func record(id string) string {
	return fmt.Sprintf("postroom:{%d}:mail:%s", crc32.ChecksumIEEE([]byte(id))%64, id)
}

// unlimited is for tests of anything else than budgets.
func unlimited(string) budget.Limits { return budget.Limits{} }
