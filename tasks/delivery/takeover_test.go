package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/mailer/mailertest"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/delivery"
	"github.com/postroom/postroom/tasks/ledger"
)

// lines are the log's of one mail: level, outcome, attempt and error.
func (o *office) lines(id string) []string {
	var lines []string
	for _, e := range o.log.FilterMessage("delivery").All() {
		if f := e.ContextMap(); f["mail_id"] == id {
			lines = append(lines, fmt.Sprintf("%v %v %v %v", e.Level, f["outcome"], f["attempt"], f["error"]))
		}
	}
	return lines
}

// logged waits for a mail's first line and holds what it says.
func (o *office) logged(id, want string) {
	o.t.Helper()
	o.eventually("a line of "+id, func() bool { return len(o.lines(id)) > 0 })
	if got := o.lines(id)[0]; got != want {
		o.t.Errorf("the log says %q, want %q", got, want)
	}
}

// left makes a mail one whose worker died after the step, long ago.
func (o *office) left(id string, step delivery.Step) {
	o.t.Helper()
	o.workUntilKilled(step)
	o.ageLease(id)
	if rec, err := o.cfg.Ledger.Look(o.t.Context(), id); err != nil {
		o.t.Fatal(err)
	} else if rec.State == ledger.Sending {
		o.endClaim(id)
	}
}

func held() tasks.Email {
	e := hello()
	e.OnUnknown = tasks.Hold
	return e
}

func in(d time.Duration) func() time.Time { return func() time.Time { return time.Now().Add(d) } }

const workerEnded = "unknown: the worker ended while it was sending"

// whatToType is what the dashboard says of an unknown mail beyond its error.
func whatToType(s tasks.Status) string {
	if s.State != tasks.StateUnknown {
		return ""
	}
	return "; look into Sent, then type: enqueue settle " + s.ID + " --as sent, or: enqueue retry --unknown " + s.ID
}

func TestAHeldMailsWorkerDied(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.enqueue(held())
	o.left(id, delivery.StepSend)
	o.work()
	s := o.await(id, ledger.Unknown)
	o.logged(id, "error unknown 1 "+workerEnded)
	o.eventually("it is archived", func() bool { return slices.Equal(o.archived(), []string{workerEnded + whatToType(s)}) })
	if s.Attempts != 1 || s.Error != workerEnded {
		t.Errorf("status = %+v", s)
	}
}

// TestItsTimeIsOverWhenTheWorkerDied finds a mail in the hands of a dead worker
// that is not to be sent any more: nobody knows whether it was.
func TestItsTimeIsOverWhenTheWorkerDied(t *testing.T) {
	t.Parallel()
	for _, rule := range []tasks.OnUnknown{tasks.Resend, tasks.Hold} {
		t.Run(string(rule), func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			e := hello()
			e.OnUnknown = rule
			id := o.enqueue(e, tasks.ExpiresIn(time.Hour))
			o.left(id, delivery.StepClaim)
			o.cfg.Now = in(2 * time.Hour)
			o.work()
			o.await(id, ledger.Unknown)
			o.logged(id, "error unknown 1 "+workerEnded)
			o.accepted(id, 0)
		})
	}
}

func TestItsTemplateIsGoneWhenTheWorkerDied(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.enqueue(tasks.Email{To: hello().To, Template: "welcome", Data: map[string]any{"name": "Ada"}})
	o.left(id, delivery.StepSend)
	var later atomic.Int64
	o.cfg.Now = func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
	o.cfg.Renderer = lacking{}
	o.work()
	o.eventually("it is put back", func() bool { return len(o.lines(id)) > 0 })
	later.Store(int64(time.Hour + time.Minute))
	o.hurryTo(id, ledger.Unknown)
	o.accepted(id, 1)
}

// TestExpiryIsNotWhatBecameOfIt lets mail that was decided about come again
// after its time.
func TestExpiryIsNotWhatBecameOfIt(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	sent := o.enqueue(hello(), tasks.ExpiresIn(time.Hour))
	o.left(sent, delivery.StepRecord)
	o.gmail.Script(mailertest.AcceptThenCut())
	unknown := o.enqueue(held(), tasks.ExpiresIn(time.Hour))
	_, stop := o.work()
	s := o.await(unknown, ledger.Unknown)
	o.eventually("both tasks are settled", func() bool { return len(o.archived()) == 1 && len(o.lines(sent)) == 1 })
	stop()
	text := o.archived()[0]
	o.log.TakeAll()
	if err := asynq.NewInspectorFromRedisClient(o.rdb).RunTask(queue, unknown); err != nil {
		t.Fatal(err)
	}
	o.cfg.Now = in(2 * time.Hour)
	o.work()
	o.logged(unknown, "info unknown 1 "+s.Error)
	o.eventually("it is archived again", func() bool { return slices.Equal(o.archived(), []string{text}) })
}

// TestAttemptsOfTheDeadCount follows a mail whose worker died and that Gmail has
// trouble with afterwards.
func TestAttemptsOfTheDeadCount(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.cfg.Attempts = 2
	id := o.enqueue(hello())
	o.left(id, delivery.StepClaim)
	o.gmail.Decide(func(mailertest.Request) mailertest.Fault { return mailertest.BackendError() })
	o.work()
	s := o.await(id, ledger.Failed)
	if s.Attempts != 2 || !strings.HasSuffix(s.Error, "(attempt 2 of 2)") {
		t.Errorf("status = %+v, want two attempts of two", s)
	}
	o.eventually("the log has it", func() bool { return len(o.lines(id)) > 0 })
	if lines := o.lines(id); len(lines) != 1 || !strings.HasPrefix(lines[0], "error failed 2 given up after 2 attempts") {
		t.Errorf("the log says %q", lines)
	}
}

// TestAnotherAttemptDecided has one worker wait for another, which fails the
// mail: the dashboard says so, and its "run" starts a new round.
func TestAnotherAttemptDecided(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.enqueue(hello())
	if c, err := o.cfg.Ledger.Begin(t.Context(), id, ledger.Attempt{Token: "other", Lease: time.Minute}); err != nil || !c.Won {
		t.Fatal(c, err)
	}
	waiting := make(chan struct{}, 1)
	o.cfg.Ledger = &watched{Ledger: o.cfg.Ledger, refused: func() {
		select {
		case waiting <- struct{}{}:
		default:
		}
	}}
	o.work()
	<-waiting
	const text = "permanent 400 invalidArgument: Invalid To header (attempt 1 of 12)"
	if _, ok, err := o.cfg.Ledger.Finish(t.Context(), id, ledger.Change{
		Token: "other", To: ledger.Failed, Claimed: true, Used: true, Error: text,
	}); err != nil || !ok {
		t.Fatal(ok, err)
	}
	o.eventually("it is archived", func() bool { return slices.Equal(o.archived(), []string{text}) })
	o.logged(id, "info failed 1 "+text)
	if err := asynq.NewInspectorFromRedisClient(o.rdb).RunTask(queue, id); err != nil {
		t.Fatal(err)
	}
	o.await(id, ledger.Sent)
	o.accepted(id, 1)
}

// watched tells of claims that are refused.
type watched struct {
	delivery.Ledger
	refused func()
}

func (w *watched) Begin(ctx context.Context, id string, a ledger.Attempt) (ledger.Claim, error) {
	c, err := w.Ledger.Begin(ctx, id, a)
	if err == nil && !c.Won {
		w.refused()
	}
	return c, err
}

// TestALiveWorkersWordIsAwaited is an outage that ends when the claim is over
// already: the worker that sent the mail lives, and another one is quicker.
func TestALiveWorkersWordIsAwaited(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.enqueue(hello())
	back := make(chan struct{})
	whole := o.cfg.Ledger
	o.cfg.Ledger = &mute{Ledger: whole, until: back, lost: o.rdb.Pipeline()}
	o.work()
	o.eventually("Gmail has it", func() bool { return o.gmail.CountByMailID(id) == 1 })
	if err := o.rdb.HSet(t.Context(), record(id), "deadline", 1).Err(); err != nil {
		t.Fatal(err)
	}
	// As asynq's recoverer does when the lease has ended.
	if err := o.rdb.LPush(t.Context(), "asynq:{"+queue+"}:pending", id).Err(); err != nil {
		t.Fatal(err)
	}
	asked := make(chan struct{}, 1)
	o.cfg.Ledger = &watched{Ledger: whole, refused: func() {
		select {
		case asked <- struct{}{}:
		default:
		}
	}}
	o.work()
	select {
	case <-asked:
	case <-time.After(limit):
		t.Fatal("nobody was refused")
	}
	close(back)
	o.await(id, ledger.Sent)
	o.eventually("the task is gone", func() bool {
		n, err := o.rdb.Exists(t.Context(), "asynq:{"+queue+"}:t:"+id).Result()
		return err == nil && n == 0
	})
	o.accepted(id, 1)
}

var errCut = errors.New("i/o timeout")

// mute cannot write an outcome until its Redis is back.
type mute struct {
	delivery.Ledger

	until <-chan struct{}
	lost  redis.Pipeliner // What goes along meanwhile.
}

func (m *mute) Finish(ctx context.Context, id string, c ledger.Change) (ledger.State, bool, error) {
	select {
	case <-m.until:
		return m.Ledger.Finish(ctx, id, c)
	default:
		return "", false, errCut
	}
}

func (m *mute) FinishWith(
	ctx context.Context, id string, c ledger.Change, others func(redis.Pipeliner),
) (ledger.State, bool, error) {
	select {
	case <-m.until:
		return m.Ledger.FinishWith(ctx, id, c, others)
	default:
		others(m.lost)
		return "", false, errCut
	}
}

// TestAnOutcomeHasTheGraceTime stops a worker that can't write an outcome: it
// goes on trying, and ends as soon as it could.
func TestAnOutcomeHasTheGraceTime(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	back := make(chan struct{})
	o.cfg.Ledger = &mute{Ledger: o.cfg.Ledger, until: back, lost: o.rdb.Pipeline()}
	id := o.enqueue(hello())
	_, stop := o.work()
	o.eventually("Gmail has it", func() bool { return o.gmail.CountByMailID(id) == 1 })
	ended := make(chan struct{})
	go func() {
		stop()
		close(ended)
	}()
	time.Sleep(8 * time.Second) // Longer than a stop waits for asynq.
	close(back)
	select {
	case <-ended:
	case <-time.After(8 * time.Second): // Less than the grace time.
		t.Error("the worker did not end when the outcome was written")
	}
	o.await(id, ledger.Sent)
}

// TestAClaimWhoseAnswerGotLost stops a worker whose claim Redis has made and
// not confirmed: nothing left, so even a mail that is held goes out later.
func TestAClaimWhoseAnswerGotLost(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.enqueue(held())
	whole := o.cfg.Ledger
	claimed := make(chan struct{}, 100)
	o.cfg.Ledger = &deaf{Ledger: whole, claimed: claimed}
	o.cfg.Grace = time.Second
	_, stop := o.work()
	<-claimed
	stop()
	if s := o.await(id, ledger.Waiting); s.Attempts != 0 {
		t.Errorf("status = %+v, want no attempt used", s)
	}
	o.cfg.Ledger = whole
	o.work()
	o.await(id, ledger.Sent)
	o.accepted(id, 1)
}

// deaf does not hear that its claim was made.
type deaf struct {
	delivery.Ledger
	claimed chan<- struct{}
}

func (d *deaf) Begin(ctx context.Context, id string, a ledger.Attempt) (ledger.Claim, error) {
	if _, err := d.Ledger.Begin(ctx, id, a); err != nil {
		return ledger.Claim{}, err
	}
	d.claimed <- struct{}{}
	return ledger.Claim{}, errCut
}

// TestNoRecordIsNoLicence redelivers mail whose record has had its time while
// asynq still had the task.
func TestNoRecordIsNoLicence(t *testing.T) {
	t.Parallel()
	for step, copies := range map[delivery.Step]int{delivery.StepRecord: 1, delivery.StepWait: 0} {
		t.Run(string(step), func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			id := o.enqueue(hello())
			o.left(id, step)
			o.forget(id)
			o.work()
			o.eventually("it is archived", func() bool { return len(o.archived()) == 1 })
			if text := o.archived()[0]; !strings.Contains(text, "may have been sent") {
				t.Errorf("the dashboard says %q", text)
			}
			o.accepted(id, copies)
		})
	}
}

// TestTheRecordIsLost loses it between claim and outcome: the mail stays where
// somebody sees it.
func TestTheRecordIsLost(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.enqueue(hello())
	o.gmail.Decide(func(mailertest.Request) mailertest.Fault {
		o.rdb.Del(context.Background(), record(id))
		return mailertest.BackendError()
	})
	o.work()
	s := o.await(id, ledger.Retrying)
	if s.Queue != queue || !strings.Contains(s.Error, "503") {
		t.Errorf("status = %+v", s)
	}
	o.eventually("it is in the retry tab", func() bool { return len(o.retrying()) == 1 })
}
