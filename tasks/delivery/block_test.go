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

	"github.com/prometheus/client_golang/prometheus"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/mailertest"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/budget"
	"github.com/postroom/postroom/tasks/delivery"
	"github.com/postroom/postroom/tasks/ledger"
)

// deadCredential is one that the token endpoint refuses.
type deadCredential struct{}

func (deadCredential) Send(context.Context, *mailer.Message) (mailer.Sent, error) {
	return mailer.Sent{}, deadGrant()
}

func deadGrant() *mailer.Error {
	return &mailer.Error{Class: mailer.Blocked, Confirmed: true, Reason: "invalid_grant", Remedy: "log in again"}
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
	var sender scripted
	sender.next.Store(deadGrant())
	account := recorded(shop, &sender)
	account.Revision = 1
	o.cfg.Accounts = []delivery.Account{account}
	pool, _ := o.work()
	id := o.enqueue(mailOf(shop), tasks.Force())
	o.eventually("the mark", func() bool { return told.String() != "" })
	o.eventually("the block to be known here", func() bool { return pool.Accounts()[0].State == "blocked" })
	sender.next.Store(nil)
	// The mark's own end, and what follows it, is not to be seen from outside.
	o.eventually("the mail's way", func() bool {
		o.accounts(pool, account)
		return o.state(id) == tasks.StateSent
	})
}

// TestABlockIsLiftedAfterOtherTrouble has the probe meet a network that is away,
// and then go through.
func TestABlockIsLiftedAfterOtherTrouble(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var told marks
	o.cfg.Mark = told.mark
	var s scripted
	s.next.Store(deadGrant())
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
	return mailer.Sent{}, deadGrant()
}
