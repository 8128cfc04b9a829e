package delivery

import (
	"context"
	"errors"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/ledger"
)

// How a mail of which nobody knows whether it is out is looked up, where the
// account lets its Sent mail be read. That may show a mail late.
const (
	firstLook   = 10 * time.Second
	lookEvery   = 65 * time.Second
	lookTimeout = 30 * time.Second
)

// absence is when such a mail counts as not sent.
func absence() ledger.Absence { return ledger.Absence{Times: 3, Over: 2 * time.Minute, Most: 20} }

// lookUpAt is when a mail whose outcome gets unknown now is looked up; zero
// where it can't be.
func (a *attempt) lookUpAt() time.Time {
	if a.account().Finder == nil {
		return time.Time{}
	}
	return a.Now().Add(firstLook)
}

// lookUpTakenOverAt is lookUpAt for a mail whose attempt before this one may have
// sent it: mail for no account from any.
func (a *attempt) lookUpTakenOverAt() time.Time {
	at := a.lookUpAt()
	if _, account, _ := tasks.ParseQueue(a.queue); account == "" && at.IsZero() {
		a.others(func(h *handler) {
			if h.account().Finder != nil {
				at = a.Now().Add(firstLook)
			}
		})
	}
	return at
}

// findOut looks up a mail of which nobody knows whether it is out: again and
// again where the ledger says so, and once where a person had it run. Found, it
// is sent. Absent, it goes on its way once more, or is held.
func (a *attempt) findOut(ctx context.Context) (*verdict, error) {
	whose := a.sentFrom()
	if whose == nil || whose.Finder == nil {
		if !a.record.LookUp {
			return a.settledAs(a.record), nil
		}
		return a.notFound(ctx, time.Now(), mailer.Undecided, ledger.Absence{Most: 1}) // Whoever could look was taken away.
	}
	a.leaveGate() // Where the claim found it: else the mail would wait for itself there.
	if err := a.passGate(ctx); err != nil {
		return nil, err
	}
	defer a.leaveGate()
	at := time.Now()
	found, err := a.find(ctx, whose)
	if err != nil && a.standsStill(whose, errorOf(err)) {
		return a.lookAgain(), nil
	}
	if found.Verdict == mailer.Present {
		a.sent = found.Sent
		v := &verdict{state: ledger.Sent, found: true}
		a.logDelivery(v)
		return v, nil
	}
	if !a.record.LookUp {
		return a.settledAs(a.record), nil
	}
	return a.notFound(ctx, at, found.Verdict, absence())
}

// sentFrom is the account that an unknown mail may have left from, nil where it is
// gone: mail for no account follows the default, and what it was sent from does not.
func (a *attempt) sentFrom() *Account {
	from := a.record.Account
	if from == "" || strings.EqualFold(from, a.address) { // Its queue's, as a rule.
		return a.account()
	}
	var whose *Account
	a.others(func(h *handler) {
		if strings.EqualFold(from, h.address) {
			whose = h.account()
		}
	})
	return whose
}

// find asks an account's Sent mail. What it does not say is no answer.
func (a *attempt) find(ctx context.Context, whose *Account) (mailer.Found, error) {
	sought := mailer.Sought{MailID: a.id, Since: a.leftAfter(), Until: a.leftBefore()}
	for _, s := range a.recipients() {
		if address, err := tasks.ParseAddress(s); err == nil {
			sought.Recipients = append(sought.Recipients, address.Address)
		}
	}
	a.sentBy = whose
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	found, err := whose.Finder.Find(ctx, sought)
	if err != nil {
		a.log.Warn("unknown mail not looked up", zap.String("mail_id", a.id),
			zap.String("account", a.Redact.Address(a.address)), zap.Error(err))
	}
	return found, err
}

// leftAfter is when the mail can have left at the earliest.
func (a *attempt) leftAfter() time.Time {
	claimed := a.record.LeftBy.Add(-claimMargin - a.SendTimeout(mailer.MaxSize))
	if claimed.Before(a.record.EnqueuedAt) {
		return a.record.EnqueuedAt
	}
	return claimed
}

// leftBefore is when it can have left at the latest: it was unknown then. A reader
// who got much mail since would make the look-up undecided.
func (a *attempt) leftBefore() time.Time {
	if a.record.UpdatedAt.After(a.record.LeftBy) {
		return a.record.UpdatedAt
	}
	return a.record.LeftBy
}

// standsStill has the account wait where it can't be asked for a while, as a
// send would. It reports whether that is so: then nothing was looked up. Another
// account has its own mail for that, and one that is blocked may be so for ever.
func (a *attempt) standsStill(whose *Account, e *mailer.Error) bool {
	if !strings.EqualFold(whose.Address, a.address) {
		return e.Class == mailer.Unreachable || e.Class == mailer.Throttled
	}
	switch {
	case e.Class == mailer.Unreachable:
		a.unreached(e)
	case e.Class == mailer.Throttled:
		a.slowDown(e)
	case e.Class == mailer.Blocked && e.Confirmed:
		a.block(e)
	default:
		return false
	}
	return true
}

// notFound decides about a mail that was looked for at a time and not found.
// While it may still be on its way that says nothing. The look counts once, and
// at its time, however long Redis does not answer.
func (a *attempt) notFound(ctx context.Context, at time.Time, found mailer.Verdict, gone ledger.Absence) (*verdict, error) {
	var (
		state ledger.State
		held  bool
		look  = ledger.LookUp{
			Token: a.newToken(), At: at, Absent: found == mailer.Absent && at.After(a.record.LeftBy),
			Resend: a.email.OnUnknown == tasks.Resend, Limit: a.Attempts,
		}
	)
	err := a.untilAnswered(ctx, "say that the mail was looked up", func(ctx context.Context) (err error) {
		look.Next = a.Now().Add(lookEvery)
		state, held, err = a.Ledger.Looked(ctx, a.id, look, gone)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case state == ledger.Retrying:
		a.record.State, a.record.LookUp = state, false
		return nil, nil //nolint:nilnil // The way goes on: once more.
	case state == ledger.Unknown && !held:
		return a.lookAgain(), nil
	}
	if err := a.look(ctx); err != nil {
		return nil, err
	}
	return a.settledAs(a.record), nil
}

// lookAgain leaves a mail unknown for now.
func (a *attempt) lookAgain() *verdict {
	return &verdict{state: ledger.Unknown, err: errors.New(a.record.Error), settled: true, lookUp: true, in: lookEvery}
}
