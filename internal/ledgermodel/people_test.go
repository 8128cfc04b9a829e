package ledgermodel_test

import "github.com/postroom/postroom/tasks/ledger"

// producer calls Enqueue, and again.
type producer uint8

const (
	isIdle producer = iota
	reserves
	handsOver
)

func (m *model) produce(w world) {
	const who = "producer"
	switch w.producer {
	case isIdle:
		if w.left.enqueues > 0 {
			w.left.enqueues--
			w.producer = reserves
			m.produce(w)
		}
	case reserves:
		c := call{op: reserve}
		m.call(w, who, c, func(w world, a answer) {
			w.producer = handsOver
			if a.state != ledger.Queued { // It is a duplicate.
				w.producer, w.seen.accepted = isIdle, true
			}
			m.emit(label{who, c.String(), ""}, w)
		})
		w.producer = isIdle
		m.emit(label{who, "breaks off before it reserves", ""}, w)
	case handsOver:
		broken := w
		broken.producer = isIdle
		m.emit(label{who, "breaks off before asynq has the task", ""}, broken)
		w.producer, w.seen.accepted = isIdle, true
		if w.task.place == nowhere {
			w.task.place = pending
		}
		m.emit(label{who, "gives asynq the task", ""}, w)
	}
}

// person is an operator, with the commands and in the dashboard.
type person struct {
	at  deed
	act uint16 // In model.calls.
}

type deed uint8

const (
	doesNothing deed = iota
	decides          // Calls the ledger.
	requeues         // Gives asynq the task of a reopened mail.
	saysSo           // Says that asynq has it.
	deletes          // Deletes the task of a mail that has ended.
)

const operator = "operator"

// govern is what the operator can do next.
func (m *model) govern(w world) {
	switch w.person.at {
	case doesNothing:
		m.decide(w)
	case decides:
		c := m.calls.of(w.person.act)
		m.call(w, operator, c, func(w world, a answer) {
			switch {
			case !a.ok:
				w.person = person{}
			case c.op == reopen:
				w.person.at = requeues
			default:
				w.person.at = deletes
			}
			m.emit(label{operator, c.String(), ""}, w)
		})
	case requeues:
		m.requeue(w)
	case saysSo:
		m.call(w, operator, call{op: requeued}, func(w world, _ answer) {
			w.person = person{}
			m.emit(label{operator, "Requeued", ""}, w)
		})
	case deletes:
		w.person = person{}
		if w.task.place != active {
			w.task = task{}
		}
		m.emit(label{operator, "deletes what asynq has", ""}, w)
	}
	if w.person.at != doesNothing {
		w.person = person{}
		m.emit(label{operator, "breaks off", ""}, w)
	}
}

// decide begins one of the things that an operator does, where it makes sense;
// what happens where it does not is tried on each image.
func (m *model) decide(w world) {
	im := m.image(&w)
	if im.has("requeue") && w.task.place != active {
		// A wish that broke off: whoever sweeps, or wishes again, goes on.
		again := w
		again.person.at = requeues
		m.emit(label{"sweeper", "sees that a wish is not fulfilled", ""}, again)
	}
	if w.left.acts == 0 {
		return
	}
	w.left.acts--
	begin := func(c call) {
		w := w
		w.person = person{decides, m.calls.id(c)}
		m.govern(w)
	}
	switch state := im.state(); state {
	case ledger.Queued, ledger.Waiting, ledger.Retrying:
		begin(call{op: cancel})
	case ledger.Failed, ledger.Unknown:
		if w.task.place != nowhere || im.kept != none {
			begin(call{op: reopen, requeue: true})
			begin(call{op: reopen, requeue: true, unknown: true})
		}
		begin(call{op: settle, to: ledger.Sent})
		begin(call{op: settle, to: ledger.Failed})
	case ledger.Sending, ledger.Sent, ledger.Expired, ledger.Cancelled:
	}
	switch w.task.place {
	case archived:
		run := w
		run.task.place = pending
		m.emit(label{operator, "runs it in the dashboard", ""}, run)
		fallthrough
	case pending:
		w.task = task{}
		m.emit(label{operator, "deletes it in the dashboard", ""}, w)
	case nowhere, active:
	}
}

// requeue has asynq take up a reopened mail's task, as tasks.Client does.
func (m *model) requeue(w world) {
	im := m.image(&w)
	w.person.at = saysSo
	switch w.task.place {
	case archived:
		w.task.place = pending
	case nowhere:
		if im.kept == none {
			return
		}
		w.task = task{place: pending}
	case active:
		w.person = person{} // Its worker is about to archive it; whoever sweeps finds it there.
	case pending:
	}
	m.emit(label{operator, "has asynq take it up", ""}, w)
}

// sweep looks for open mail without a task: it was deleted, or never came.
func (m *model) sweep(w world) {
	const who = "sweeper"
	if w.sweeper {
		m.call(w, who, call{op: lose}, func(w world, _ answer) {
			w.sweeper = false
			m.emit(label{who, "Lose", ""}, w)
		})
		return
	}
	im := m.image(&w)
	if w.task.place == nowhere && im.open && im.fields["updated"] != "0" && im.fields["enqueued"] != "0" {
		w.sweeper = true
		m.emit(label{who, "sees that it has no task", ""}, w)
	}
}
