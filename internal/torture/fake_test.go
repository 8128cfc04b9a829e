package torture_test

import (
	"sync"
	"testing"
	"time"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/mailertest"
)

// fakeGmail is the fake, and what it was asked.
type fakeGmail struct {
	*mailertest.Server

	mu       sync.Mutex
	meant    map[string]mail      // By the hash of its ID.
	requests map[string][]request // By the same, in the order in which they came.
	out      bool
}

// request is one that came for a mail.
type request struct {
	at    time.Time
	fault *gmailFault // nil: none.
}

// latency is how long Gmail takes, so that a fault meets mail that is on its
// way.
const latency = 120 * time.Millisecond

func newGmail(t *testing.T, p plan) *fakeGmail {
	t.Helper()
	g := &fakeGmail{meant: map[string]mail{}, requests: map[string][]request{}}
	for _, m := range p.mails {
		g.meant[mailer.IDHash(m.id)] = m
	}
	g.Server = mailertest.NewServer(t,
		mailertest.WithAccount(mailertest.Account{Address: firstAccount}),
		mailertest.WithAccount(mailertest.Account{Address: secondAccount}),
		mailertest.WithLatency(latency), mailertest.WithFaults(g.decide))
	return g
}

// decide gives each request the fault that it is meant to meet.
func (g *fakeGmail) decide(r mailertest.Request) mailertest.Fault {
	g.mu.Lock()
	defer g.mu.Unlock()
	var fault *gmailFault
	if faults, n := g.meant[r.PostroomID].faults, len(g.requests[r.PostroomID]); n < len(faults) {
		fault = faults[n]
	} else if g.out {
		fault = outage
	}
	g.requests[r.PostroomID] = append(g.requests[r.PostroomID], request{time.Now(), fault})
	if fault == nil {
		return mailertest.Fault{}
	}
	return fault.make()
}

func (g *fakeGmail) setOut(out bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.out = out
}

func (g *fakeGmail) requestsOf(id string) []request {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.requests[mailer.IDHash(id)]
}
