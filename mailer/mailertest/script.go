package mailertest

import (
	"strings"
	"sync"
	"time"
)

// Request is a request to send as a function of [Fake.Decide] sees it, before
// anything has come of it.
type Request struct {
	// Account is the address of the account whose token came with it.
	Account string
	// Number counts the fake's requests to send, from 1.
	Number int
	// PostroomID is the mail's X-Postroom-ID header: mailer.IDHash of its ID.
	PostroomID string
	// Attempt counts the requests with this PostroomID, from 1. It is 0 for
	// mail that has none.
	Attempt int
	// Recipients are the addresses in To, Cc and Bcc.
	Recipients []string
	// Size is the message's length in bytes.
	Size int
}

// DecideFunc chooses the fault of a request; the zero Fault is none. It is
// called by many goroutines at once.
type DecideFunc func(Request) Fault

// script is the faults to come.
type script struct {
	mu       sync.Mutex
	sends    []Fault
	tokens   []Fault
	lookUps  []Fault
	decide   DecideFunc
	attempts map[string]int

	decideLookUp DecideLookUpFunc
}

// Script puts faults before the next requests to send, one each, in order.
// Faults that are scripted already come first. A zero Fault lets a request
// pass.
func (f *Fake) Script(faults ...Fault) {
	f.script.mu.Lock()
	defer f.script.mu.Unlock()
	f.script.sends = append(f.script.sends, faults...)
}

// ScriptTokens does for the token endpoint what Script does for sending.
func (f *Fake) ScriptTokens(faults ...Fault) {
	f.script.mu.Lock()
	defer f.script.mu.Unlock()
	f.script.tokens = append(f.script.tokens, faults...)
}

// Decide has fn choose the fault of every request to send for which none is
// scripted. Nil ends that.
func (f *Fake) Decide(fn DecideFunc) {
	f.script.mu.Lock()
	defer f.script.mu.Unlock()
	f.script.decide = fn
}

// LookUp is a request to list or to get Sent mail as a function of
// [Fake.DecideLookUps] sees it.
type LookUp struct {
	// Account is the address of the account whose token came with it.
	Account string
	// Number counts the fake's look-ups, from 1.
	Number int
	// Query is the search of a request to list.
	Query string
	// ID is that of the message that a request to get asks for.
	ID string
}

// DecideLookUpFunc chooses the fault of a look-up; the zero Fault is none. It is
// called by many goroutines at once.
type DecideLookUpFunc func(LookUp) Fault

// ScriptLookUps does for requests to list and to get messages what Script does
// for sending.
func (f *Fake) ScriptLookUps(faults ...Fault) {
	f.script.mu.Lock()
	defer f.script.mu.Unlock()
	f.script.lookUps = append(f.script.lookUps, faults...)
}

// DecideLookUps has fn choose the fault of every look-up for which none is
// scripted. Nil ends that.
func (f *Fake) DecideLookUps(fn DecideLookUpFunc) {
	f.script.mu.Lock()
	defer f.script.mu.Unlock()
	f.script.decideLookUp = fn
}

// forLookUp returns the fault of a look-up.
func (s *script) forLookUp(l LookUp) Fault {
	s.mu.Lock()
	if len(s.lookUps) > 0 {
		fault := s.lookUps[0]
		s.lookUps = s.lookUps[1:]
		s.mu.Unlock()
		return fault
	}
	decide := s.decideLookUp
	s.mu.Unlock()
	if decide == nil {
		return Fault{}
	}
	return decide(l) // Outside the lock: it is the caller's own code.
}

// forSend returns the fault of a request to send.
func (s *script) forSend(r Request) Fault {
	s.mu.Lock()
	if r.PostroomID != "" {
		s.attempts[r.PostroomID]++
		r.Attempt = s.attempts[r.PostroomID]
	}
	if len(s.sends) > 0 {
		fault := s.sends[0]
		s.sends = s.sends[1:]
		s.mu.Unlock()
		return fault
	}
	decide := s.decide
	s.mu.Unlock()
	if decide == nil {
		return Fault{}
	}
	return decide(r) // Outside the lock: it is the caller's own code.
}

func (s *script) forToken() Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.tokens) == 0 {
		return Fault{}
	}
	fault := s.tokens[0]
	s.tokens = s.tokens[1:]
	return fault
}

// MagicRecipients is a DecideFunc that lets the recipient choose: mail to
// temperror@ any domain always meets a 503, to permerror@ a 400, ratelimit@ a
// 429, slow@ an answer after ten seconds, cut@ a cut connection, and unknown@
// is taken and cut off.
func MagicRecipients(r Request) Fault {
	for _, address := range r.Recipients {
		local, _, _ := strings.Cut(address, "@")
		switch local {
		case "temperror":
			return BackendError()
		case "permerror":
			return InvalidArgument("Invalid To header")
		case "ratelimit":
			return TooManyRequestsNoTime()
		case "slow":
			return Slow(magicDelay)
		case "cut":
			return Cut()
		case "unknown":
			return AcceptThenCut()
		}
	}
	return Fault{}
}

const magicDelay = 10 * time.Second
