package ledgermodel_test

import (
	"strings"

	"github.com/postroom/postroom/tasks/ledger"
)

// fail is what goes wrong, and time.
func (m *model) fail(w world) {
	m.crash(w)
	m.redeliver(w)
	m.arrive(w)
	if w.left.shortPauses > 0 && m.state(&w) == ledger.Sending {
		short := w
		short.left.shortPauses--
		m.pass(short, lastWord+1, "the time for a last word passes")
	}
	if w.left.longPauses > 0 && m.state(&w) == ledger.Sending {
		long := w
		long.left.longPauses--
		m.pass(long, lease+10, "the claim's deadline passes")
	}
	if w.left.breaks > 0 {
		w.left.breaks--
		m.pass(w, -longAgo, "ten minutes pass")
	}
}

// crash ends a handler wherever it is.
func (m *model) crash(w world) {
	if w.left.crashes == 0 {
		return
	}
	w.left.crashes--
	for i, h := range w.handlers {
		if h.at != away {
			w := w
			m.leave(&w, i, dead)
			m.emit(label{handlers[i], "crashes", ""}, w)
		}
	}
}

// redeliver has asynq give the task to somebody else, though whoever had it may
// live: its lease ended, or its worker was told to stop.
func (m *model) redeliver(w world) {
	if w.task.place != active || w.left.starts == 0 {
		return
	}
	if w.handlers != [2]handler{} {
		if w.left.takeBacks == 0 {
			return
		}
		w.left.takeBacks--
	}
	w.task = task{pending, true, m.texts.id("asynq: lease expired")}
	m.emit(label{"asynq", "takes the task back", ""}, w)
}

// arrive has Redis get a command that was long on its way.
func (m *model) arrive(w world) {
	c := m.calls.of(w.late.call)
	if w.late.call == 0 {
		return
	}
	if out, ok := m.done(w, c); ok {
		who := handlers[w.late.of]
		m.apply(&w, c, out)
		w.late = late{}
		if name, isOver := strings.CutSuffix(c.token, ", late"); isOver {
			w.record = m.renamed(w.record, c.token, name)
		}
		m.emit(label{who, c.String(), "it arrives only now"}, w)
	}
}

// pass lets time pass. No send outlasts its claim: where that ends, the request
// had its timeout before.
func (m *model) pass(w world, seconds int64, what string) {
	before := w
	w.record = m.later(w.record, seconds)
	if seconds > lease {
		for _, h := range w.handlers {
			if (h.at == atSend || h.at == atAnswer) && !m.suspended {
				return // It is cut off first: that is a step of its own.
			}
		}
	}
	if seconds >= -longAgo {
		w.gmail.listed = w.gmail.copies > 0
		for i, h := range w.handlers {
			w.handlers[i].longAgo = h.at == atAbsent || h.at == atNothing
		}
	}
	if w.record != before.record || w.gmail != before.gmail || w.handlers != before.handlers {
		m.emit(label{"clock", what, ""}, w)
	}
}
