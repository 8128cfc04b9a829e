package delivery_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/mailertest"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/delivery"
	"github.com/postroom/postroom/tasks/ledger"
)

// TestWhatAnAnswerMeans sends one mail into one answer of Gmail's, and looks at
// what became of it.
func TestWhatAnAnswerMeans(t *testing.T) {
	t.Parallel()
	soon := func() time.Time { return time.Now().Add(1500 * time.Millisecond) }
	for _, row := range []struct {
		name     string
		faults   []mailertest.Fault
		rule     tasks.OnUnknown
		state    ledger.State
		attempts int
		accepted int
		reason   string
	}{
		{name: "429 with a time", faults: []mailertest.Fault{mailertest.TooManyRequests(soon())}, state: ledger.Sent, attempts: 1, accepted: 1},
		{name: "429 without a time", faults: []mailertest.Fault{mailertest.TooManyRequestsNoTime()}, state: ledger.Sent, attempts: 1, accepted: 1},
		{name: "429 with Retry-After", faults: []mailertest.Fault{mailertest.TooManyRequestsRetryAfter("1")}, state: ledger.Sent, attempts: 1, accepted: 1},
		{name: "403 with a rate reason", faults: []mailertest.Fault{mailertest.ForbiddenUserRate()}, state: ledger.Sent, attempts: 1, accepted: 1},
		{name: "503", faults: []mailertest.Fault{mailertest.BackendError()}, state: ledger.Sent, attempts: 2, accepted: 1},
		{name: "HTML 502", faults: []mailertest.Fault{mailertest.BadGateway()}, state: ledger.Sent, attempts: 2, accepted: 1},
		{name: "401 once", faults: []mailertest.Fault{mailertest.Unauthorized()}, state: ledger.Sent, attempts: 1, accepted: 1},
		{
			name: "400", faults: []mailertest.Fault{mailertest.InvalidArgument("Recipient address required")},
			state: ledger.Failed, attempts: 1, reason: "permanent 400 invalidArgument: Recipient address required (attempt 1 of 12)",
		},
		{name: "cut before it was taken", faults: []mailertest.Fault{mailertest.Cut()}, rule: tasks.Resend, state: ledger.Sent, attempts: 2, accepted: 1},
		{name: "cut before it was taken, hold", faults: []mailertest.Fault{mailertest.Cut()}, rule: tasks.Hold, state: ledger.Unknown, attempts: 1, reason: "unknown"},
		{name: "taken, then cut", faults: []mailertest.Fault{mailertest.AcceptThenCut()}, rule: tasks.Resend, state: ledger.Sent, attempts: 2, accepted: 2},
		{name: "taken, then cut, hold", faults: []mailertest.Fault{mailertest.AcceptThenCut()}, rule: tasks.Hold, state: ledger.Unknown, attempts: 1, accepted: 1, reason: "unknown"},
		{
			name: "cut twice", faults: []mailertest.Fault{mailertest.AcceptThenCut(), mailertest.AcceptThenCut(), mailertest.AcceptThenCut()},
			rule: tasks.Resend, state: ledger.Unknown, attempts: 2, accepted: 2, reason: "unknown",
		},
		{name: "taken, then broken JSON", faults: []mailertest.Fault{mailertest.AcceptThenBrokenJSON()}, rule: tasks.Hold, state: ledger.Unknown, attempts: 1, accepted: 1, reason: "unknown"},
		{name: "taken, then 503", faults: []mailertest.Fault{mailertest.AcceptThen503()}, rule: tasks.Hold, state: ledger.Sent, attempts: 2, accepted: 2},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.gmail.Script(row.faults...)
			mail := hello()
			mail.OnUnknown = row.rule
			id := o.enqueue(mail)
			o.work()
			o.eventually("an outcome", func() bool {
				o.hurry()
				s, err := o.client.Status(t.Context(), id)
				return err == nil && ledger.State(s.State).Settled()
			})
			s := o.await(id, ledger.Sent, ledger.Failed, ledger.Unknown)
			if ledger.State(s.State) != row.state || s.Attempts != row.attempts {
				t.Errorf("%s after %d attempts (%s), want %s after %d", s.State, s.Attempts, s.Error, row.state, row.attempts)
			}
			o.accepted(id, row.accepted)
			if row.reason != "" {
				o.eventually("the dashboard shows it in the archive", func() bool { return len(o.archived()) == 1 })
				if got := o.archived()[0]; !strings.Contains(got, row.reason) || got != s.Error+whatToType(s) {
					t.Errorf("dashboard says %q, status %q; want both to say %q", got, s.Error, row.reason)
				}
			}
			if row.state == ledger.Sent && s.GmailID != o.gmail.AcceptedByMailID(id)[row.accepted-1].ID {
				t.Errorf("status says Gmail ID %q, Gmail gave %q last", s.GmailID, o.gmail.AcceptedByMailID(id)[row.accepted-1].ID)
			}
		})
	}
}

func TestGivenUpAfterTheLastAttempt(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.cfg.Attempts = 3
	o.gmail.Decide(func(mailertest.Request) mailertest.Fault { return mailertest.BackendError() })
	id := o.enqueue(hello())
	o.work()
	o.hurryTo(id, ledger.Failed)
	s := o.await(id, ledger.Failed)
	if s.Attempts != 3 || !strings.Contains(s.Error, "given up after 3 attempts") {
		t.Errorf("status = %+v; want it given up after 3 attempts", s)
	}
	if got := o.gmail.Counts().Sends; got != 3 {
		t.Errorf("Gmail saw %d requests, want 3", got)
	}
}

func TestGivenUpWhenTooOld(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.cfg.MaxAge = 500 * time.Millisecond // Shorter than the shortest pause.
	o.gmail.Script(mailertest.BackendError())
	id := o.enqueue(hello())
	o.work()
	s := o.await(id, ledger.Failed, ledger.Sent)
	if ledger.State(s.State) != ledger.Failed || s.Attempts != 1 || !strings.Contains(s.Error, "of retries") {
		t.Errorf("status = %+v; want it given up for its age", s)
	}
}

// TestNetworkAwayCostsNoAttempt lets nothing listen where Gmail should be.
func TestNetworkAwayCostsNoAttempt(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	a := o.gmail.Account(shop)
	away, err := newSender("http://"+nobody, o.gmail.TokenURL, a.ClientID, a.ClientSecret, a.RefreshToken)
	if err != nil {
		t.Fatal(err)
	}
	there := o.cfg.Accounts[0].Sender
	o.cfg.Accounts = []delivery.Account{o.cfg.Accounts[0]}
	o.cfg.Accounts[0].Sender = away
	id := o.enqueue(hello())
	pool, stop := o.work()
	s := o.await(id, ledger.Waiting)
	if s.Attempts != 0 || !strings.Contains(s.Error, "unreachable") || s.NextAt.IsZero() {
		t.Errorf("status = %+v; want it waiting, no attempt used, and until when", s)
	}
	if got := pool.Accounts()[0].State; got != "unreachable" {
		t.Errorf("the account is %s, want unreachable", got)
	}
	if got := o.retrying(); len(got) != 0 {
		t.Errorf("the retry tab has %q, want real failures only", got)
	}
	stop()
	o.cfg.Accounts[0].Sender = there
	o.work()
	if s := o.await(id, ledger.Sent); s.Attempts != 1 {
		t.Errorf("sent after %d attempts, want 1", s.Attempts)
	}
}

// TestDeadCredentialStopsTheAccount revokes the refresh token.
func TestDeadCredentialStopsTheAccount(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.gmail.Revoke(shop)
	id := o.enqueue(hello())
	pool, _ := o.work()
	s := o.await(id, ledger.Waiting)
	if s.Attempts != 0 || !strings.Contains(s.Error, "invalid_grant") {
		t.Errorf("status = %+v; want it waiting for its blocked account", s)
	}
	state := pool.Accounts()[0]
	if state.State != "blocked" || state.Remedy == "" {
		t.Errorf("the account = %+v; want blocked, and what mends it", state)
	}
	o.accepted(id, 0)
}

// TestOneOddMailIsNoBlock has Gmail refuse one mail as if the account were to
// blame, and take others.
func TestOneOddMailIsNoBlock(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	odd, fine := "odd", "fine"
	o.gmail.Decide(func(r mailertest.Request) mailertest.Fault {
		if r.PostroomID == mailer.IDHash(odd) {
			return mailertest.PreconditionFailed()
		}
		return mailertest.Fault{}
	})
	o.enqueue(hello(), tasks.WithID(odd))
	pool, _ := o.work()
	s := o.await(odd, ledger.Retrying)
	if s.Attempts != 0 {
		t.Errorf("the odd mail used %d attempts, want none", s.Attempts)
	}
	o.enqueue(hello(), tasks.WithID(fine))
	o.await(fine, ledger.Sent)
	if got := pool.Accounts()[0].State; got != "sending" {
		t.Errorf("the account is %s, want sending", got)
	}
}

// TestOneOddMailFailsInTheEnd lets the hour pass in which an odd mail may turn
// out not to be odd.
func TestOneOddMailFailsInTheEnd(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.gmail.Decide(func(mailertest.Request) mailertest.Fault { return mailertest.PreconditionFailed() })
	id := o.enqueue(hello())
	_, stop := o.work()
	o.await(id, ledger.Retrying)
	stop()
	o.cfg.Now = func() time.Time { return time.Now().Add(61 * time.Minute) }
	o.work()
	o.hurryTo(id, ledger.Failed)
	if s := o.await(id, ledger.Failed); !strings.Contains(s.Error, "failedPrecondition") {
		t.Errorf("error = %q; want what Gmail said", s.Error)
	}
}

func TestTwoMailsBlockAnAccount(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.gmail.Decide(func(mailertest.Request) mailertest.Fault { return mailertest.MailServiceNotEnabled() })
	o.enqueue(hello(), tasks.WithID("one"))
	pool, _ := o.work()
	o.await("one", ledger.Retrying)
	o.enqueue(hello(), tasks.WithID("two"))
	o.await("two", ledger.Waiting)
	if got := pool.Accounts()[0].State; got != "blocked" {
		t.Errorf("the account is %s, want blocked", got)
	}
}

// TestATimeOnATemporaryErrorIsKept has Gmail say with a 503 when to come again.
func TestATimeOnATemporaryErrorIsKept(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.gmail.Script(mailertest.Answer(503, "application/json",
		`{"error":{"code":503,"message":"Backend error.  Retry after `+
			time.Now().Add(10*time.Minute).UTC().Format("2006-01-02T15:04:05.000Z")+`","errors":[{"domain":"global","reason":"backendError"}]}}`))
	id := o.enqueue(hello())
	o.work()
	s := o.await(id, ledger.Retrying)
	if left := time.Until(s.NextAt); left < 9*time.Minute || left > 11*time.Minute {
		t.Errorf("the next attempt is in %v, want it in ten minutes, as Gmail said", left)
	}
}

func TestAgeIsCounted(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.gmail.Script(mailertest.BackendError())
	id := o.enqueue(hello())
	o.work()
	s := o.await(id, ledger.Retrying)
	rec, err := o.cfg.Ledger.Look(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if pause := s.NextAt.Sub(s.UpdatedAt); rec.Age < time.Second || (rec.Age-pause).Abs() > 500*time.Millisecond {
		t.Errorf("age %v after the first error, want the pause of %v", rec.Age, pause)
	}
}

// TestTheLastAttemptIsNotRepeated has the outcome of the only attempt unknown.
func TestTheLastAttemptIsNotRepeated(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.cfg.Attempts = 1
	o.gmail.Script(mailertest.AcceptThenCut())
	id := o.enqueue(hello())
	o.work()
	o.await(id, ledger.Unknown)
	o.accepted(id, 1)
}

// TestMailOfAnotherProgramIsHeld queues one whose payload does not say that it
// may go twice.
func TestMailOfAnotherProgramIsHeld(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.gmail.Script(mailertest.AcceptThenCut())
	o.queueByHand("raw", queue, `{"v":1,"to":["a@example.org"],"text":"x"}`)
	o.work()
	o.await("raw", ledger.Unknown)
	o.accepted("raw", 1)
}

// bomb is a sender with a fault of its own.
type bomb struct{}

func (bomb) Send(context.Context, *mailer.Message) (mailer.Sent, error) { panic("in the sender") }

// TestASenderThatPanics may have sent the mail.
func TestASenderThatPanics(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.cfg.Accounts[0].Sender = bomb{}
	id := o.enqueue(held())
	o.work()
	if s := o.await(id, ledger.Unknown); s.Attempts != 1 {
		t.Errorf("status = %+v, want one attempt", s)
	}
}
