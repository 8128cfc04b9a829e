package delivery_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postroom/postroom/mailer/mailertest"
	"github.com/postroom/postroom/tasks/budget"
	"github.com/postroom/postroom/tasks/ledger"
)

// TestRunAfterTheRecordHasHadItsTimeWhileItsAccountWaits is the same as without
// the wait: that is no licence either.
func TestRunAfterTheRecordHasHadItsTimeWhileItsAccountWaits(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.gmail.Script(mailertest.AcceptThenCut())
	id := o.enqueue(held())
	pool, _ := o.work()
	o.await(id, ledger.Unknown)
	o.eventually("it is in the archive", func() bool { return len(o.archived()) == 1 })
	o.forget(id)
	o.freeze(pool, 4*time.Second)
	o.run(id)
	o.eventually("it is archived again", func() bool {
		return slices.ContainsFunc(o.archived(), func(s string) bool { return strings.Contains(s, "enqueue it anew") }) ||
			o.gmail.CountByMailID(id) > 1
	})
	o.accepted(id, 1)
}

// TestRunAfterTheRecordHasHadItsTimeWhileTheDayHasNoRoom has many recipients.
func TestRunAfterTheRecordHasHadItsTimeWhileTheDayHasNoRoom(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.gmail.Script(mailertest.AcceptThenCut())
	e := held()
	for i := range 8 {
		e.To = append(e.To, fmt.Sprintf("ada%d@example.org", i))
	}
	id := o.enqueue(e)
	o.work()
	o.await(id, ledger.Unknown)
	o.eventually("it is in the archive", func() bool { return len(o.archived()) == 1 })
	o.forget(id)
	o.allow(budget.Change{Recipients: budget.To(12)})
	time.Sleep(3 * time.Second) // The worker knows.
	o.await(o.enqueue(hello()), ledger.Sent)
	o.await(o.enqueue(hello()), ledger.Sent)
	o.await(o.enqueue(hello()), ledger.Sent)
	o.run(id)
	o.eventually("it is decided", func() bool { return len(o.archived())+len(o.retrying()) == 1 })
	o.allow(budget.Change{Recipients: budget.To(0)})
	o.eventually("it is archived again", func() bool {
		o.hurry()
		return slices.ContainsFunc(o.archived(), func(s string) bool { return strings.Contains(s, "enqueue it anew") }) ||
			o.gmail.CountByMailID(id) > 1
	})
	o.accepted(id, 1)
}
