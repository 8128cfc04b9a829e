package delivery_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/mailer/mailertest"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/delivery"
	"github.com/postroom/postroom/tasks/ledger"
)

// replicated is a Redis that outlives any one of its servers.
type replicated struct {
	url string
	// master is the server of a key now; awaitFailover waits until another is.
	master        func(key string) *redistest.Server
	awaitFailover func(key string, old *redistest.Server)
}

func onSentinel(t *testing.T) replicated {
	t.Helper()
	s := redistest.StartSentinel(t, 1)
	return replicated{
		url: s.URL(), master: func(string) *redistest.Server { return s.Master() },
		awaitFailover: func(_ string, old *redistest.Server) { s.AwaitFailover(old) },
	}
}

func onCluster(t *testing.T) replicated {
	t.Helper()
	c := redistest.StartCluster(t)
	return replicated{
		url: c.URL(), master: c.Master,
		awaitFailover: func(key string, old *redistest.Server) { c.AwaitFailover(key, old) },
	}
}

// pending is the key whose server has the mail's queue.
const pending = "asynq:{" + queue + "}:pending"

// onBoth runs a test on Sentinel and on Cluster, over REDIS_URL.
func onBoth(t *testing.T, test func(*office, replicated)) {
	t.Helper()
	for name, start := range map[string]func(*testing.T) replicated{"Sentinel": onSentinel, "Cluster": onCluster} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t)
			test(officeWith(t, open(t, r.url), mailertest.NewServer(t)), r)
		})
	}
}

// open returns a client of a REDIS_URL. It stays open: asynq may still use it.
func open(t *testing.T, url string) redis.UniversalClient {
	t.Helper()
	rdb, err := tasks.OpenRedis(url)
	if err != nil {
		t.Fatal(err)
	}
	return rdb
}

// TestWorkWaitsForReplicas has a replica fall behind just when a mail is
// claimed, and when it is recorded as sent: what comes next comes after the
// replica has it.
func TestWorkWaitsForReplicas(t *testing.T) {
	t.Parallel()
	master := redistest.StartDurable(t)
	replica := master.StartReplica()
	fake := mailertest.NewServer(t)
	o := officeOn(t, master, fake)
	o.cfg.WaitReplicas = 1
	var behind atomic.Bool
	fall := func() {
		behind.Store(true)
		replica.Pause()
		time.AfterFunc(200*time.Millisecond, func() {
			behind.Store(false)
			replica.Resume()
		})
	}
	early := make(chan string, 10)
	o.cfg.AfterStep = func(s delivery.Step, _ string) {
		switch s {
		case delivery.StepClaim, delivery.StepRecord:
			fall()
		case delivery.StepResult:
			if behind.Load() {
				early <- "the task's end"
			}
		default:
		}
	}
	fake.Decide(func(mailertest.Request) mailertest.Fault {
		if behind.Load() {
			early <- "the send"
		}
		return mailertest.Fault{}
	})
	id := o.enqueue(hello())
	_, stop := o.work()
	o.await(id, ledger.Sent)
	o.eventually("its line", func() bool { return len(o.lines(id)) > 0 })
	stop()
	close(early)
	for what := range early {
		t.Errorf("before the replica had what was written came %s", what)
	}
	if n := o.log.FilterMessage("replicas behind; going on without them").Len(); n != 0 {
		t.Errorf("%d lines say that replicas are behind", n)
	}
}

// TestAFailoverForgets has a failover lose a claim, and then a record of sent,
// right behind it: both are written again, and the mail is sent once.
func TestAFailoverForgets(t *testing.T) {
	t.Parallel()
	master := redistest.StartDurable(t)
	master.StartReplica()
	o := officeOn(t, master, mailertest.NewServer(t))
	o.cfg.WaitReplicas = 1
	forgotten := map[delivery.Step]bool{}
	o.cfg.AfterStep = func(s delivery.Step, id string) {
		if (s == delivery.StepClaim || s == delivery.StepRecord) && !forgotten[s] {
			forgotten[s] = true
			o.forgetClaim(id)
		}
	}
	id := o.enqueue(hello())
	_, stop := o.work()
	o.eventually("its line", func() bool { return len(o.lines(id)) > 0 })
	stop()
	if s := o.await(id, ledger.Sent); s.GmailID == "" {
		t.Errorf("status = %+v", s)
	}
	o.accepted(id, 1)
}

// TestAFailoverForgetsAndAnotherIsFaster has a failover lose a claim, and another
// worker claim the mail before this one looks: that one sends it.
func TestAFailoverForgetsAndAnotherIsFaster(t *testing.T) {
	t.Parallel()
	master := redistest.StartDurable(t)
	master.StartReplica()
	o := officeOn(t, master, mailertest.NewServer(t))
	o.cfg.WaitReplicas = 1
	other := ledger.New(o.rdb, ledger.Lifetimes{})
	var first sync.Once
	o.cfg.AfterStep = func(s delivery.Step, id string) {
		if s != delivery.StepClaim {
			return
		}
		first.Do(func() {
			o.forgetClaim(id)
			c, err := other.Begin(t.Context(), id, ledger.Attempt{Token: "another's", Lease: time.Minute, Account: shop, Limit: 12})
			if err != nil || !c.Won {
				t.Errorf("another worker's claim = %+v, %v", c, err)
			}
			time.AfterFunc(time.Second, func() {
				_, _, err := other.Finish(context.Background(), id, ledger.Change{
					Token: "another's", To: ledger.Sent, Claimed: true, Used: true, GmailID: "g1", ThreadID: "g1",
				})
				if err != nil {
					t.Error(err)
				}
			})
		})
	}
	id := o.enqueue(hello())
	_, stop := o.work()
	o.eventually("its line", func() bool { return len(o.lines(id)) > 0 })
	stop()
	if s := o.await(id, ledger.Sent); s.GmailID != "g1" {
		t.Errorf("status = %+v", s)
	}
	o.accepted(id, 0)
}

// forgetClaim makes a mail's record what it was before it was claimed.
func (o *office) forgetClaim(id string) {
	o.t.Helper()
	err := o.rdb.HSet(o.t.Context(), record(id), "state", "queued").Err()
	if err == nil {
		err = o.rdb.HDel(o.t.Context(), record(id), "token", "deadline", "gmail_id", "attempts").Err()
	}
	if err != nil {
		o.t.Error(err)
	}
}
