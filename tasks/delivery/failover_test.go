package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"github.com/postroom/postroom/mailer/mailertest"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/budget"
	"github.com/postroom/postroom/tasks/ledger"
)

// TestFailover has everything done once; then a master killed while mail flows,
// and back; then another that its replica has lost before. Nobody is restarted.
func TestFailover(t *testing.T) {
	t.Parallel()
	onBoth(t, func(o *office, r replicated) {
		o.cfg.Budget = budget.New(o.rdb, budget.WithProject(60_000))
		o.allow(budget.Change{Rate: budget.To(60_000), Concurrency: budget.To(8)})
		_, stopOne := o.work()
		_, stopOther := o.work()
		o.everything()
		o.failOver(r, false)
		o.everything()
		stopOne()
		stopOther()
		o.failOverBehind(r)
	})
}

// TestFailoverOfOneThatHangs is the first part of TestFailover with a master that
// comes back as if nothing had been.
func TestFailoverOfOneThatHangs(t *testing.T) {
	t.Parallel()
	r := onSentinel(t)
	o := officeWith(t, open(t, r.url), mailertest.NewServer(t))
	o.work()
	o.failOver(r, true)
	o.everything()
}

// failOver has the master leave and come back while mail flows: workers and
// producers go on by themselves, and every mail is accounted for.
func (o *office) failOver(r replicated, hangs bool) {
	o.t.Helper()
	f := &flow{office: o, accepted: map[string]time.Time{}}
	stop := f.start(4)
	f.await(200)
	old, left := r.master(pending), time.Now()
	unlucky := []time.Time{left}
	if hangs {
		old.Pause()
	} else {
		old.Kill()
	}
	r.awaitFailover(pending, old)
	took := time.Since(left)
	f.await(100)
	if hangs {
		unlucky = append(unlucky, time.Now()) // It does not know yet that it is a replica.
		old.Resume()
	} else {
		old.Restart()
	}
	f.await(100)
	stop()
	lost, twice, leased := f.settle(unlucky)
	o.t.Logf("%d mails; another server was master after %v; lost %d, sent twice %d, with a worker that does not know it %d",
		len(f.accepted), took.Round(10*time.Millisecond), lost, twice, leased)
}

// everything does what needs more than one key, or more than one round trip.
func (o *office) everything() {
	o.t.Helper()
	file := hello()
	file.Attachments = []tasks.Attachment{{Name: "a.txt", Content: []byte("hello")}}
	ids := []string{
		o.enqueue(file), o.enqueue(hello(), tasks.OnLane(tasks.Critical)), o.enqueue(hello(), tasks.OnLane(tasks.Bulk)),
		o.enqueue(tasks.Email{To: hello().To, Template: "welcome", Data: map[string]any{"name": "Ada"}}),
	}
	for _, id := range ids {
		o.await(id, ledger.Sent)
		o.accepted(id, 1)
	}
	later := o.enqueue(hello(), tasks.In(time.Hour))
	if err := o.client.Cancel(o.t.Context(), later); err != nil {
		o.t.Error(err)
	}
	o.await(later, ledger.Cancelled)
}

// flow is mail that comes all the time.
type flow struct {
	*office

	mu       sync.Mutex
	accepted map[string]time.Time
}

// start has so many producers enqueue, until it is told to stop. Each asks again
// under the same ID where it has no answer.
func (f *flow) start(producers int) (stop func()) {
	ctx, cancel := context.WithCancel(f.t.Context())
	var all sync.WaitGroup
	for p := range producers {
		all.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				id := fmt.Sprintf("flow-%d-%d", p, i)
				mail := hello()
				if i%2 == 0 {
					mail = held()
				}
				at := f.insist(mail, id)
				f.mu.Lock()
				f.accepted[id] = at
				f.mu.Unlock()
				time.Sleep(5 * time.Millisecond) // A pace that workers keep.
			}
		})
	}
	return func() {
		cancel()
		all.Wait()
	}
}

// insist enqueues until there is an answer, and returns when that was.
func (o *office) insist(mail tasks.Email, id string) time.Time {
	deadline := time.Now().Add(limit)
	for {
		_, err := o.client.Enqueue(o.t.Context(), mail, tasks.WithID(id))
		if errors.Is(err, tasks.ErrUnavailable) && time.Now().Before(deadline) {
			continue
		}
		if err != nil {
			o.t.Errorf("enqueue %s: %v", id, err)
		}
		return time.Now()
	}
}

// await waits until so many more mails are accepted.
func (f *flow) await(more int) {
	f.t.Helper()
	count := func() int {
		f.mu.Lock()
		defer f.mu.Unlock()
		return len(f.accepted)
	}
	want := count() + more
	f.eventually(fmt.Sprintf("%d mails are accepted", want), func() bool { return count() >= want })
}

// unreplicated is longer than a replica that follows is ever behind.
const unreplicated = 300 * time.Millisecond

// settle waits until each mail is accounted for: sent once, or unknown; or, where
// the replica had not got it when the master left, or a master that is none any
// more took it when it came back, lost, or sent twice; or held by a lease of
// a worker that never heard of it, which asynq ends.
func (f *flow) settle(unlucky []time.Time) (lost, twice, leased int) {
	f.t.Helper()
	isUnlucky := func(at time.Time) bool {
		return slices.ContainsFunc(unlucky, func(t time.Time) bool { return at.Sub(t).Abs() < unreplicated })
	}
	for id, at := range f.accepted {
		var state tasks.State
		since := time.Now()
		f.eventually(id+" is accounted for", func() bool {
			s, err := f.client.Status(f.t.Context(), id)
			switch {
			case errors.Is(err, tasks.ErrNotFound):
				state = ""
				return true
			case err != nil:
				return false
			}
			state = s.State
			return state == tasks.StateSent || state == tasks.StateUnknown ||
				time.Since(since) > unleased && f.isActive(id)
		})
		copies := f.gmail.AcceptedByMailID(id)
		switch {
		case state == "" && len(copies) == 0:
			lost++
			if !isUnlucky(at) {
				f.t.Errorf("%s is lost; it was accepted %v after the master left", id, at.Sub(unlucky[0]))
			}
		case len(copies) == 2:
			twice++
			if at := copies[0].At; !isUnlucky(at) {
				f.t.Errorf("%s was sent twice, first %v after the master left", id, at.Sub(unlucky[0]))
			}
		case state == tasks.StateSent && len(copies) == 1, state == tasks.StateUnknown && len(copies) < 2:
		case len(copies) < 2:
			leased++
		default:
			f.t.Errorf("%s is %q, and Gmail has %d copies", id, state, len(copies))
		}
	}
	return lost, twice, leased
}

// unleased is longer than a worker has any of these mails.
const unleased = 8 * time.Second

// isActive reports whether asynq takes the mail for one that a worker has.
func (f *flow) isActive(id string) bool {
	info, err := asynq.NewInspectorFromRedisClient(f.rdb).GetTaskInfo(queue, id)
	return err == nil && info.State == asynq.TaskStateActive
}

// failOverBehind cuts a master's replica off and kills the master a few mails
// later: that costs exactly what docs/redis.md says.
func (o *office) failOverBehind(r replicated) {
	o.t.Helper()
	o.eventually("a replica follows", func() bool {
		_, err := o.client.Enqueue(o.t.Context(), hello(), tasks.WithID("first"), tasks.WaitReplicas(1))
		return err == nil
	})
	before := append(o.enqueueMany(10, tasks.WaitReplicas(1)), "first")
	old := r.master(pending)
	var forgotten []string // Of these the replica will not know that they were sent.
	for _, id := range before {
		if r.master(record(id)) == old {
			forgotten = append(forgotten, id)
		}
	}
	old.CutReplicas()
	after := o.behind(before, len(forgotten) > 0)
	old.Kill()
	r.awaitFailover(pending, old)
	for _, id := range after {
		o.eventually(id+" is lost", func() bool {
			_, err := o.client.Status(o.t.Context(), id)
			return errors.Is(err, tasks.ErrNotFound)
		})
		o.insist(hello(), id)
	}
	o.cfg.WaitReplicas = 0
	o.work()
	for _, id := range after {
		o.await(id, ledger.Sent)
		o.accepted(id, 1)
	}
	for _, id := range before {
		o.eventually("the task of "+id+" is gone", func() bool {
			n, err := o.rdb.Exists(o.t.Context(), "asynq:{"+queue+"}:t:"+id).Result()
			return err == nil && n == 0
		})
		want := 1
		if slices.Contains(forgotten, id) {
			want = 2
		}
		o.accepted(id, want)
	}
	o.t.Logf("behind: accepted and lost %d of %d, sent twice %d of %d", len(after), len(after), len(forgotten), len(before))
}

// behind sends mail and accepts some while the replica is cut off. What asks for
// replicas is told.
func (o *office) behind(before []string, worker bool) (after []string) {
	o.t.Helper()
	o.cfg.WaitReplicas = 1
	_, stop := o.work()
	o.eventually("what was there is sent", func() bool { return o.sent(before) == len(before) })
	stop()
	said := o.log.FilterMessage("replicas behind; going on without them").Len()
	if worker && said != 1 || !worker && said != 0 {
		o.t.Errorf("%d lines say that replicas are behind, want one where there are such", said)
	}
	after = o.enqueueMany(10)
	receipt, err := o.client.Enqueue(o.t.Context(), hello(), tasks.WithID("said"), tasks.WaitReplicas(1))
	if !errors.Is(err, tasks.ErrNotReplicated) || receipt.ID != "said" {
		o.t.Errorf("Enqueue with WaitReplicas(1) = %+v, %v; want the receipt and ErrNotReplicated", receipt, err)
	}
	return append(after, "said")
}
