package ledgermodel_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/postroom/postroom/tasks/ledger"
)

// checkChange holds what a call may make of an image.
func (m *model) checkChange(before imageID, c call, out outcome) error {
	q := question{before, m.calls.id(c)}
	err, ok := m.changes[q]
	if !ok {
		err = m.change(before, c, out)
		if err != nil {
			err = fmt.Errorf("%v: %w\n   before: %v\n   after:  %v", c, err, m.images[before], m.images[out.after])
		}
		m.changes[q] = err
	}
	return err
}

func (m *model) change(id imageID, c call, out outcome) error {
	before, after := m.images[id], m.images[out.after]
	from, to := before.state(), after.state()
	if from != to {
		t := transition{c.op, from, to}
		if !transitions[t] {
			return fmt.Errorf("%s → %s is not in the table", from, to)
		}
		m.seen[t] = true
	}
	if from == ledger.Sent && before.has("gmail_id") && before.fields["gmail_id"] != after.fields["gmail_id"] {
		return errors.New("another Gmail ID was written over the first")
	}
	if c.op == finish && c.to == ledger.Sent && to != ledger.Sent {
		return errors.New("the truth was not taken")
	}
	if after.attempts() < before.attempts() && c.op != reopen && (c.op != reserve || !before.has("lost")) {
		return errors.New("attempts were forgotten")
	}
	if after.attempts() > before.attempts()+1 {
		return errors.New("more than one attempt was counted")
	}
	if c.op == reopen && from == ledger.Unknown && to != from && !c.unknown {
		return errors.New("unknown mail was reopened, and nobody said so")
	}
	if err := m.takeover(c, before, after); err != nil {
		return err
	}
	if err := m.resent(c, before, after); err != nil {
		return err
	}
	if c.op == lose && !c.atOnce && from != to && !before.isIdle() {
		return errors.New("a mail was lost to which something happened lately")
	}
	if c.op == reserve && c.otherMails && out.answer.text != "taken" {
		return errors.New("the ID of one mail was given to another")
	}
	if !out.answer.ok && c.op != begin && c.op != looked && c.op != requeued && !same(before, after) {
		return errors.New("it was refused, and yet something was changed")
	}
	return m.repeat(c, out)
}

// takeover holds what a claim over that of a dead attempt needs, and what it
// leaves.
func (m *model) takeover(c call, before, after image) error {
	if c.op != begin || before.state() != ledger.Sending || c.token == before.fields["token"] {
		return nil
	}
	if after.state() == ledger.Sending && after.fields["token"] != c.token {
		return nil // It was refused.
	}
	switch {
	case before.fields["deadline"] == strconv.Itoa(lease):
		return errors.New("a live claim was taken over")
	case before.fields["called"] != "-1":
		return errors.New("a handler was taken for dead that was not asked for its last word, or had no time for it")
	case after.attempts() != before.attempts()+1:
		return errors.New("a dead attempt was not counted")
	}
	return nil
}

// resent holds when a mail of which nobody knows whether it is out goes again:
// once, and never with hold.
func (m *model) resent(c call, before, after image) error {
	from, to := before.state(), after.state()
	switch {
	case c.op == begin && from == ledger.Sending && to == from && after.fields["token"] == c.token && before.fields["token"] != c.token:
	case c.op == finish && c.to == ledger.Unknown && from == ledger.Sending && to == ledger.Retrying:
	case c.op == looked && to == ledger.Retrying && from == ledger.Unknown:
	default:
		return nil
	}
	switch {
	case !c.resend:
		return errors.New("with hold a mail was sent again")
	case before.has("resent"):
		return errors.New("a mail was sent once more for the second time")
	case !after.has("resent"):
		return errors.New("it is not remembered that a mail goes once more")
	case after.attempts() >= limit+int(m.left.late):
		return errors.New("a mail goes once more that has no attempt left")
	}
	return nil
}

// same reports whether two images are the same but for when the mail was put
// back first: that counts also where another attempt is live.
func same(a, b image) bool {
	if a.has("deferred") != b.has("deferred") {
		a.fields, b.fields = maps.Clone(a.fields), maps.Clone(b.fields)
		delete(a.fields, "deferred")
		delete(b.fields, "deferred")
	}
	return a.String() == b.String()
}

// repeat holds that a call that is repeated, since its answer got lost, changes
// nothing, and succeeds again.
func (m *model) repeat(c call, out outcome) error {
	again := m.try(out.after, c)
	if again.after != out.after {
		return fmt.Errorf("its repetition counts too: %v", m.images[again.after])
	}
	once := c.op == reserve || c.op == lose || c.op == reopen && !c.requeue // Nobody repeats these for the answer.
	if out.answer.ok && !again.answer.ok && !once {
		return errors.New("its repetition is refused")
	}
	return nil
}

// transition is a state that a call makes of another.
type transition struct {
	by       op
	from, to ledger.State
}

// transitions are all that there are: the table of docs/guarantees.md.
var transitions = func() map[transition]bool {
	all := map[transition]bool{}
	add := func(by op, to ledger.State, from ...ledger.State) {
		for _, state := range from {
			all[transition{by, state, to}] = true
		}
	}
	open := []ledger.State{ledger.Queued, ledger.Waiting, ledger.Retrying}
	openOr := func(more ...ledger.State) []ledger.State { return slices.Concat(open, more) }
	add(reserve, ledger.Queued, "", ledger.Failed)
	add(begin, ledger.Sending, open...)
	add(begin, ledger.Unknown, ledger.Sending)
	add(finish, ledger.Waiting, ledger.Queued, ledger.Retrying, ledger.Sending)
	add(finish, ledger.Retrying, ledger.Queued, ledger.Waiting, ledger.Sending)
	add(finish, ledger.Failed, openOr(ledger.Sending)...)
	add(finish, ledger.Expired, open...)
	add(finish, ledger.Unknown, ledger.Sending)
	add(finish, ledger.Sent, openOr(ledger.Sending, ledger.Failed, ledger.Unknown, ledger.Expired, ledger.Cancelled)...)
	add(looked, ledger.Retrying, ledger.Unknown)
	add(cancel, ledger.Cancelled, open...)
	add(reopen, ledger.Queued, ledger.Failed, ledger.Unknown)
	add(settle, ledger.Sent, ledger.Failed, ledger.Unknown)
	add(settle, ledger.Failed, ledger.Unknown)
	add(lose, ledger.Failed, open...)
	add(lose, ledger.Unknown, ledger.Sending)
	return all
}()

// isIdle reports whether nothing happened to the mail for long.
func (im image) isIdle() bool {
	for _, name := range []string{"enqueued", "updated", "deadline"} {
		if in, ok := im.fields[name]; ok && in != strconv.Itoa(longAgo) {
			return false
		}
	}
	return true
}
