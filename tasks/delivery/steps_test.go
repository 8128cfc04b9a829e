package delivery_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/delivery"
	"github.com/postroom/postroom/tasks/ledger"
)

// TestRedisDiesAfterEachStep kills Redis after a step of a mail, and starts it
// again a moment later: the worker lives, so the mail goes out once.
func TestRedisDiesAfterEachStep(t *testing.T) {
	t.Parallel()
	for _, step := range delivery.Steps() {
		t.Run(string(step), func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			id := o.enqueue(hello())
			o.workThroughOutage(step, 500*time.Millisecond)
			s := o.await(id, ledger.Sent)
			o.accepted(id, 1)
			if s.Attempts != 1 || s.GmailID == "" {
				t.Errorf("status = %+v; want one attempt and a Gmail ID", s)
			}
			o.eventually("the task has left its queue", func() bool {
				n, err := o.rdb.Exists(t.Context(), "asynq:{"+queue+"}:t:"+id).Result()
				return err == nil && n == 0
			})
			o.accepted(id, 1)
		})
	}
}

// workThroughOutage has a worker send a mail, and Redis killed after a step of it
// and started again after a while.
func (o *office) workThroughOutage(step delivery.Step, outage time.Duration) {
	o.t.Helper()
	o.cfg.Redis = redisFor(step, o.redis.Client())
	died := make(chan struct{})
	once := sync.OnceFunc(func() {
		o.redis.Kill()
		close(died)
	})
	o.cfg.AfterStep = func(s delivery.Step, _ string) {
		if s == step {
			once()
		}
	}
	o.work()
	<-died
	time.Sleep(outage)
	o.redis.Restart()
}

// redisFor is the worker's client where it is to be lost after a step. From the
// outcome on it is one as for a Cluster: a single server hears the outcome and
// what asynq says of the task in one call, and has no step between them.
func redisFor(step delivery.Step, rdb redis.UniversalClient) redis.UniversalClient {
	if step == delivery.StepRecord || step == delivery.StepResult {
		return apart{rdb}
	}
	return rdb
}

// apart hides that a client is one server's.
type apart struct{ redis.UniversalClient }

// TestALongOutageWhenATaskEnds is one that outlasts all that the client tries by
// itself: the task's end is written later, by us where it goes with the outcome,
// and else by asynq. Else it would be delivered again when its lease ends, in one
// to two minutes.
func TestALongOutageWhenATaskEnds(t *testing.T) {
	t.Parallel()
	for _, after := range []delivery.Step{delivery.StepLog, delivery.StepResult} {
		t.Run(string(after), func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			id := o.enqueue(hello())
			o.workThroughOutage(after, 5*time.Second)
			back := time.Now()
			o.await(id, ledger.Sent)
			o.eventually("the task has left its queue", func() bool {
				n, err := o.rdb.Exists(t.Context(), "asynq:{"+queue+"}:t:"+id).Result()
				return err == nil && n == 0
			})
			if took := time.Since(back); took > 20*time.Second {
				t.Errorf("its end was written after %v", took)
			}
			o.accepted(id, 1)
		})
	}
}

// TestWorkerDiesAfterEachStep kills the worker's process after a step of a
// mail, and lets another one take over.
func TestWorkerDiesAfterEachStep(t *testing.T) {
	t.Parallel()
	type end struct {
		state    ledger.State
		accepted int
	}
	sent := end{ledger.Sent, 1}
	unclaimed := map[tasks.OnUnknown]end{tasks.Resend: sent, tasks.Hold: sent}
	for _, row := range []struct {
		step delivery.Step
		want map[tasks.OnUnknown]end
	}{
		{delivery.StepDecode, unclaimed},
		{delivery.StepExpiry, unclaimed},
		{delivery.StepLookUp, unclaimed},
		{delivery.StepRender, unclaimed},
		{delivery.StepCompose, unclaimed},
		{delivery.StepWait, unclaimed},
		// From the claim on, nobody but Gmail knows whether the mail is out.
		{delivery.StepClaim, map[tasks.OnUnknown]end{tasks.Resend: sent, tasks.Hold: {ledger.Unknown, 0}}},
		{delivery.StepSend, map[tasks.OnUnknown]end{tasks.Resend: {ledger.Sent, 2}, tasks.Hold: {ledger.Unknown, 1}}},
		{delivery.StepLog, map[tasks.OnUnknown]end{tasks.Resend: {ledger.Sent, 2}, tasks.Hold: {ledger.Unknown, 1}}},
		// Once it is recorded everybody knows.
		{delivery.StepRecord, unclaimed},
		{delivery.StepResult, unclaimed},
	} {
		for rule, want := range row.want {
			t.Run(fmt.Sprintf("%s/%s", row.step, rule), func(t *testing.T) {
				t.Parallel()
				o := newOffice(t)
				mail := hello()
				mail.OnUnknown = rule
				id := o.enqueue(mail)
				out := o.workUntilKilled(row.step)
				if row.step == delivery.StepLog && !strings.Contains(out, o.gmail.AcceptedByMailID(id)[0].ID) {
					t.Errorf("the Gmail ID is not in the dead worker's log:\n%s", out)
				}
				o.ageLease(id)
				if rec, err := o.cfg.Ledger.Look(t.Context(), id); err != nil {
					t.Fatal(err)
				} else if rec.State == ledger.Sending {
					o.endClaim(id)
				}
				o.work()
				s := o.await(id, ledger.Sent, ledger.Unknown, ledger.Failed)
				if ledger.State(s.State) != want.state {
					t.Errorf("state = %s (%s), want %s", s.State, s.Error, want.state)
				}
				o.eventually("the task is done or archived", func() bool {
					n, err := o.rdb.LLen(t.Context(), "asynq:{"+queue+"}:active").Result()
					return err == nil && n == 0
				})
				o.accepted(id, want.accepted)
			})
		}
	}
}

// worker is what the test's own process tells the one that it will lose.
type worker struct {
	Redis    string        `json:"redis"`
	Gmail    string        `json:"gmail"`
	Token    string        `json:"token"`
	ClientID string        `json:"client_id"`
	Secret   string        `json:"secret"`
	Refresh  string        `json:"refresh"`
	DieAfter delivery.Step `json:"die_after"`
}

const workerVariable = "POSTROOM_TEST_WORKER"

// TestMain is a worker's main where a test started this binary as one.
func TestMain(m *testing.M) {
	if spec := os.Getenv(workerVariable); spec != "" {
		beWorker(spec)
		return
	}
	os.Exit(m.Run())
}

// workUntilKilled runs a worker in a process of its own, which is killed after
// the step. It returns what the worker logged.
func (o *office) workUntilKilled(step delivery.Step) string {
	o.t.Helper()
	a := o.gmail.Account(shop)
	spec, err := json.Marshal(worker{ //nolint:gosec // The fake's secrets.
		Redis: o.redis.Addr, Gmail: o.gmail.URL, Token: o.gmail.TokenURL,
		ClientID: a.ClientID, Secret: a.ClientSecret, Refresh: a.RefreshToken, DieAfter: step,
	})
	if err != nil {
		o.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(o.t.Context(), time.Minute) // A worker that never comes to the step ends too.
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), workerVariable+"="+string(spec))
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if err == nil || !ok || !status.Signaled() || status.Signal() != syscall.SIGKILL || ctx.Err() != nil {
		o.t.Fatalf("worker ended with %v, want it killed after %s:\n%s", err, step, out.String())
	}
	return out.String()
}

// beWorker is a worker that kills itself after a step of its first mail.
func beWorker(spec string) {
	var w worker
	if err := json.Unmarshal([]byte(spec), &w); err != nil {
		panic(err)
	}
	sender, err := newSender(w.Gmail, w.Token, w.ClientID, w.Secret, w.Refresh)
	if err != nil {
		panic(err)
	}
	rdb := redis.NewClient(&redis.Options{Addr: w.Redis, ContextTimeoutEnabled: true})
	cfg := config(redisFor(w.DieAfter, rdb), sender)
	cfg.Log = zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), os.Stdout, zap.InfoLevel))
	// On a busy machine an answer that comes late must not make the mail unknown:
	// the step after it would never come.
	cfg.SendTimeout = func(int64) time.Duration { return 30 * time.Second }
	cfg.AfterStep = func(s delivery.Step, _ string) {
		if s == w.DieAfter {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // The signal is on its way.
		}
	}
	if w.DieAfter == afterRider {
		cfg.Concurrency = 1
		rdb.AddHook(&forgetting{rdb: redis.NewClient(rdb.Options())})
	}
	pool, err := delivery.NewPool(cfg)
	if err != nil {
		panic(err)
	}
	_ = pool.Run(context.Background()) // It never returns.
}
