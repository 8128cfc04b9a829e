package ledgermodel_test

import (
	"errors"
	"fmt"

	"github.com/postroom/postroom/tasks/ledger"
)

// checkWorld holds what has to be so at every moment.
func (m *model) checkWorld(w *world) error {
	if err := m.checkImage(w.record); err != nil {
		return err
	}
	im := m.image(w)
	state := im.state()
	if w.seen.accepted && state == "" {
		return errors.New("an accepted mail is in no state")
	}
	if w.seen.sent && state != ledger.Sent {
		return fmt.Errorf("a mail that was recorded as sent is %s", state)
	}
	if w.seen.cancelled && state != ledger.Cancelled && state != ledger.Sent {
		return fmt.Errorf("a cancelled mail is %s", state)
	}
	if m.left.late == 0 && state == ledger.Sending && im.fields["token"] == ended {
		return errors.New("an attempt that has ended has a claim")
	}
	a, b := w.handlers[0].at, w.handlers[1].at
	if a == atSend && (b == atSend || b == atAnswer) || a == atAnswer && b == atSend {
		return errors.New("two handlers send at the same time")
	}
	if most := m.mostCopies(w); int(w.gmail.copies) > most {
		return fmt.Errorf("Gmail has %d copies, and %d are allowed", w.gmail.copies, most)
	}
	return nil
}

// mostCopies is one, with resend one more unless look-ups tell, and as many again
// for each time that a person took it upon himself.
func (m *model) mostCopies(w *world) int {
	round := 1
	if m.resend && (!m.canLookUp || m.left.unfindable > 0) {
		round = 2
	}
	return round * (1 + int(w.seen.asked))
}

// checkClaim holds a claim that was won against what was known before.
func (m *model) checkClaim(w *world, i int) {
	switch {
	case m.broken != nil:
	case w.seen.sent:
		m.broken = fmt.Errorf("%s may send a mail that was recorded as sent", handlers[i])
	case w.seen.cancelled:
		m.broken = fmt.Errorf("%s may send a mail that was cancelled", handlers[i])
	}
}
