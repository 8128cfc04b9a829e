package ledgermodel_test

import (
	"fmt"

	"github.com/postroom/postroom/tasks/ledger"
)

// A handler takes the task its way, as tasks/delivery does: its steps here are
// those between which something can happen.
type handler struct {
	at step
	// looked: it read the record. attempts are those that the claim found.
	looked   bool
	longAgo  bool // It looked into Sent ten minutes ago.
	attempts uint8
	// verdict is what it will write, or has come to; its number in model.verdicts.
	verdict uint16
}

type verdict struct {
	to             ledger.State
	text           string
	claimed, used  bool
	deferred       bool
	resend, toLook bool
	copy           uint8 // Gmail's number for what it took.
}

// step is where a handler is.
type step uint8

const (
	away      step = iota
	atStart        // Has the task.
	atLook         // Reads the record.
	atReopen       // It failed, and a person ran it: starts a new round.
	atReady        // Nothing speaks against sending.
	atNote         // Says what the mail waits for.
	atClaim        // Begin.
	atSend         // It won: bytes leave.
	atAnswer       // Gmail took it, and has not answered yet.
	atWrite        // Finish.
	atRelease      // Gives the claim back, and tries again.
	atPutBack      // The same, and gives up the task.
	atSettled      // Another word stands: reads it.
	atSearch       // Looks into Sent.
	atFound        // Found it there.
	atAbsent       // Did not find it.
	atNothing      // Found nothing out.
	atKeep         // Keeps the payload.
	atTell         // Tells asynq.
)

var handlers = [...]string{"handler 1", "handler 2"}

// tokenOf is the name of a handler's token: its present one. Those before are
// renamed, since nobody has them any more.
var tokenOf = [...]string{"h1", "h2"}

// handle is what a handler can do next.
func (m *model) handle(w world, i int) {
	h := w.handlers[i]
	switch h.at {
	case away:
		m.start(w, i)
	case atStart: // On its first delivery it does not look.
		m.ready(w, i)
		w.handlers[i].at = atLook
		m.look(w, i)
	case atLook, atSettled:
		m.look(w, i)
	case atReopen:
		m.ask(w, i, call{op: reopen}, func(w *world, _ answer) { w.handlers[i].at = atReady })
	case atReady:
		m.ready(w, i)
	case atNote:
		m.note(w, i)
	case atClaim:
		m.claim(w, i)
	case atSend, atAnswer:
		m.send(w, i)
	case atWrite:
		m.write(w, i)
	case atRelease, atPutBack:
		m.release(w, i)
	case atSearch:
		m.search(w, i)
	case atFound, atAbsent, atNothing:
		m.searched(w, i)
	case atKeep:
		m.ask(w, i, call{op: keep}, func(w *world, _ answer) { w.handlers[i].at = atTell })
	case atTell:
		m.tell(w, i)
	}
}

// start gives the task to a handler that has nothing to do.
func (m *model) start(w world, i int) {
	if w.task.place != pending || w.left.starts == 0 {
		return
	}
	if i == 1 && w.handlers[0].at == away {
		return // Which of the two is all the same.
	}
	w.left.starts--
	w.task.place = active
	w.handlers[i] = handler{at: atStart}
	m.emit(label{handlers[i], "gets the task", ""}, w)
}

func (m *model) goTo(w world, i int, at step, what string) {
	w.handlers[i].at = at
	m.emit(label{handlers[i], what, ""}, w)
}

// ask makes one of the handler's calls.
func (m *model) ask(w world, i int, c call, then func(*world, answer)) {
	m.call(w, handlers[i], c, func(w world, a answer) {
		then(&w, a)
		m.emit(label{handlers[i], c.String(), ""}, w)
	})
}

// look reads the record and sees whether the way goes on.
func (m *model) look(w world, i int) {
	m.ask(w, i, call{op: look}, func(w *world, a answer) {
		h := &w.handlers[i]
		late := h.at == atSettled
		h.looked, h.attempts = true, a.attempts
		h.verdict = m.verdicts.id(verdict{to: a.state, text: a.text, toLook: a.isLookedUp})
		switch {
		case late, a.state == ledger.Sent, a.state == ledger.Expired, a.state == ledger.Cancelled:
			h.at = settled(a)
		case a.state == ledger.Unknown:
			h.at = settled(a)
			if m.canLookUp {
				h.at = atSearch // Once more too where a person had it run.
			}
		case a.state == ledger.Failed && a.text != m.texts.of(w.task.said) && !a.lost:
			h.at = settled(a)
		case a.state == ledger.Failed:
			h.at = atReopen
		default:
			h.at, h.verdict = atReady, 0
		}
	})
}

// settled is where a handler goes whose mail has an outcome.
func settled(a answer) step {
	if a.state == ledger.Failed || a.state == ledger.Unknown {
		return atKeep
	}
	return atTell
}

// ready is a mail that only waits for its turn.
func (m *model) ready(w world, i int) {
	m.newToken(&w, i)
	claim := w
	claim.handlers[i].at = atClaim
	m.claim(claim, i)
	if w.left.oddities == 0 {
		return
	}
	w.left.oddities--
	note := w
	note.handlers[i].at = atNote
	m.note(note, i)
	if !w.handlers[i].looked {
		return // These verdicts are given on mail whose past is known.
	}
	for _, v := range []verdict{
		{to: ledger.Expired, text: "expired"},
		{to: ledger.Failed, text: "no such template"},
		{to: ledger.Retrying, text: "a deploy is in progress", deferred: true},
	} {
		w.handlers[i].verdict = m.verdicts.id(v)
		m.goTo(w, i, atWrite, "can't send it: "+v.text)
	}
}

// newToken takes a token that nobody had before.
func (m *model) newToken(w *world, i int) {
	m.retire(w, i, ended)
	w.handlers[i].verdict, w.handlers[i].attempts = 0, 0
}

// note says what the mail waits for; whether that is done is of no interest.
func (m *model) note(w world, i int) {
	on := func(w *world, _ answer) {
		m.newToken(w, i)
		w.handlers[i].at = atClaim
	}
	m.ask(w, i, call{op: finish, token: tokenOf[i], to: ledger.Waiting, text: "its account can't send"}, on)
	on(&w, answer{})
	m.emit(label{handlers[i], "could not say what it waits for", ""}, w)
}

func (m *model) claim(w world, i int) {
	m.ask(w, i, call{op: begin, token: tokenOf[i], resend: m.resend, canLookUp: m.canLookUp}, func(w *world, a answer) {
		h := &w.handlers[i]
		h.attempts = a.attempts
		switch {
		case a.ok:
			m.checkClaim(w, i)
			h.at = atSend
		case a.givenUp:
			h.verdict = m.verdicts.id(verdict{to: ledger.Unknown, text: m.image(w).fields["error"], toLook: a.toLook})
			h.at = atKeep
		case a.state == ledger.Sending:
			m.newToken(w, i) // It waits, and asks again.
		default:
			h.at = atLook
		}
	})
	m.stop(w, i)
}

// stop has the worker end while it claims, or before it sends.
func (m *model) stop(w world, i int) {
	if w.left.stops > 0 {
		w.left.stops--
		m.goTo(w, i, atPutBack, "is told to stop")
	}
}

// send is all that can become of a request to Gmail.
func (m *model) send(w world, i int) {
	h := &w.handlers[i]
	n := h.attempts + 1
	unknown := verdict{
		to: ledger.Unknown, text: fmt.Sprintf("cut off (attempt %d)", n), claimed: true, used: true,
		resend: m.resend && n < limit, toLook: m.canLookUp,
	}
	answered := func(v verdict, what string) {
		w := w
		w.handlers[i].verdict = m.verdicts.id(v)
		m.goTo(w, i, atWrite, what)
	}
	if h.at == atAnswer {
		answered(verdict{to: ledger.Sent, claimed: true, used: true, copy: m.verdicts.of(h.verdict).copy}, "has Gmail's ID")
		answered(unknown, "is cut off from Gmail, which has the mail")
		return
	}
	m.stop(w, i)
	answered(unknown, "is cut off from Gmail, which has not got the mail")
	v := verdict{to: ledger.Retrying, text: fmt.Sprintf("503 (attempt %d)", n), claimed: true, used: true}
	if n >= limit {
		v.to = ledger.Failed
	}
	answered(v, "gets a 503")
	answered(verdict{to: ledger.Failed, text: fmt.Sprintf("400 (attempt %d)", n), claimed: true, used: true}, "gets a 400")
	if w.left.oddities > 0 {
		odd := w
		odd.left.oddities--
		m.goTo(odd, i, atRelease, "gets a 429")
		odd.handlers[i].verdict = m.verdicts.id(verdict{to: ledger.Retrying, text: "blocked", claimed: true, deferred: true})
		m.goTo(odd, i, atWrite, "alone is blocked")
	}
	w.gmail.copies++
	w.gmail.listed = false
	h.verdict = m.verdicts.id(verdict{copy: w.gmail.copies})
	m.goTo(w, i, atAnswer, "sends: Gmail has the mail")
}

// write writes the verdict, and takes over what stands instead.
func (m *model) write(w world, i int) {
	v := m.verdicts.of(w.handlers[i].verdict)
	c := call{
		op: finish, token: tokenOf[i], to: v.to, text: v.text, claimed: v.claimed, used: v.used, deferred: v.deferred,
		resend: v.resend, canLookUp: v.toLook,
	}
	if v.copy > 0 {
		c.gmailID = fmt.Sprintf("g%d", v.copy)
	}
	m.ask(w, i, c, func(w *world, a answer) {
		h := &w.handlers[i]
		switch {
		case a.ok && a.state == v.to:
			h.at = settled(a)
		case a.ok && a.state == ledger.Retrying:
			v := v
			v.to = ledger.Retrying
			h.at, h.verdict = atTell, m.verdicts.id(v)
		default:
			h.at = atSettled
		}
	})
}

// release gives a claim back: nothing left.
func (m *model) release(w world, i int) {
	m.ask(w, i, call{op: finish, token: tokenOf[i], to: ledger.Waiting, claimed: true, text: "put back"}, func(w *world, _ answer) {
		if w.handlers[i].at == atRelease {
			w.handlers[i].at = atReady
			return
		}
		if w.task.place == active {
			w.task.place = pending
		}
		m.leave(w, i, ended)
	})
}

// search looks an unknown mail up in Sent. What Gmail took is listed there
// after a while; and the look-up may fail.
func (m *model) search(w world, i int) {
	held := !m.verdicts.of(w.handlers[i].verdict).toLook
	if held {
		m.goTo(w, i, atKeep, "does not find the mail in Sent, and leaves it at that")
	}
	m.newToken(&w, i)
	if w.gmail.copies > 0 {
		m.goTo(w, i, atFound, "finds the mail in Sent")
	}
	if held {
		return
	}
	if w.gmail.copies == 0 || !w.gmail.listed {
		m.goTo(w, i, atAbsent, "does not find the mail in Sent")
	}
	if w.left.unfindable > 0 {
		w.left.unfindable--
		m.goTo(w, i, atNothing, "finds nothing out")
	}
}

// searched writes down what came of it.
func (m *model) searched(w world, i int) {
	h := w.handlers[i]
	if h.at == atFound {
		w.handlers[i].verdict = m.verdicts.id(verdict{to: ledger.Sent, copy: 1})
		m.write(w, i)
		return
	}
	c := call{op: looked, token: tokenOf[i], absent: h.at == atAbsent, resend: m.resend, most: 9}
	if m.left.unfindable > 0 {
		c.most = 3
	}
	if h.longAgo {
		c.ago = -longAgo
	}
	m.ask(w, i, c, func(w *world, a answer) {
		h := &w.handlers[i]
		switch {
		case a.state == ledger.Retrying:
			h.at = atReady
		case a.state == ledger.Unknown && !a.held:
			h.at, h.verdict = atKeep, m.verdicts.id(verdict{to: ledger.Unknown, text: "is looked up", toLook: true})
		default:
			h.at = atSettled
		}
	})
}

// tell tells asynq. Where asynq took the task away meanwhile that means
// nothing, unless another handler has it: asynq does not tell the two apart.
func (m *model) tell(w world, i int) {
	v := m.verdicts.of(w.handlers[i].verdict)
	if w.task.place == active {
		switch {
		case v.to == ledger.Sent || v.to == ledger.Expired || v.to == ledger.Cancelled:
			w.task = task{}
		case v.to == ledger.Failed || v.to == ledger.Unknown && !v.toLook || v.to == "":
			w.task = task{archived, true, m.texts.id(v.text)}
		default:
			w.task = task{pending, true, m.texts.id(v.text)}
		}
	}
	m.leave(&w, i, ended)
	m.emit(label{handlers[i], "tells asynq: " + string(v.to), ""}, w)
}

// leave ends a handler.
func (m *model) leave(w *world, i int, how string) {
	m.retire(w, i, how)
	w.handlers[i] = handler{}
}

// How a handler's token is called when it has it no more.
const (
	ended = "ended" // It came to its end, or took another.
	dead  = "dead"  // It died.
)

// retire renames a handler's token, unless a command with it is on its way.
func (m *model) retire(w *world, i int, how string) {
	if c := m.calls.of(w.late.call); c.token == tokenOf[i] {
		c.token = how + ", late"
		w.late.call = m.calls.id(c)
		w.record = m.renamed(w.record, tokenOf[i], how+", late")
		return
	}
	w.record = m.renamed(w.record, tokenOf[i], how)
}
