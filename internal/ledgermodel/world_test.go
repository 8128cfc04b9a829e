package ledgermodel_test

import (
	"slices"

	"github.com/postroom/postroom/tasks/ledger"
)

// A world is all that there is at one moment: what Redis holds of the mail,
// where asynq has its task, how far everybody is who has to do with it, and what
// Gmail took.
type world struct {
	record   imageID
	task     task
	handlers [2]handler
	producer producer
	person   person
	sweeper  bool // It saw that the mail has no task.
	late     late
	gmail    gmail
	seen     seen
	left     plenty
}

// task is asynq's part.
type task struct {
	place place
	// tried: asynq knows that a handler had it. said is the last error that asynq
	// keeps with it.
	tried bool
	said  uint16 // In model.texts.
}

type place uint8

const (
	nowhere place = iota
	pending       // Or in the retry tab, when its time has come.
	active
	archived
)

// late is a command that is still on its way, though its caller gave up waiting
// for the answer, and asked again.
type late struct {
	call uint16 // In model.calls; 0 is none.
	of   uint8  // Which handler's it is.
}

// gmail is what Gmail took, and whether the last of it can be found in Sent.
type gmail struct {
	copies uint8
	listed bool
}

// seen is what the rules are held against, whatever the record says now.
type seen struct {
	accepted  bool // Enqueue returned without an error.
	sent      bool // The record said so once.
	cancelled bool // A person was told so.
	asked     uint8
}

// plenty bounds what goes wrong, and what people do.
type plenty struct {
	starts, crashes, stops, lost, late   uint8
	shortPauses, longPauses, breaks      uint8
	acts, enqueues, oddities, unfindable uint8
	takeBacks                            uint8
}

// label says who did what, for the schedule of a violation.
type label struct{ who, what, how string }

func (l label) String() string {
	s := l.who + ": " + l.what
	if l.how != "" {
		s += " (" + l.how + ")"
	}
	return s
}

// rules are a scenario's.
type rules struct {
	resend    bool // on_unknown.
	canLookUp bool // The account can look up what it sent.
	suspended bool // A handler may stand still between its last check and its send.
	left      plenty
}

// model is a scenario, on a stage.
type model struct {
	*stage
	rules

	emit func(label, world)
	// What worlds have the numbers of.
	verdicts *interned[verdict]
	texts    *interned[string]
	// broken is the first rule that was seen broken.
	broken error
	// What was checked already, and which transitions were seen.
	checked map[imageID]error
	changes map[question]error
	seen    map[transition]bool
}

func (m *model) image(w *world) image { return m.images[w.record] }

func (m *model) state(w *world) ledger.State { return m.image(w).state() }

// moves hands all that can happen next to emit.
func (m *model) moves(w world) {
	for i := range w.handlers {
		m.handle(w, i)
	}
	m.produce(w)
	m.govern(w)
	m.sweep(w)
	m.fail(w)
}

// call makes somebody's call in each way in which it can go: it is done and
// answered, and then says how that one goes on; it is done and the answer gets
// lost, so that he calls again; it is on its way for long, and he calls again
// before it is done. That it is not done and he calls again changes nothing, and
// that he crashes instead is a step of its own.
func (m *model) call(w world, who string, c call, then func(world, answer)) {
	out, ok := m.done(w, c)
	if !ok {
		return
	}
	done := w
	m.apply(&done, c, out)
	then(done, out.answer)
	if w.left.lost > 0 && done.record != w.record {
		done.left.lost--
		m.emit(label{who, c.String(), "the answer is lost"}, done)
	}
	if i := slices.Index(handlers[:], who); i >= 0 && w.left.late > 0 && w.late.call == 0 && c.token != "" {
		w.left.late--
		w.late = late{m.calls.id(c), uint8(i)}
		m.emit(label{who, c.String(), "it is long on its way"}, w)
	}
}

// done tries a call on the world's record.
func (m *model) done(w world, c call) (outcome, bool) {
	out := m.try(w.record, c)
	err := m.checkChange(w.record, c, out)
	if err != nil && m.broken == nil {
		m.broken = err
	}
	return out, err == nil
}

// apply has a call's outcome be, and notes what was seen by it.
func (m *model) apply(w *world, c call, out outcome) {
	before := m.state(w)
	w.record = out.after
	after := m.state(w)
	if after == ledger.Sent {
		w.seen.sent = true
	}
	if c.op == cancel && out.answer.ok {
		w.seen.cancelled = true
	}
	if before == ledger.Unknown && (c.op == reopen && c.unknown && after == ledger.Queued || c.op == settle && after == ledger.Failed) {
		w.seen.asked++ // A person takes it upon himself.
	}
}
