package ledgermodel_test

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/postroom/postroom/tasks/ledger"
)

// Lifetimes of settled records, in hours: the ledger's defaults.
const (
	keepSent   = 7 * 24
	keepFailed = 90 * 24
)

// checkImage holds what has to be so in every image, and tries on it what
// anybody may call at any time.
func (m *model) checkImage(id imageID) error {
	err, ok := m.checked[id]
	if !ok {
		if err = m.images[id].check(m.rules); err == nil {
			err = m.probe(id)
		}
		m.checked[id] = err
	}
	return err
}

func (im image) check(r rules) error {
	state := im.state()
	if state == "" {
		if im.keys() > 0 {
			return fmt.Errorf("there is no record, and yet there is: %v", im)
		}
		return nil
	}
	isOpen := state == ledger.Queued || state == ledger.Waiting || state == ledger.Retrying || state == ledger.Sending
	isFailed := (state == ledger.Failed || state == ledger.Unknown) && !im.has("settled")
	life, ok := lives[state]
	for _, rule := range []struct {
		holds bool
		rule  string
	}{
		{ok, "the state is none of the nine"},
		{im.open == isOpen, "the index of open mail has what may still go by itself, and nothing else"},
		{(im.failed != none) == isFailed, "the index of failed mail has what nobody settled, and nothing else"},
		{!isFailed || im.failed == keepFailed, "the index of failed mail says when the record goes"},
		{im.life == life, "an open record has no end, and a settled one has its own"},
		{im.has("kept") == (im.kept != none), "the record says whether the payload is kept"},
		{im.kept == none || im.kept == im.life, "a kept payload lives as long as its record"},
		{im.kept == none || state != ledger.Sent && state != ledger.Cancelled && !im.has("settled"), "nothing is kept of mail that is done with"},
		{im.has("deadline") == (state == ledger.Sending), "a claim has a deadline, and nothing else has"},
		{!im.has("called") || state == ledger.Sending, "a last word is asked for of a claim"},
		{!im.has("absent") || state == ledger.Unknown, "only unknown mail is looked up"},
		{im.has("absent") || !im.has("looked") && !im.has("absent_since"), "what was looked up is forgotten afterwards"},
		{!im.has("requeue") || isOpen && state != ledger.Sending, "a wish is for mail that has not gone on yet"},
		{!im.has("lost") || state == ledger.Failed, "only failed mail is lost"},
		{!im.has("settled") || state == ledger.Sent || state == ledger.Failed, "a person settles as sent or failed"},
		{im.has("gmail_id") || state != ledger.Sent || im.has("settled"), "sent mail has its Gmail ID"},
		{!im.has("gmail_id") || state == ledger.Sent, "only sent mail has a Gmail ID"},
		{im.attempts() <= limit+int(r.left.late), "no more attempts than allowed"},
		{!im.has("resent") || r.resend, "with hold nothing is resent"},
	} {
		if !rule.holds {
			return fmt.Errorf("%s: %v", rule.rule, im)
		}
	}
	return nil
}

// lives is how long a record lives, in hours.
var lives = map[ledger.State]int64{
	ledger.Queued: forever, ledger.Waiting: forever, ledger.Sending: forever, ledger.Retrying: forever,
	ledger.Sent: keepSent, ledger.Cancelled: keepSent,
	ledger.Failed: keepFailed, ledger.Unknown: keepFailed, ledger.Expired: keepFailed,
}

// probe tries on an image what anybody may call.
func (m *model) probe(id imageID) error {
	state := m.images[id].state()
	for _, c := range []call{
		{op: begin, token: "a stranger's", resend: m.resend},
		{op: finish, token: "a stranger's", to: ledger.Sent, gmailID: "a stranger's"},
		{op: finish, token: "a stranger's", to: ledger.Retrying, claimed: true, used: true, text: "late"},
		{op: finish, token: "a stranger's", to: ledger.Failed, claimed: true, used: true, text: "late"},
		{op: reserve, otherMails: true},
		{op: cancel},
		{op: reopen},
		{op: reopen, unknown: true, requeue: true},
		{op: settle, to: ledger.Sent},
		{op: settle, to: ledger.Failed},
		{op: keep},
		{op: lose, atOnce: true},
		{op: looked, token: "a stranger's", absent: true, resend: m.resend, most: 1},
	} {
		if state == "" && (c.op == finish || c.op == reserve) {
			continue // These make a record.
		}
		out := m.try(id, c)
		err := m.checkChange(id, c, out)
		if err == nil {
			err = m.images[out.after].check(m.rules)
		}
		if err == nil && c.op == lose && m.images[out.after].open && m.images[id].fields["deadline"] != strconv.Itoa(lease) {
			err = errors.New("an open mail without a task stays so")
		}
		if err != nil {
			return fmt.Errorf("%v: %w", c, err)
		}
	}
	return nil
}
