package delivery_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/mailertest"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/budget"
	"github.com/postroom/postroom/tasks/delivery"
	"github.com/postroom/postroom/tasks/ledger"
)

// TestALongFreezePutsMailBack holds what "Waiting" in the design promises: the
// account's servers stop, what waited is at the head of its queue, in order,
// no attempt used, and the retry tab is empty. Handlers that take mail in the
// same moment may swap it among themselves.
func TestALongFreezePutsMailBack(t *testing.T) {
	t.Parallel()
	for _, handlers := range []int{1, 6} {
		t.Run(fmt.Sprintf("%d handlers", handlers), func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			ids := make([]string, 12)
			for i := range ids {
				ids[i] = o.enqueue(hello(), tasks.WithID(fmt.Sprintf("mail-%02d", i)))
			}
			until := time.Now().Add(3 * time.Minute)
			o.gmail.Decide(func(mailertest.Request) mailertest.Fault { return mailertest.TooManyRequests(until) })
			o.cfg.Concurrency = handlers
			pool, stop := o.work()
			o.eventually("the account is frozen", func() bool { return pool.Accounts()[0].State == "frozen" })
			o.eventually("all mail is back in its queue", func() bool { return o.pending() == len(ids) })
			time.Sleep(300 * time.Millisecond) // Whoever would take it again has the time to.
			o.inOrder(ids, handlers)
			if got := o.retrying(); len(got) != 0 {
				t.Errorf("the retry tab has %q, want nothing", got)
			}
			if s, err := o.client.Status(t.Context(), ids[0]); err != nil || ledger.State(s.State) != ledger.Waiting || s.Attempts != 0 {
				t.Errorf("status = %+v, %v; want waiting, no attempt used", s, err)
			}
			if got := pool.Accounts()[0]; got.State != "frozen" || time.Until(got.Until) < 2*time.Minute {
				t.Errorf("the account = %+v; want frozen for three minutes", got)
			}
			stop()

			// Another worker, started meanwhile, keeps to the freeze too.
			requests := o.gmail.Counts().Sends
			pool, _ = o.work()
			o.eventually("the second worker knows", func() bool { return pool.Accounts()[0].State == "frozen" })
			o.eventually("all mail is back in its queue", func() bool { return o.pending() == len(ids) })
			if got := o.gmail.Counts().Sends - requests; got > 0 {
				t.Errorf("the second worker asked Gmail %d times, want never", got)
			}
		})
	}
}

// inOrder holds that the queue is as it was filled, but for mail that so many
// handlers took in the same moment.
func (o *office) inOrder(ids []string, handlers int) {
	o.t.Helper()
	got := o.pendingIDs()
	for i, id := range ids {
		if at := slices.Index(got, id); at < 0 || at-i >= handlers || i-at >= handlers {
			o.t.Errorf("the queue has %v: %s, which was number %d, is number %d", got, id, i, at)
		}
	}
}

func (o *office) pending() int { return len(o.pendingIDs()) }

// pendingIDs lists the queue's mail, the next one first.
func (o *office) pendingIDs() []string {
	o.t.Helper()
	ids, err := o.rdb.LRange(o.t.Context(), "asynq:{"+queue+"}:pending", 0, -1).Result()
	if err != nil {
		o.t.Fatal(err)
	}
	slices.Reverse(ids)
	return ids
}

// TestStopEndsWhatIsSending stops a worker in the middle of a send.
func TestStopEndsWhatIsSending(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.gmail.Script(mailertest.Slow(1500*time.Millisecond), mailertest.Slow(1500*time.Millisecond))
	o.cfg.Concurrency = 2
	ids := make([]string, 6)
	for i := range ids {
		ids[i] = o.enqueue(hello())
	}
	_, stop := o.work()
	o.eventually("two are sending", func() bool { return o.gmail.Counts().Sends == 2 })
	stop()
	sent := 0
	for _, id := range ids {
		s, err := o.client.Status(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		switch s.State {
		case "sent":
			sent++
			o.accepted(id, 1)
		case "queued":
			o.accepted(id, 0)
		default:
			t.Errorf("mail %s is %s after the stop", id, s.State)
		}
	}
	if sent != 2 || o.pending() != 4 {
		t.Errorf("%d were sent and %d are in the queue; want 2 and 4", sent, o.pending())
	}
	if got := o.gmail.Counts().Sends; got != 2 {
		t.Errorf("Gmail saw %d requests, want the two that were under way", got)
	}
}

// steady is a sender that tells whether it was broken off.
type steady struct {
	mailertest.Recorder

	begun chan struct{}
	ended chan error
}

func (s *steady) Send(ctx context.Context, m *mailer.Message) (mailer.Sent, error) {
	close(s.begun)
	select {
	case <-ctx.Done():
	case <-time.After(time.Second):
	}
	s.ended <- ctx.Err()
	return s.Recorder.Send(ctx, m)
}

// TestASendIsNotBrokenOff has asynq take the task away from under a send: that
// goes on, since to end it would only make its outcome unknown.
func TestASendIsNotBrokenOff(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	sender := &steady{begun: make(chan struct{}), ended: make(chan error, 1)}
	o.cfg.Accounts = []delivery.Account{recorded(shop, sender)}
	o.cfg.Accounts[0].Default = true
	o.cfg.Grace = 10 * time.Millisecond
	o.enqueue(hello())
	_, stop := o.work()
	<-sender.begun
	stop()
	if err := <-sender.ended; err != nil {
		t.Errorf("the send was broken off: %v", err)
	}
}

func TestCriticalMailDoesNotWaitForBulk(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.cfg.Concurrency = 2
	o.gmail.Decide(func(r mailertest.Request) mailertest.Fault {
		if strings.HasPrefix(r.Recipients[0], "bulk") {
			return mailertest.Slow(10 * time.Second)
		}
		return mailertest.Fault{}
	})
	for range 10 {
		o.enqueue(tasks.Email{To: tasks.Addresses{"bulk@example.org"}, Text: "News\n"}, tasks.OnLane(tasks.Bulk))
	}
	o.work()
	o.eventually("bulk mail holds its handlers", func() bool { return o.gmail.Counts().Sends == 2 })
	begun := time.Now()
	id := o.enqueue(hello(), tasks.OnLane(tasks.Critical))
	o.await(id, ledger.Sent)
	if took := time.Since(begun); took > 3*time.Second {
		t.Errorf("critical mail took %v behind bulk mail that takes 10s", took)
	}
}

// TestRedisAwayAtTheStart starts a worker before its Redis.
func TestRedisAwayAtTheStart(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.enqueue(hello())
	o.redis.Kill()
	o.work()
	time.Sleep(500 * time.Millisecond) // The worker meets no Redis.
	o.redis.Restart()
	o.await(id, ledger.Sent)
	o.accepted(id, 1)
}

// TestStopWhileRedisHangs stops a worker that has nothing under way.
func TestStopWhileRedisHangs(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.cfg.Grace = time.Second
	pool, stop := o.work()
	o.await(o.enqueue(hello()), ledger.Sent)
	o.redis.Pause()
	time.Sleep(200 * time.Millisecond) // All servers ask Redis by now.
	began := time.Now()
	stop()
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("it took %v", took)
	}
	o.redis.Resume()
	pool.WaitForLate()
}

// TestMemoryIsFullWhenGmailHasIt fills Redis's memory during a send: that it was
// sent is written all the same.
func TestMemoryIsFullWhenGmailHasIt(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	full := sync.OnceValue(func() error { return o.rdb.ConfigSet(context.Background(), "maxmemory", "1").Err() })
	o.cfg.AfterStep = func(s delivery.Step, _ string) {
		if s == delivery.StepSend {
			_ = full()
		}
	}
	id := o.enqueue(hello())
	o.work()
	o.await(id, ledger.Sent)
	if err := full(); err != nil {
		t.Fatal(err)
	}
	o.accepted(id, 1)
}

// TestABlockedAccountCostsNoMail restarts workers, again and again and for over
// an hour, while Gmail says of every mail that the account is to blame.
func TestABlockedAccountCostsNoMail(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.gmail.Decide(func(mailertest.Request) mailertest.Fault { return mailertest.MailServiceNotEnabled() })
	o.cfg.Concurrency = 1
	ids := []string{o.enqueue(hello()), o.enqueue(hello()), o.enqueue(hello())}
	for round := range 4 {
		o.cfg.Now = in(time.Duration(40*round) * time.Minute)
		pool, stop := o.work()
		o.eventually("the account is blocked", func() bool {
			o.hurry()
			return pool.Accounts()[0].State == "blocked"
		})
		stop()
	}
	o.gmail.Decide(nil)
	o.cfg.Now = in(160 * time.Minute)
	o.work()
	for _, id := range ids {
		o.hurryTo(id, ledger.Sent)
	}
}

// TestAnotherWorkersFreeze is learned from Redis, and shown.
func TestAnotherWorkersFreeze(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	registry := prometheus.NewRegistry()
	o.cfg.Metrics = registry
	pool, _ := o.work()
	o.await(o.enqueue(hello()), ledger.Sent)
	until := time.Now().Add(time.Hour)
	if _, err := o.cfg.Budget.Freeze(t.Context(), shop, budget.Freeze{Until: until, Reason: "429 elsewhere"}); err != nil {
		t.Fatal(err)
	}
	o.eventually("the account is frozen here too", func() bool { return pool.Accounts()[0].State == "frozen" })
	id := o.enqueue(hello())
	time.Sleep(300 * time.Millisecond) // Nobody takes it: there is nothing to wait for.
	if s := o.await(id, ledger.Waiting); s.Error != "429 elsewhere" || o.pending() != 1 {
		t.Errorf("status = %+v, %d mails pending; want it to wait in its queue, and why", s, o.pending())
	}
	if rec := o.record(id); rec.State != ledger.Queued {
		t.Errorf("record = %+v; want it untouched", rec)
	}
	want := `
# HELP postroom_account_closed 1 while an account can't send.
# TYPE postroom_account_closed gauge
postroom_account_closed{account="s***@example.com",state="blocked"} 0
postroom_account_closed{account="s***@example.com",state="frozen"} 1
postroom_account_closed{account="s***@example.com",state="spent"} 0
postroom_account_closed{account="s***@example.com",state="unreachable"} 0
# HELP postroom_deliveries_total Deliveries by lane and outcome.
# TYPE postroom_deliveries_total counter
postroom_deliveries_total{lane="default",outcome="sent"} 1
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "postroom_account_closed", "postroom_deliveries_total"); err != nil {
		t.Error(err)
	}
}

// TestNothingLeavesAfterTheStop has a handler that comes from its claim when the
// grace time is over, and asynq has its task no more.
func TestNothingLeavesAfterTheStop(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.cfg.Grace = 100 * time.Millisecond
	claimed, stopped, gone := make(chan struct{}), make(chan struct{}), make(chan struct{})
	o.cfg.AfterStep = func(s delivery.Step, _ string) {
		switch s {
		case delivery.StepClaim:
			close(claimed)
			<-stopped
		case delivery.StepSend:
			close(gone)
		default:
		}
	}
	id := o.enqueue(hello())
	_, stop := o.work()
	<-claimed
	stop()
	close(stopped)
	select {
	case <-gone:
		t.Error("it was sent after the stop")
	case <-time.After(500 * time.Millisecond):
	}
	o.accepted(id, 0)
}
