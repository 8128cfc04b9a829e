package torture_test

import (
	"time"

	"github.com/postroom/postroom/mailer/mailertest"
)

// gmailFault is what Gmail does to one request.
type gmailFault struct {
	name string
	make func() mailertest.Fault
	// share is how many of all mails meet it, at least two; every is how often
	// one does where it slows a whole account down, for a minute or more.
	share float64
	every time.Duration
	// silent: whoever asked can't know whether Gmail took the mail.
	silent bool
	// tookAnd503: Gmail took the mail and said that it did not.
	tookAnd503 bool
	// final: the mail has failed.
	final bool
	// long: for runs that have the time.
	long bool
}

// count is how many requests of a run meet the fault.
func (f *gmailFault) count(s settings) int {
	switch {
	case f.long && !s.isLong():
		return 0
	case f.every > 0:
		return max(1, int(s.length/f.every))
	default:
		return max(2, int(f.share*float64(s.count)))
	}
}

// slow is how late Gmail answers, and hanging later than a worker waits.
const (
	slow    = 1500 * time.Millisecond
	hanging = 40 * time.Second
)

// gmailFaults are all that a mail may be meant to meet.
var gmailFaults = []*gmailFault{
	{name: "cut before Gmail took it", make: mailertest.Cut, share: .015, silent: true},
	{name: "reset before Gmail took it", make: mailertest.Reset, share: .005, silent: true},
	{name: "cut after Gmail took it", make: mailertest.AcceptThenCut, share: .02, silent: true},
	{name: "200 cut half way", make: mailertest.AcceptThenCutAnswer, share: .01, silent: true},
	{name: "200 with broken JSON", make: mailertest.AcceptThenBrokenJSON, share: .005, silent: true},
	{name: "500", make: mailertest.InternalError, share: .01},
	{name: "502 with HTML", make: mailertest.BadGateway, share: .005},
	{name: "503", make: mailertest.BackendError, share: .015},
	{name: "503 after Gmail took it", make: mailertest.AcceptThen503, share: .01, tookAnd503: true},
	{name: "400", make: func() mailertest.Fault { return mailertest.InvalidArgument("Invalid To header") }, share: .005, final: true},
	{name: "slow", make: func() mailertest.Fault { return mailertest.Slow(slow) }, share: .01},
	{name: "slow to say so", make: func() mailertest.Fault { return mailertest.AcceptThenSlow(slow) }, share: .01},
	{name: "silent for too long", make: func() mailertest.Fault { return mailertest.AcceptThenSlow(hanging) }, share: .001, silent: true, long: true},
	{name: "429 with Retry-After", make: func() mailertest.Fault { return mailertest.TooManyRequestsRetryAfter("1") }, every: 45 * time.Second},
	{name: "429 with a time in its text", make: func() mailertest.Fault { return mailertest.TooManyRequests(soon()) }, every: 45 * time.Second},
	{name: "429 with neither", make: mailertest.TooManyRequestsNoTime, every: 90 * time.Second},
	{name: "403 with a time in its text", make: func() mailertest.Fault { return mailertest.ForbiddenRate(soon()) }, every: 90 * time.Second},
}

// outage is what every request meets while Gmail is out.
var outage = &gmailFault{name: "503 in an outage", make: mailertest.BackendError}

func soon() time.Time { return time.Now().Add(1200 * time.Millisecond) }
