package delivery_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/mailertest"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/budget"
	"github.com/postroom/postroom/tasks/delivery"
	"github.com/postroom/postroom/tasks/ledger"
)

// readingOffice is one whose account may read its Sent mail.
func readingOffice(t *testing.T, options ...mailertest.Option) *office {
	t.Helper()
	const scope = "https://www.googleapis.com/auth/gmail."
	account := mailertest.Account{Address: shop, Scopes: []string{scope + "send", scope + "readonly"}}
	o := newOffice(t, append(options, mailertest.WithAccount(account))...)
	finder, ok := o.cfg.Accounts[0].Sender.(mailer.Finder)
	if !ok {
		t.Fatal("the Gmail sender is no Finder")
	}
	o.cfg.Accounts[0].Finder = finder
	return o
}

// lookedUp waits until the mail was looked up n times without a decision.
func (o *office) lookedUp(id string, n int) {
	o.t.Helper()
	o.eventually("it was looked up", func() bool {
		o.hurry()
		looked, _ := o.rdb.HGet(o.t.Context(), record(id), "looked").Int()
		return looked >= n
	})
}

// afterMinutes moves back in time when the mail left, and was first looked for
// in vain.
func (o *office) afterMinutes(id string) {
	o.t.Helper()
	if err := o.backdate(o.t.Context(), id); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) backdate(ctx context.Context, id string) error {
	ago := time.Now().Add(-3 * time.Minute).UnixMilli()
	key := record(id)
	if err := o.rdb.HSet(ctx, key, "left", ago).Err(); err != nil {
		return err
	}
	if since, _ := o.rdb.HGet(ctx, key, "absent_since").Result(); since == "" {
		return nil
	}
	return o.rdb.HSet(ctx, key, "absent_since", ago).Err()
}

// TestAnUnknownMailIsFound has Gmail take a mail and not say so: it is not sent
// again, whatever its rule.
func TestAnUnknownMailIsFound(t *testing.T) {
	t.Parallel()
	for name, rule := range map[string]tasks.OnUnknown{"resend": tasks.Resend, "hold": tasks.Hold} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := readingOffice(t)
			o.gmail.Script(mailertest.AcceptThenCut())
			e := hello()
			e.OnUnknown = rule
			id := o.enqueue(e)
			o.work()
			s := o.await(id, ledger.Unknown)
			if s.NextAt.IsZero() || len(o.archived()) > 0 {
				t.Errorf("status %+v; want it to say when it is looked up", s)
			}
			o.hurryTo(id, ledger.Sent)
			s = o.await(id, ledger.Sent)
			if want := o.gmail.AcceptedByMailID(id)[0].ID; s.GmailID != want || s.Attempts != 1 || s.Error != "" {
				t.Errorf("status %+v; want the Gmail ID %s, one attempt and no error", s, want)
			}
			o.accepted(id, 1)
			if got := o.lines(id); len(got) != 2 || !strings.HasPrefix(got[1], "info sent 1") {
				t.Errorf("the log says %q; want unknown, then sent", got)
			}
			o.eventually("its task is done", func() bool { return len(o.retrying()) == 0 })
			if kept, err := o.rdb.Exists(t.Context(), strings.Replace(record(id), ":mail:", ":kept:", 1)).Result(); err != nil || kept != 0 {
				t.Errorf("its payload is kept: %d, %v", kept, err)
			}
		})
	}
}

// TestAMailThatIsNotThere is cut before Gmail took it. It counts as not sent
// when it was not found three times, over two minutes, after it can have left.
func TestAMailThatIsNotThere(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		rule   tasks.OnUnknown
		state  ledger.State
		copies int
	}{
		"resend": {tasks.Resend, ledger.Sent, 1},
		"hold":   {tasks.Hold, ledger.Unknown, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := readingOffice(t)
			o.gmail.Script(mailertest.Cut())
			e := hello()
			e.OnUnknown = want.rule
			id := o.enqueue(e)
			o.work()
			o.await(id, ledger.Unknown)
			o.lookedUp(id, 4) // In a moment: it may be on its way still.
			if s := o.await(id, ledger.Unknown); s.State != tasks.StateUnknown {
				t.Fatalf("status %+v", s)
			}
			o.accepted(id, 0)
			o.afterMinutes(id)
			o.lookedUp(id, 7) // Three times, and the first just now.
			o.accepted(id, 0)
			o.afterMinutes(id)
			o.eventually("it is decided", func() bool {
				o.hurry()
				rec := o.record(id)
				return rec.State == want.state && !rec.LookUp
			})
			o.accepted(id, want.copies)
			if want.state == ledger.Unknown {
				o.eventually("it is in the archive", func() bool { return len(o.archived()) == 1 })
			}
		})
	}
}

// TestALookUpThatFailsMeansNothing has the look-ups fail in each way, and finds
// the mail in the end.
func TestALookUpThatFailsMeansNothing(t *testing.T) {
	t.Parallel()
	o := readingOffice(t)
	o.gmail.Script(mailertest.AcceptThenCut())
	id := o.enqueue(hello())
	var out atomic.Bool
	out.Store(true)
	o.gmail.DecideLookUps(func(mailertest.LookUp) mailertest.Fault {
		switch {
		case !out.Load():
			return mailertest.Fault{}
		case time.Now().UnixMilli()%2 == 0:
			return mailertest.BackendError()
		}
		return mailertest.InvalidArgument("no")
	})
	o.work()
	o.await(id, ledger.Unknown)
	for _, looks := range []int{4, 7, 10} { // Were one of them taken for "not there", this would be long enough.
		o.afterMinutes(id)
		o.lookedUp(id, looks)
	}
	if rec := o.record(id); !rec.LookUp || rec.State != ledger.Unknown {
		t.Errorf("record %+v; want it to be looked up still", rec)
	}
	out.Store(false)
	o.hurryTo(id, ledger.Sent)
	o.accepted(id, 1)
}

// TestALookUpThatIsThrottled has the account wait, and counts for nothing.
func TestALookUpThatIsThrottled(t *testing.T) {
	t.Parallel()
	o := readingOffice(t)
	o.gmail.Script(mailertest.AcceptThenCut())
	id := o.enqueue(hello())
	o.gmail.ScriptLookUps(mailertest.TooManyRequests(time.Now().Add(3 * time.Second)))
	pool, _ := o.work()
	o.await(id, ledger.Unknown)
	o.eventually("the account is frozen", func() bool {
		o.hurry()
		return pool.Accounts()[0].State == "frozen"
	})
	if n := o.record(id).State; n != ledger.Unknown {
		t.Errorf("it is %v", n)
	}
	o.hurryTo(id, ledger.Sent)
	o.accepted(id, 1)
}

// TestAMailWithoutOurHeaderDecidesNothing holds for a Gmail that drops it.
func TestAMailWithoutOurHeaderDecidesNothing(t *testing.T) {
	t.Parallel()
	o := readingOffice(t, mailertest.WithoutXHeaders())
	o.gmail.Script(mailertest.AcceptThenCut())
	id := o.enqueue(hello())
	o.work()
	o.await(id, ledger.Unknown)
	for _, looks := range []int{4, 7, 10} {
		o.afterMinutes(id)
		o.lookedUp(id, looks)
	}
	if rec := o.record(id); !rec.LookUp || rec.State != ledger.Unknown {
		t.Errorf("record %+v; want it to be neither sent nor absent", rec)
	}
	o.accepted(id, 1)
	o.hurryTo(id, ledger.Sent) // After 20 looks its rule says so.
	o.accepted(id, 2)
}

// TestADeadWorkersMailIsFound has the worker die after Gmail took its mail.
func TestADeadWorkersMailIsFound(t *testing.T) {
	t.Parallel()
	o := readingOffice(t)
	id := o.enqueue(hello())
	o.left(id, delivery.StepSend)
	o.work()
	o.hurryTo(id, ledger.Sent)
	o.accepted(id, 1)
	if s := o.await(id, ledger.Sent); s.GmailID != o.gmail.AcceptedByMailID(id)[0].ID {
		t.Errorf("status %+v; want Gmail's ID", s)
	}
}

// TestRunLooksUpAgain presses "run" on an unknown mail that Sent did not show in
// time.
func TestRunLooksUpAgain(t *testing.T) {
	t.Parallel()
	o := readingOffice(t)
	finder := o.cfg.Accounts[0].Finder
	o.cfg.Accounts[0].Finder = nil
	o.gmail.Script(mailertest.AcceptThenCut())
	id := o.enqueue(held())
	pool, _ := o.work()
	o.await(id, ledger.Unknown)
	o.eventually("it is in the archive", func() bool { return len(o.archived()) == 1 })
	// Its owner logs in anew, and lets it be read.
	account := o.cfg.Accounts[0]
	account.Finder, account.Revision = finder, 1
	o.accounts(pool, account)
	if err := asynq.NewInspectorFromRedisClient(o.rdb).RunTask(queue, id); err != nil {
		t.Fatal(err)
	}
	o.await(id, ledger.Sent)
	o.accepted(id, 1)
}

// TestNobodyMayLookAnyMore takes the right to read away from an account while its
// mail is looked up: the mail's rule decides.
func TestNobodyMayLookAnyMore(t *testing.T) {
	t.Parallel()
	o := readingOffice(t)
	o.gmail.Script(mailertest.Cut())
	id := o.enqueue(hello())
	pool, _ := o.work()
	o.await(id, ledger.Unknown)
	account := o.cfg.Accounts[0]
	account.Finder, account.Revision = nil, 1
	o.accounts(pool, account)
	o.hurryTo(id, ledger.Sent)
	o.accepted(id, 1)
}

// TestALookWhoseAnswerGotLost has Redis write a look down, be away for minutes,
// and be asked again: that is one look, and no two that are minutes apart.
func TestALookWhoseAnswerGotLost(t *testing.T) {
	t.Parallel()
	o := readingOffice(t)
	o.gmail.Script(mailertest.Cut())
	id := o.enqueue(hello())
	forgetful := &forgetful{Ledger: o.cfg.Ledger, away: func(ctx context.Context) error { return o.backdate(ctx, id) }}
	o.cfg.Ledger = forgetful
	o.work()
	o.await(id, ledger.Unknown)
	o.lookedUp(id, 3)
	looks, err := o.rdb.HGet(t.Context(), record(id), "looked").Int64()
	if asked := forgetful.asked.Load(); err != nil || 2*looks > asked+1 {
		t.Errorf("%d looks are counted of %d calls, %v; want one of two", looks, asked, err)
	}
	if rec := o.record(id); rec.State != ledger.Unknown || !rec.LookUp {
		t.Errorf("record %+v; want it to be looked up still", rec)
	}
}

// forgetful hears the answer to a look at the second time only.
type forgetful struct {
	delivery.Ledger

	away  func(context.Context) error
	asked atomic.Int64
}

func (f *forgetful) Looked(ctx context.Context, id string, u ledger.LookUp, a ledger.Absence) (ledger.State, bool, error) {
	first := f.asked.Add(1)%2 == 1 // Counted before Redis does, whose count the test waits for.
	state, held, err := f.Ledger.Looked(ctx, id, u, a)
	if err == nil && first {
		return "", false, errors.Join(errCut, f.away(ctx))
	}
	return state, held, err
}

// unknownInArchive is an office whose account got the right to read its Sent mail
// after a mail of unknown outcome was archived at its first attempt.
func unknownInArchive(t *testing.T) (o *office, pool *delivery.Pool, stop func(), id string) {
	t.Helper()
	o = readingOffice(t)
	finder := o.cfg.Accounts[0].Finder
	o.cfg.Accounts[0].Finder = nil
	o.cfg.Grace = 5 * time.Second
	o.gmail.Script(mailertest.AcceptThenCut())
	id = o.enqueue(held())
	pool, stop = o.work()
	o.await(id, ledger.Unknown)
	o.eventually("it is in the archive", func() bool { return len(o.archived()) == 1 })
	account := o.cfg.Accounts[0]
	account.Finder, account.Revision = finder, 1
	o.accounts(pool, account)
	return o, pool, stop, id
}

// TestAMailThatIsLookedUpLeavesTheGate looks up a mail of which only the claim
// finds that it is unknown. A stop has nobody to wait for then.
func TestAMailThatIsLookedUpLeavesTheGate(t *testing.T) {
	t.Parallel()
	o, _, stop, id := unknownInArchive(t)
	o.run(id)
	o.await(id, ledger.Sent)
	begun := time.Now()
	stop()
	if took := time.Since(begun); took > 3*time.Second {
		t.Errorf("the stop took %v: it waited for a mail that is not there", took)
	}
	o.accepted(id, 1)
}

// TestAMailThatIsLookedUpMayBeTheOneThatTries has it be the first after a freeze.
func TestAMailThatIsLookedUpMayBeTheOneThatTries(t *testing.T) {
	t.Parallel()
	o, pool, _, id := unknownInArchive(t)
	o.freeze(pool, 4*time.Second)
	o.run(id)
	time.Sleep(5 * time.Second)
	other := o.enqueue(hello())
	o.await(id, ledger.Sent)
	o.await(other, ledger.Sent)
	o.accepted(id, 1)
}

func (o *office) run(id string) {
	o.t.Helper()
	if err := asynq.NewInspectorFromRedisClient(o.rdb).RunTask(queue, id); err != nil {
		o.t.Fatal(err)
	}
}

// freeze has the account wait for so long, and this worker know.
func (o *office) freeze(pool *delivery.Pool, d time.Duration) {
	o.t.Helper()
	if _, err := o.cfg.Budget.Freeze(o.t.Context(), shop, budget.Freeze{Until: time.Now().Add(d), Reason: "429 elsewhere"}); err != nil {
		o.t.Fatal(err)
	}
	o.eventually("the account is frozen here too", func() bool { return pool.Accounts()[0].State == "frozen" })
}

// TestItIsLookedUpWhereItWasSent moves the default to another account while a
// mail for no account, which Gmail took, is looked up.
func TestItIsLookedUpWhereItWasSent(t *testing.T) {
	t.Parallel()
	for name, stays := range map[string]bool{"the first account stays": true, "it goes": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := readingOffice(t)
			o.gmail.Script(mailertest.AcceptThenCut())
			id := o.plainly(held())
			pool, _ := o.work()
			o.await(id, ledger.Unknown)
			first := o.cfg.Accounts[0]
			first.Default = false
			var sent mailertest.Recorder
			second := recorded(news, &sent)
			second.Default, second.Finder = true, nothingThere{}
			all := []delivery.Account{second}
			if stays {
				all = append(all, first)
			}
			o.accounts(pool, all...)
			want := ledger.Unknown
			if stays {
				want = ledger.Sent
			}
			o.eventually("it is decided", func() bool {
				_, _ = asynq.NewInspectorFromRedisClient(o.rdb).RunAllRetryTasks("default")
				_ = o.backdate(t.Context(), id)
				rec := o.record(id)
				return !rec.LookUp || rec.State != ledger.Unknown
			})
			rec := o.record(id)
			if rec.State != want {
				t.Errorf("it is %s, want %s", rec.State, want)
			}
			for _, e := range rec.History {
				if strings.Contains(e.Text, "not in Sent") {
					t.Errorf("its history says %q of an account that never had it", e.Text)
				}
			}
			o.accepted(id, 1)
		})
	}
}

// nothingThere is the Sent mail of an account that has sent nothing.
type nothingThere struct{}

func (nothingThere) Find(context.Context, mailer.Sought) (mailer.Found, error) {
	return mailer.Found{Verdict: mailer.Absent}, nil
}

// TestLaterMailHidesNoUnknownOne sends its reader much more mail before it is
// looked up.
func TestLaterMailHidesNoUnknownOne(t *testing.T) {
	t.Parallel()
	var later atomic.Int64
	o := readingOffice(t, mailertest.WithTokenLifetime(24*time.Hour),
		mailertest.WithNow(func() time.Time { return time.Now().Add(time.Duration(later.Load())) }))
	o.gmail.Script(mailertest.AcceptThenCut())
	id := o.enqueue(hello())
	o.work()
	o.await(id, ledger.Unknown)
	later.Store(int64(time.Hour))
	ids := o.enqueueMany(25)
	o.eventually("later mail", func() bool { return o.sent(ids) == len(ids) })
	o.hurryTo(id, ledger.Sent)
	o.accepted(id, 1)
}

// TestAnExpiredMailIsStillLookedUp has the time of an unknown mail pass before
// it is looked up: whether Gmail has it does not depend on that.
func TestAnExpiredMailIsStillLookedUp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault mailertest.Fault
		state ledger.State
	}{
		"it is in Sent":     {mailertest.AcceptThenCut(), ledger.Sent},
		"it is not in Sent": {mailertest.Cut(), ledger.Expired},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := readingOffice(t)
			var later atomic.Int64
			o.cfg.Now = func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
			o.gmail.Script(c.fault)
			id := o.enqueue(hello(), tasks.ExpiresIn(time.Hour))
			o.work()
			o.await(id, ledger.Unknown)
			later.Store(int64(2 * time.Hour))
			o.eventually("it is decided", func() bool {
				o.hurry()
				_ = o.backdate(t.Context(), id)
				state := o.record(id).State
				return state == ledger.Sent || state == ledger.Expired || len(o.archived()) > 0
			})
			if rec := o.record(id); rec.State != c.state {
				t.Errorf("it is %s (%s), and looked up: %v; want it %s", rec.State, rec.Error, rec.LookUp, c.state)
			}
		})
	}
}

// TestALateWordEndsNoLookUp is an attempt that hears from Gmail when another has
// taken it for dead already: the mail is looked up all the same.
func TestALateWordEndsNoLookUp(t *testing.T) {
	t.Parallel()
	o := readingOffice(t)
	id := o.enqueue(hello())
	o.gmail.Decide(func(mailertest.Request) mailertest.Fault {
		o.endClaim(id)
		c, err := o.cfg.Ledger.Begin(context.Background(), id, ledger.Attempt{
			Token: "another", Lease: time.Minute, Account: shop, Resend: true, Limit: 12, LookUpAt: time.Now(),
		})
		if err != nil || !c.LookUp {
			t.Errorf("Begin = %+v, %v; want it to be looked up", c, err)
		}
		return mailertest.AcceptThen503()
	})
	o.work()
	o.await(id, ledger.Unknown)
	o.eventually("its task waits, or is archived", func() bool { return len(o.retrying())+len(o.archived()) == 1 })
	o.hurryTo(id, ledger.Sent)
	o.accepted(id, 1)
}

// TestADeadWorkersMailIsLookedUpWhereItWasSent has the default move to an account
// that can't be read when a worker has died with a mail for no account.
func TestADeadWorkersMailIsLookedUpWhereItWasSent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		reads  bool
		copies int
	}{
		"the first account can be read": {true, 1},
		"it can't":                      {false, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := readingOffice(t)
			id := o.plainly(hello())
			o.workUntilKilled(delivery.StepSend)
			past := redis.Z{Score: float64(time.Now().Add(-time.Minute).Unix()), Member: id}
			if err := o.rdb.ZAddXX(t.Context(), "asynq:{default}:lease", past).Err(); err != nil {
				t.Fatal(err)
			}
			o.endClaim(id)
			first := o.cfg.Accounts[0]
			first.Default = false
			if !c.reads {
				first.Finder = nil
			}
			var sent mailertest.Recorder
			second := recorded(news, &sent)
			second.Default = true
			o.cfg.Accounts = []delivery.Account{first, second}
			o.work()
			o.eventually("it is decided", func() bool {
				_, _ = asynq.NewInspectorFromRedisClient(o.rdb).RunAllRetryTasks("default")
				return o.record(id).State == ledger.Sent
			})
			if n := o.gmail.CountByMailID(id) + len(sent.Messages()); n != c.copies {
				t.Errorf("%d copies of it went out, want %d", n, c.copies)
			}
		})
	}
}

// TestAnotherAccountThatCantBeAskedNow is the network's fault, or its quota's: that
// is no look, however long it lasts. One that a person has to mend is.
func TestAnotherAccountThatCantBeAskedNow(t *testing.T) {
	t.Parallel()
	for class, looks := range map[mailer.Class]bool{mailer.Unreachable: false, mailer.Throttled: false, mailer.Blocked: true} {
		t.Run(class.String(), func(t *testing.T) {
			t.Parallel()
			o := readingOffice(t)
			o.gmail.Script(mailertest.AcceptThenCut())
			id := o.plainly(hello())
			pool, _ := o.work()
			o.await(id, ledger.Unknown)
			var asked atomic.Int64
			first := o.cfg.Accounts[0]
			first.Default, first.Finder = false, away{class, &asked}
			second := recorded(news, &mailertest.Recorder{})
			second.Default = true
			o.accounts(pool, first, second)
			o.eventually("it was asked for three times", func() bool {
				_, _ = asynq.NewInspectorFromRedisClient(o.rdb).RunAllRetryTasks("default")
				return asked.Load() >= 3
			})
			if n, _ := o.rdb.HGet(t.Context(), record(id), "looked").Int(); (n > 0) != looks {
				t.Errorf("%d looks are counted", n)
			}
		})
	}
}

// away is the Sent mail of an account that can't be asked.
type away struct {
	class mailer.Class
	asked *atomic.Int64
}

func (a away) Find(context.Context, mailer.Sought) (mailer.Found, error) {
	a.asked.Add(1)
	return mailer.Found{}, &mailer.Error{Class: a.class, Confirmed: true, Text: "not now"}
}
