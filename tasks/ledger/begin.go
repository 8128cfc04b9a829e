package ledger

import (
	"context"
	"fmt"
	"time"
)

// Attempt is a claim on a mail for one send.
type Attempt struct {
	// Token is the attempt's own, and differs from every other's.
	Token string
	// Lease is how long the claim holds: longer than the send can take.
	Lease time.Duration
	// Account is the one that sends.
	Account string
	// Resend lets a mail whose last attempt ended without an answer go once
	// more, within Limit attempts; else it is Unknown from then on.
	Resend bool
	Limit  int
	// LookUpAt says that the account can look up what became of such a mail, and
	// when it will: it is Unknown until then, whatever Resend says. See Looked.
	LookUpAt time.Time
}

// Claim is what Begin found.
type Claim struct {
	// State is Sending where the attempt may send, or another one does; any
	// other says why the mail is not to be sent. It is empty where there is no
	// record.
	State State
	// Won says that this attempt may send.
	Won bool
	// GivenUp says that this call made the mail Unknown, and LookUp that it is
	// to be looked up.
	GivenUp, LookUp bool
	// Until is when the claim ends; where another attempt has it, when to ask
	// again.
	Until time.Time
	// Attempts is how many were used, with those whose worker is gone.
	Attempts int
	// Age and DeferredAt are the record's, of a claim that was won.
	Age        time.Duration
	DeferredAt time.Time
}

// LastWord is how long an attempt whose claim is over has, from when another
// asks for it, to write what it knows. It is gone when it says nothing: while
// Redis was away it could not.
const LastWord = 6 * time.Second

// Begin claims id for one attempt.
func (l *Ledger) Begin(ctx context.Context, id string, a Attempt) (Claim, error) {
	lookUpAt := ""
	if !a.LookUpAt.IsZero() {
		lookUpAt = formatMillis(a.LookUpAt)
	}
	got, err := beginScript.Run(ctx, l.rdb, keys(id),
		a.Token, a.Lease.Milliseconds(), a.Account, flag(a.Resend),
		l.lifetime(Unknown), a.Limit, LastWord.Milliseconds(), flag(lookUpAt != ""), lookUpAt).Slice()
	if err != nil {
		return Claim{}, fmt.Errorf("ledger: begin %q: %w", id, err)
	}
	c := Claim{
		State: State(text(got, 1)), Won: verdict(got) == 1,
		GivenUp: verdict(got) >= 2, LookUp: verdict(got) == 3,
		Until: instant(number(got, 2)), Attempts: int(number(got, 3)),
		Age: time.Duration(number(got, 4)) * time.Millisecond, DeferredAt: instant(number(got, 5)),
	}
	return c, nil
}
