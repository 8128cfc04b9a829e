package mailertest

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A Fault is one way in which a request goes wrong. The zero Fault is none:
// the request goes the way it would without.
//
// Faults are made by the functions of this package and put to work with
// [Fake.Script], [Fake.Decide], [Fake.ScriptTokens], [Fake.ScriptLookUps] and
// [Fake.DecideLookUps].
type Fault struct {
	name    string
	delay   time.Duration // Before anything else happens; with accepts, before the answer.
	accepts bool          // The mail is taken before the answer goes wrong.
	answer  *answer
	broken  breakage
}

// breakage is how a connection ends early.
type breakage int

const (
	unbroken  breakage = iota
	cut                // Closed without an answer.
	reset              // Closed without an answer, by a TCP reset.
	cutAnswer          // Closed in the middle of the answer's body.
)

// String says what the fault is, for a test's log.
func (f Fault) String() string {
	if f.name == "" {
		return "none"
	}
	return f.name
}

// ends reports whether the fault says how the request ends; else it only
// delays it.
func (f Fault) ends() bool { return f.answer != nil || f.broken != unbroken }

// Slow lets Gmail take d before it does anything. It takes the mail then, even
// if the client has gone.
func Slow(d time.Duration) Fault { return Fault{name: "slow " + d.String(), delay: d} }

// After is f, after a delay of d. What f takes, it takes before the delay.
func (f Fault) After(d time.Duration) Fault {
	f.name = f.String() + " after " + d.String()
	f.delay = d
	return f
}

// AcceptThen takes the mail, if it is one that Gmail takes and the quota allows
// it, and then answers as f does.
func AcceptThen(f Fault) Fault {
	f.name = "accept, then " + f.String()
	f.accepts = true
	return f
}

// Cut closes the connection without an answer; the mail was not taken.
func Cut() Fault { return Fault{name: "cut", broken: cut} }

// Reset is Cut by a TCP reset, as a crashed server or a firewall does it. Over
// HTTP/2, where one connection carries many requests, it is Cut.
func Reset() Fault { return Fault{name: "reset", broken: reset} }

// AcceptThenCut takes the mail and closes the connection without an answer.
func AcceptThenCut() Fault { return AcceptThen(Cut()) }

// AcceptThen503 takes the mail and answers 503.
func AcceptThen503() Fault { return AcceptThen(BackendError()) }

// AcceptThenBrokenJSON takes the mail and answers 200 with a body that ends in
// the middle of a word, though the HTTP message is whole.
func AcceptThenBrokenJSON() Fault {
	return AcceptThen(Answer(http.StatusOK, jsonType, `{"id":"18c2f0a3b1d4`).named("200 with broken JSON"))
}

// AcceptThenCutAnswer takes the mail and cuts the connection half way through
// the body of its 200.
func AcceptThenCutAnswer() Fault {
	f := Answer(http.StatusOK, jsonType, `{"id":"18c2f0a3b1d4e5f6","threadId":"18c2f0a3b1d4e5f6"}`)
	f.broken = cutAnswer
	return AcceptThen(f.named("200 cut half way"))
}

// AcceptThenSlow takes the mail at once and answers only after d.
func AcceptThenSlow(d time.Duration) Fault {
	return Fault{name: "accept, then slow " + d.String(), delay: d, accepts: true}
}

// Answer is any answer at all, for what this package has no name for.
func Answer(status int, contentType, body string) Fault {
	return Fault{
		name:   strings.TrimSpace(strconv.Itoa(status) + " " + http.StatusText(status)),
		answer: &answer{status: status, contentType: contentType, body: []byte(body)},
	}
}

// CutAnswer is the answer of f, an error of Gmail's, cut half way through its
// body.
func CutAnswer(f Fault) Fault {
	f.broken = cutAnswer
	return f.named(f.String() + " cut half way")
}

func (f Fault) named(name string) Fault {
	f.name = name
	return f
}
