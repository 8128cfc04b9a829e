package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/mailertest"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/budget"
	"github.com/postroom/postroom/tasks/delivery"
	"github.com/postroom/postroom/tasks/directory"
	"github.com/postroom/postroom/tasks/ledger"
)

const news = "news@example.com"

// recorded is an account whose mail a Recorder takes.
func recorded(address string, r mailer.Sender) delivery.Account {
	return delivery.Account{Address: address, From: mailer.Address{Address: address}, Sender: r}
}

// accounts publishes them for producers, and gives them to the pool.
func (o *office) accounts(pool *delivery.Pool, all ...delivery.Account) {
	o.t.Helper()
	if err := pool.SetAccounts(all); err != nil {
		o.t.Fatal(err)
	}
	var listing directory.Listing
	for _, a := range all {
		listing.Accounts = append(listing.Accounts, directory.Account{Address: a.Address, Default: a.Default})
	}
	if err := directory.New(o.rdb).Publish(o.t.Context(), listing); err != nil {
		o.t.Fatal(err)
	}
}

// mailOf is a mail that names its account.
func mailOf(account string) tasks.Email {
	e := hello()
	e.Account = account
	return e
}

func (o *office) record(id string) ledger.Record {
	o.t.Helper()
	rec, err := o.cfg.Ledger.Look(o.t.Context(), id)
	if err != nil {
		o.t.Fatal(err)
	}
	return rec
}

func (o *office) state(id string) tasks.State {
	o.t.Helper()
	s, err := o.client.Status(o.t.Context(), id)
	if err != nil {
		o.t.Fatal(err)
	}
	return s.State
}

func TestAccountsComeAndGo(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.cfg.Accounts = nil
	pool, _ := o.work()
	first := o.enqueue(mailOf(shop), tasks.Force())
	time.Sleep(200 * time.Millisecond)
	if got := o.state(first); got != tasks.StateQueued {
		t.Fatalf("without an account the mail is %s, want queued", got)
	}

	var forShop, forNews mailertest.Recorder
	o.accounts(pool, recorded(shop, &forShop))
	o.eventually("mail of an account that came", func() bool { return o.state(first) == tasks.StateSent })

	o.accounts(pool, recorded(shop, &forShop), recorded(news, &forNews))
	second := o.enqueue(mailOf(news), tasks.Force())
	o.eventually("mail of another", func() bool { return o.state(second) == tasks.StateSent })

	o.accounts(pool, recorded(news, &forNews))
	o.eventually("the first one's end", func() bool { return o.handlers(shop) == 0 })
	third := o.enqueue(mailOf(shop), tasks.Force())
	fourth := o.enqueue(mailOf(news), tasks.Force())
	o.eventually("mail of the one that stayed", func() bool { return o.state(fourth) == tasks.StateSent })
	if got := o.state(third); got != tasks.StateQueued {
		t.Errorf("mail of an account that went is %s, want queued", got)
	}
	o.accounts(pool, recorded(shop, &forShop), recorded(news, &forNews))
	o.eventually("mail of the one that came back", func() bool { return o.state(third) == tasks.StateSent })
	if n, m := len(forShop.Messages()), len(forNews.Messages()); n != 2 || m != 2 {
		t.Errorf("%d and %d mails went out, want 2 and 2", n, m)
	}
}

// handlers is how many servers take an account's mail, as asynq knows them.
func (o *office) handlers(account string) (n int) {
	o.t.Helper()
	servers, err := asynq.NewInspectorFromRedisClient(o.rdb).Servers()
	if err != nil {
		o.t.Fatal(err)
	}
	for _, s := range servers {
		for queue := range s.Queues {
			if _, of, _ := tasks.ParseQueue(queue); of == account {
				n++
			}
		}
	}
	return n
}

// TestTheDefaultMoves takes mail that was queued for no account.
func TestTheDefaultMoves(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var forShop, forNews mailertest.Recorder
	a, b := recorded(shop, &forShop), recorded(news, &forNews)
	a.Default = true
	o.cfg.Accounts = []delivery.Account{a, b}
	pool, _ := o.work()
	send := func() {
		t.Helper()
		id := o.plainly(hello())
		o.eventually("mail for no account", func() bool { return o.state(id) == tasks.StateSent })
	}
	send()
	a.Default, b.Default = false, true
	o.accounts(pool, a, b)
	send()
	if n, m := len(forShop.Messages()), len(forNews.Messages()); n != 1 || m != 1 {
		t.Errorf("%d and %d mails went out, want one by each default", n, m)
	}
}

// plainly queues a mail as a producer does that knows no account.
func (o *office) plainly(e tasks.Email) string {
	o.t.Helper()
	if err := o.rdb.Del(o.t.Context(), "postroom:{directory}:entries", "postroom:{directory}:published").Err(); err != nil {
		o.t.Fatal(err)
	}
	receipt, err := tasks.NewClient(o.rdb).Enqueue(o.t.Context(), e)
	if err != nil {
		o.t.Fatal(err)
	}
	if receipt.Queue != "default" {
		o.t.Fatalf("queued in %s, want the plain queue", receipt.Queue)
	}
	return receipt.ID
}

// deadCredential is one that the token endpoint refuses.
type deadCredential struct{}

func (deadCredential) Send(context.Context, *mailer.Message) (mailer.Sent, error) {
	return mailer.Sent{}, &mailer.Error{Class: mailer.Blocked, Confirmed: true, Reason: "invalid_grant", Remedy: "log in again"}
}

// marks are what a pool told about its accounts.
type marks struct {
	mu   sync.Mutex
	all  []string
	fail int // So many are not taken.
}

func (m *marks) mark(_ context.Context, a delivery.Account, blocked, _ string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail > 0 {
		m.fail--
		return errors.New("not now")
	}
	m.all = append(m.all, fmt.Sprintf("%s %d %s", a.Address, a.Revision, blocked))
	return nil
}

func (m *marks) String() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return strings.Join(m.all, "; ")
}

// TestABlockIsKnownToAll has one worker meet a dead credential and another learn
// of it, and both go on with the next one.
func TestABlockIsKnownToAll(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var told marks
	told.fail = 1 // Redis does not answer at once.
	o.cfg.Mark = told.mark
	account := recorded(shop, deadCredential{})
	account.Revision = 1
	o.cfg.Accounts = []delivery.Account{account}
	one, _ := o.work()
	two, _ := o.work()

	const blocked = "blocked invalid_grant"
	ids := make([]string, 3)
	for i := range ids {
		ids[i] = o.enqueue(mailOf(shop), tasks.Force())
	}
	o.eventually("the block", func() bool { return strings.Contains(told.String(), shop+" 1 "+blocked) })
	account.Blocked, account.Remedy = blocked, "log in again"
	for _, pool := range []*delivery.Pool{one, two} {
		o.accounts(pool, account)
		if s := pool.Accounts()[0]; s.State != "blocked" || s.Reason != blocked || s.Remedy != "log in again" {
			t.Errorf("the account is %+v, want blocked", s)
		}
	}
	for _, id := range ids {
		o.eventually("the wait", func() bool { s := o.state(id); return s == tasks.StateWaiting || s == tasks.StateQueued })
	}
	if n := len(o.log.FilterMessage("account blocked").All()); n != 2 {
		t.Errorf("%d lines say that the account is blocked, want one a worker", n)
	}

	var anew mailertest.Recorder
	fresh := recorded(shop, &anew)
	fresh.Revision = 2
	began := time.Now()
	o.accounts(one, fresh)
	o.accounts(two, fresh)
	for _, id := range ids {
		o.eventually("the mail's way", func() bool { return o.state(id) == tasks.StateSent })
		if rec := o.record(id); rec.Attempts != 1 || rec.State != ledger.Sent {
			t.Errorf("%d attempts, %s; want one, sent", rec.Attempts, rec.State)
		}
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("the mail went %v after the login, want at once", took)
	}
}

// TestAMarkThatIsTakenAwayAtOnce is one that this worker never reads.
func TestAMarkThatIsTakenAwayAtOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var told marks
	o.cfg.Mark = told.mark
	var dead mortal
	dead.kill(true)
	account := recorded(shop, &dead)
	account.Revision = 1
	o.cfg.Accounts = []delivery.Account{account}
	pool, _ := o.work()
	id := o.enqueue(mailOf(shop), tasks.Force())
	o.eventually("the mark", func() bool { return told.String() != "" })
	o.eventually("the block to be known here", func() bool { return pool.Accounts()[0].State == "blocked" })
	dead.kill(false)
	// The mark's own end, and what follows it, is not to be seen from outside.
	o.eventually("the mail's way", func() bool {
		o.accounts(pool, account)
		return o.state(id) == tasks.StateSent
	})
}

// mortal is a credential that dies and comes back.
type mortal struct {
	mailertest.Recorder

	dead atomic.Bool
}

func (m *mortal) kill(dead bool) { m.dead.Store(dead) }

func (m *mortal) Send(ctx context.Context, message *mailer.Message) (mailer.Sent, error) {
	if m.dead.Load() {
		return deadCredential{}.Send(ctx, message)
	}
	return m.Recorder.Send(ctx, message)
}

// TestABlockIsLiftedAfterOtherTrouble has the probe meet a network that is away,
// and then go through.
func TestABlockIsLiftedAfterOtherTrouble(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var told marks
	o.cfg.Mark = told.mark
	var s scripted
	s.next.Store(&mailer.Error{Class: mailer.Blocked, Confirmed: true, Reason: "invalid_grant", Remedy: "log in"})
	account := recorded(shop, &s)
	account.Revision = 1
	o.cfg.Accounts = []delivery.Account{account}
	var ahead atomic.Int64
	o.cfg.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	pool, _ := o.work()
	id := o.enqueue(mailOf(shop), tasks.Force())
	o.eventually("the mark", func() bool { return told.String() != "" })
	s.next.Store(&mailer.Error{Class: mailer.Unreachable, Text: "no network"})
	account.Blocked, account.Remedy = "blocked invalid_grant", "log in"
	ahead.Store(int64(2 * time.Minute))
	o.accounts(pool, account) // Whoever rests looks at the clock again.
	o.eventually("the network's absence", func() bool { return len(o.log.FilterMessage("account waits").All()) > 0 })
	if got := pool.Accounts()[0]; got.State != "blocked" {
		t.Errorf("the account is %+v, want blocked still", got)
	}
	s.next.Store(nil)
	o.eventually("the mail's way", func() bool { return o.state(id) == tasks.StateSent })
	o.eventually("the mark's end", func() bool { return strings.HasSuffix(told.String(), shop+" 1 ") })
}

// scripted is a Sender that meets the same until it is told otherwise.
type scripted struct {
	mailertest.Recorder

	next  atomic.Pointer[mailer.Error]
	tries atomic.Int64
}

func (s *scripted) Send(ctx context.Context, m *mailer.Message) (mailer.Sent, error) {
	s.tries.Add(1)
	if e := s.next.Load(); e != nil {
		return mailer.Sent{}, e
	}
	return s.Recorder.Send(ctx, m)
}

// TestTheMetricKnowsFromTheStart has a worker start while its account can't send.
func TestTheMetricKnowsFromTheStart(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	registry := prometheus.NewRegistry()
	o.cfg.Metrics = registry
	account := recorded(shop, &mailertest.Recorder{})
	account.Blocked = "blocked invalid_grant"
	if _, err := budget.New(o.rdb).Freeze(t.Context(), news, budget.Freeze{Until: time.Now().Add(time.Hour), Reason: "429"}); err != nil {
		t.Fatal(err)
	}
	o.cfg.Accounts = []delivery.Account{account, recorded(news, &mailertest.Recorder{})}
	pool, _ := o.work()
	closed := func() string {
		all, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		var list []string
		for _, family := range all {
			for _, m := range family.GetMetric() {
				if family.GetName() == "postroom_account_closed" && m.GetGauge().GetValue() == 1 {
					list = append(list, m.GetLabel()[0].GetValue()+" "+m.GetLabel()[1].GetValue())
				}
			}
		}
		return strings.Join(list, "; ")
	}
	o.eventually("both in the metric", func() bool { return closed() == "n***@example.com frozen; s***@example.com blocked" })
	o.accounts(pool, account)
	o.eventually("one that is gone to be gone there", func() bool { return closed() == "s***@example.com blocked" })
}

// TestAnUnreadableAccountIsSaidOnce has a worker that lacks the key of a record:
// what it meets and what it reads differ in their words.
func TestAnUnreadableAccountIsSaidOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var s scripted
	s.next.Store(&mailer.Error{Class: mailer.Blocked, Confirmed: true, Text: "no access token: under another key"})
	account := recorded(shop, &s)
	account.Revision, account.Blocked = 1, "under another key"
	o.cfg.Accounts = []delivery.Account{account}
	var ahead atomic.Int64
	o.cfg.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	pool, _ := o.work()
	id := o.enqueue(mailOf(shop), tasks.Force())
	for i := range 4 {
		ahead.Store(int64(i+1) * int64(20*time.Minute))
		o.accounts(pool, account)
		o.eventually("a probe", func() bool { return s.tries.Load() > int64(i) })
		o.accounts(pool, account)
	}
	if n := len(o.log.FilterMessage("account blocked").All()); n > 2 {
		t.Errorf("%d lines say that the account is blocked, want one for what is read and one for what is met", n)
	}
	if rec := o.record(id); rec.Attempts != 0 {
		t.Errorf("%d attempts used, want none", rec.Attempts)
	}
}

// TestALoginEndsAStop has a slow send keep a blocked account's servers from
// ending, and a login in between.
func TestALoginEndsAStop(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	slow := &slowThenBlocked{begun: make(chan struct{}), end: make(chan struct{})}
	account := recorded(shop, slow)
	account.Revision = 1
	o.cfg.Accounts = []delivery.Account{account}
	pool, _ := o.work()
	sending := o.enqueue(mailOf(shop), tasks.Force())
	<-slow.begun
	waiting := o.enqueue(mailOf(shop), tasks.Force())
	o.eventually("the block", func() bool { return pool.Accounts()[0].State == "blocked" })
	var anew mailertest.Recorder
	fresh := recorded(shop, &anew)
	fresh.Revision = 2
	o.accounts(pool, fresh)
	began := time.Now()
	o.eventually("the mail's way", func() bool { return o.state(waiting) == tasks.StateSent })
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the mail went %v after the login, want within 5 s", took)
	}
	close(slow.end)
	o.eventually("the slow one's end", func() bool { return o.state(sending) == tasks.StateSent })
	if n := slow.Sends() + anew.Sends(); n != 2 {
		t.Errorf("%d mails went out, want 2", n)
	}
}

// slowThenBlocked sends its first mail slowly, and refuses all others.
type slowThenBlocked struct {
	mailertest.Recorder

	first      atomic.Bool
	begun, end chan struct{}
}

func (s *slowThenBlocked) Send(ctx context.Context, m *mailer.Message) (mailer.Sent, error) {
	if s.first.Swap(true) {
		return deadCredential{}.Send(ctx, m)
	}
	close(s.begun)
	<-s.end
	return s.Recorder.Send(ctx, m)
}

// TestAProbeThatGetsThroughIsTold has one account mended without a login.
func TestAProbeThatGetsThroughIsTold(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var told marks
	o.cfg.Mark = told.mark
	account := recorded(shop, &mailertest.Recorder{})
	account.Revision, account.Blocked = 7, "blocked 403 accessNotConfigured"
	o.cfg.Accounts = []delivery.Account{account}
	var mu sync.Mutex
	ahead := time.Duration(0)
	o.cfg.Now = func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return time.Now().Add(ahead)
	}
	pool, _ := o.work()
	id := o.enqueue(mailOf(shop), tasks.Force())
	time.Sleep(300 * time.Millisecond) // Whoever would take it has the time to.
	if s := pool.Accounts()[0]; s.State != "blocked" || o.pending() != 1 {
		t.Fatalf("the account is %+v and %d mails wait, want one that is blocked, and one", s, o.pending())
	}
	mu.Lock()
	ahead = time.Minute
	mu.Unlock()
	account.Remedy = "the same block, told once more"
	o.accounts(pool, account) // Whoever rests looks at the clock again.
	o.eventually("the probe", func() bool { return o.state(id) == tasks.StateSent })
	o.eventually("the word", func() bool { return told.String() == shop+" 7 " })
	if s := pool.Accounts()[0]; s.State != "sending" {
		t.Errorf("the account is %+v, want sending", s)
	}
}

// TestAnOldCredentialSaysNothingOfTheNewOne has a send meet "blocked" after
// somebody logged in.
func TestAnOldCredentialSaysNothingOfTheNewOne(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var told marks
	o.cfg.Mark = told.mark
	slow := &slowRefusal{begun: make(chan struct{}), end: make(chan struct{})}
	account := recorded(shop, slow)
	account.Revision = 1
	o.cfg.Accounts = []delivery.Account{account}
	pool, _ := o.work()
	id := o.enqueue(mailOf(shop), tasks.Force())
	<-slow.begun
	var anew mailertest.Recorder
	fresh := recorded(shop, &anew)
	fresh.Revision = 2
	o.accounts(pool, fresh)
	close(slow.end)
	o.eventually("the mail's way", func() bool { return o.state(id) == tasks.StateSent })
	if told.String() != "" || len(o.log.FilterMessage("account blocked").All()) != 0 {
		t.Errorf("told %q, want nothing of the old credential", told.String())
	}
}

type slowRefusal struct{ begun, end chan struct{} }

func (s *slowRefusal) Send(context.Context, *mailer.Message) (mailer.Sent, error) {
	close(s.begun)
	<-s.end
	return mailer.Sent{}, &mailer.Error{Class: mailer.Blocked, Confirmed: true, Reason: "invalid_grant"}
}

// TestFromIsTheAccountsOwn refuses an author that Gmail would replace.
func TestFromIsTheAccountsOwn(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var out mailertest.Recorder
	account := recorded(shop, &out)
	account.Aliases = []string{"Hello@example.com"}
	o.cfg.Accounts = []delivery.Account{account}
	o.work()
	for from, want := range map[string]tasks.State{
		"Us <SHOP@example.com>":   tasks.StateSent,
		"hello@example.com":       tasks.StateSent,
		"other@example.com":       tasks.StateFailed,
		"Shop <boss@example.com>": tasks.StateFailed,
	} {
		e := mailOf(shop)
		e.From = from
		id := o.enqueue(e, tasks.Force())
		o.eventually("an outcome", func() bool { return o.state(id).Settled() })
		rec := o.record(id)
		if o.state(id) != want || want == tasks.StateFailed && !strings.Contains(rec.Error, "from: is neither the account nor one of its aliases") {
			t.Errorf("from %q: %s %q, want %s", from, rec.State, rec.Error, want)
		}
	}
}

// TestTwoMailsFindTheNetworkDown lets all accounts wait.
func TestTwoMailsFindTheNetworkDown(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	away := unreachable{}
	o.cfg.Accounts = []delivery.Account{recorded(shop, away), recorded(news, &mailertest.Recorder{})}
	pool, _ := o.work()
	stands := func(address string) string {
		for _, s := range pool.Accounts() {
			if s.Address == address {
				return s.State
			}
		}
		return "gone"
	}
	o.enqueue(mailOf(shop), tasks.Force())
	o.eventually("one account's wait", func() bool { return stands(shop) == "unreachable" })
	if got := stands(news); got != "sending" {
		t.Errorf("after one mail the other account is %s, want sending", got)
	}
	o.enqueue(mailOf(shop), tasks.Force(), tasks.OnLane(tasks.Critical))
	o.eventually("all accounts' wait", func() bool { return stands(news) == "unreachable" })
	id := o.enqueue(mailOf(news), tasks.Force())
	o.eventually("the other account's way", func() bool { return o.state(id) == tasks.StateSent })
}

type unreachable struct{}

func (unreachable) Send(context.Context, *mailer.Message) (mailer.Sent, error) {
	return mailer.Sent{}, &mailer.Error{Class: mailer.Unreachable, Text: "dial", Everyone: true}
}

func TestWrongAccounts(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	pool, err := delivery.NewPool(o.cfg)
	if err != nil {
		t.Fatal(err)
	}
	out := &mailertest.Recorder{}
	main, other := recorded(shop, out), recorded(news, out)
	main.Default, other.Default = true, true
	for want, all := range map[string][]delivery.Account{
		"2 of 2 accounts are the default": {main, other},
		"is there twice":                  {recorded(shop, out), recorded("SHOP@example.com", out)},
		"has no Sender":                   {{Address: shop}},
	} {
		if err := pool.SetAccounts(all); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("SetAccounts: %v, want %q", err, want)
		}
	}
}

// TestIdleAccountsLeaveRedisAlone counts the calls of a process with many.
func TestIdleAccountsLeaveRedisAlone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ accounts, concurrency int }{{1, 4}, {1, 64}, {60, 4}} {
		t.Run(fmt.Sprintf("%d accounts, %d handlers", c.accounts, c.concurrency), func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.cfg.Accounts, o.cfg.Concurrency = nil, c.concurrency
			for i := range c.accounts {
				o.cfg.Accounts = append(o.cfg.Accounts, recorded(fmt.Sprintf("a%d@example.com", i), &mailertest.Recorder{}))
			}
			o.work()
			time.Sleep(2 * time.Second) // They start.
			const span = 3 * time.Second
			before, began := o.scriptCalls(), time.Now()
			time.Sleep(span)
			perSecond := float64(o.scriptCalls()-before) / time.Since(began).Seconds()
			if perSecond > 500 || perSecond < 20 {
				t.Errorf("%.0f script calls a second, want at most 500 and some", perSecond)
			}
		})
	}
}

// scriptCalls is how many scripts Redis has run.
func (o *office) scriptCalls() (calls int) {
	o.t.Helper()
	stats, err := o.rdb.InfoMap(o.t.Context(), "commandstats").Result()
	if err != nil {
		o.t.Fatal(err)
	}
	for _, section := range stats {
		if _, err := fmt.Sscanf(section["cmdstat_evalsha"], "calls=%d,", &calls); err == nil {
			return calls
		}
	}
	o.t.Fatal("Redis tells no number of script calls")
	return 0
}
