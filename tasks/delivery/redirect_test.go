package delivery_test

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/mailertest"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/budget"
	"github.com/postroom/postroom/tasks/ledger"
)

const team = "team@example.net"

// redirectingOffice has all mail go to the team. Each test ends by holding that
// Gmail was never asked to send to anybody else.
func redirectingOffice(t *testing.T, o *office) *office {
	t.Helper()
	o.cfg.RedirectAll = mailer.Address{Name: "Team", Address: team}
	t.Cleanup(func() {
		for _, m := range o.gmail.Accepted() {
			if !slices.Equal(m.Recipients, []string{team}) {
				t.Errorf("a mail went to %v", m.Recipients)
			}
			parsed, err := mail.ReadMessage(strings.NewReader(string(m.Raw)))
			if err != nil {
				t.Error(err)
				continue
			}
			for _, name := range []string{"Cc", "Bcc", "Resent-To"} {
				if parsed.Header.Get(name) != "" {
					t.Errorf("a redirected mail has %s: %q", name, parsed.Header.Get(name))
				}
			}
		}
	})
	return o
}

// TestRedirectAll sends mail of every form to the team alone.
func TestRedirectAll(t *testing.T) {
	t.Parallel()
	o := redirectingOffice(t, newOffice(t))
	all := hello()
	all.To = append(all.To, "Jörg <joerg@bücher.example>")
	all.Cc = tasks.Addresses{"Eve <eve@example.org>"}
	all.Bcc = tasks.Addresses{"spy@example.org", "Boss <boss@example.org>"}
	all.ReplyTo = tasks.Addresses{"help@example.com"}
	bcc := hello()
	bcc.To, bcc.Bcc = nil, tasks.Addresses{"spy@example.org"}
	ids := []string{
		o.enqueue(all), o.enqueue(bcc), o.enqueue(hello(), tasks.OnLane(tasks.Bulk)),
		o.enqueue(tasks.Email{To: all.To, Template: "welcome", Data: map[string]any{"name": "Ada"}}, tasks.OnLane(tasks.Critical)),
	}
	o.work()
	for _, id := range ids {
		o.await(id, ledger.Sent)
		o.accepted(id, 1)
	}
	got := o.gmail.AcceptedByMailID(ids[0])[0]
	if got.Subject() != all.Subject {
		t.Errorf("the subject became %q", got.Subject())
	}
	for name, want := range map[string]string{
		"To": `"Team" <team@example.net>`, "X-Postroom-To": `"Ada" <ada@example.org>, =?utf-8?b?SsO2cmc=?= <joerg@xn--bcher-kva.example>`,
		"X-Postroom-Cc": `"Eve" <eve@example.org>`, "X-Postroom-Bcc": `<spy@example.org>, "Boss" <boss@example.org>`,
		"Reply-To": "<help@example.com>",
	} {
		if diff := cmp.Diff(want, got.Header.Get(name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for _, entry := range o.log.FilterMessage("delivery").All() {
		if to := entry.ContextMap()["redirected_to"]; to != "t***@example.net" {
			t.Errorf("the line of a delivery has redirected_to %v", to)
		}
	}
}

// TestRedirectAllCostsWhatGoesOut lets a mail to 90 go where the day has room
// for three recipients, and no fourth mail.
func TestRedirectAllCostsWhatGoesOut(t *testing.T) {
	t.Parallel()
	o := redirectingOffice(t, newOffice(t))
	o.allow(budget.Change{Recipients: budget.To(3)})
	large := hello()
	for i := range 89 {
		large.Bcc = append(large.Bcc, fmt.Sprintf("reader%d@example.org", i))
	}
	ids := []string{o.enqueue(large), o.enqueue(large), o.enqueue(large)}
	o.work()
	for _, id := range ids {
		o.await(id, ledger.Sent)
	}
	last := o.enqueue(hello())
	o.eventually("the day is used up", func() bool {
		s, err := o.client.Status(t.Context(), last)
		return err == nil && s.State == tasks.StateWaiting
	})
	s, err := o.cfg.Budget.Look(t.Context(), shop)
	if err != nil || s.Recipients != 3 {
		t.Errorf("%d recipients counted (%v), want 3", s.Recipients, err)
	}
}

// TestRedirectAllInDoubt sends mail whose outcome nobody knew once more, and
// finds mail in Sent that went to the team.
func TestRedirectAllInDoubt(t *testing.T) {
	t.Parallel()
	again := redirectingOffice(t, newOffice(t))
	again.gmail.Script(mailertest.Cut(), mailertest.BackendError())
	id := again.enqueue(hello())
	again.work()
	again.hurryTo(id, ledger.Sent)
	again.accepted(id, 1)

	found := redirectingOffice(t, readingOffice(t))
	found.gmail.Script(mailertest.AcceptThenCut())
	id = found.enqueue(hello())
	found.work()
	found.hurryTo(id, ledger.Sent)
	found.accepted(id, 1)
}
