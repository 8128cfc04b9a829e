package delivery_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/mailertest"
	"github.com/postroom/postroom/tasks/budget"
	"github.com/postroom/postroom/tasks/delivery"
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

// TestPutBackWhileItWasSentAndItsRecordHasHadItsTime takes an account away while
// its mail is on its way, and gives it back when nobody knows any more that it
// was sent.
func TestPutBackWhileItWasSentAndItsRecordHasHadItsTime(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.cfg.Ledger = ledger.New(o.rdb, ledger.Lifetimes{Sent: 5 * time.Second})
	o.cfg.Grace = 100 * time.Millisecond
	o.gmail.Script(mailertest.Slow(2 * time.Second))
	id := o.enqueue(held())
	pool, _ := o.work()
	o.eventually("it is on its way", func() bool { return o.gmail.Counts().Sends == 1 })
	account := o.cfg.Accounts[0]
	o.accounts(pool, delivery.Account{
		Address: "other@example.com", From: mailer.Address{Address: "other@example.com"}, Default: true, Sender: account.Sender,
	})
	o.eventually("it is sent", func() bool { return o.record(id).State == ledger.Sent })
	if n := o.pending(); n != 1 {
		t.Fatalf("%d mails pending, want it put back", n)
	}
	o.eventually("its record has had its time", func() bool { return o.record(id).State == "" })
	o.accounts(pool, account)
	o.eventually("its task is gone, or archived", func() bool {
		return len(o.archived()) == 1 || o.gmail.CountByMailID(id) > 1
	})
	o.accepted(id, 1)
}

// TestAnOldWorkerAndAForgottenMail is a worker that can't read a payload, and gives
// no mail a record by which one that can would send it again.
func TestAnOldWorkerAndAForgottenMail(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	const id = "newer"
	o.queueByHand(id, queue, `{"v":2,"to":["a@example.org"],"shiny":true}`)
	o.work()
	o.await(id, ledger.Retrying)
	o.eventually("it is in the retry tab", func() bool { return len(o.retrying()) == 1 })
	o.forget(id)
	o.hurry()
	o.eventually("it is archived", func() bool { return len(o.archived()) == 1 })
	if text := o.archived()[0]; !strings.Contains(text, "enqueue it anew") {
		t.Errorf("the dashboard says %q", text)
	}
	if rec := o.record(id); rec.State != "" {
		t.Errorf("it has a record: %+v", rec)
	}
}

// TestCancelledAndPutBackAndItsRecordHasHadItsTime has workers that keep records
// for longer than producers, one of whom cancels a mail while a worker has it.
func TestCancelledAndPutBackAndItsRecordHasHadItsTime(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	o := newOffice(t)
	o.cfg.Ledger = ledger.New(o.rdb, ledger.Lifetimes{Sent: 30 * day})
	pool, stop := o.work()
	o.freeze(pool, 40*time.Second)
	id := o.enqueue(hello())
	o.eventually("a worker has it", func() bool { return o.record(id).State == ledger.Waiting })
	if err := o.client.Cancel(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	stop()
	if n := o.pending(); n != 1 {
		t.Fatalf("%d mails pending, want it put back", n)
	}
	keeps, err := o.rdb.PTTL(t.Context(), record(id)).Result()
	if err != nil || keeps > 10*day {
		t.Fatalf("its record has %v, %v", keeps, err)
	}
	o.forget(id)
	o.cfg.Now = in(keeps + time.Minute)
	if err := o.rdb.Del(t.Context(), "postroom:{budget:"+shop+"}:freeze").Err(); err != nil {
		t.Fatal(err)
	}
	o.work()
	o.eventually("it is decided", func() bool { return len(o.archived()) == 1 || o.gmail.CountByMailID(id) > 0 })
	o.accepted(id, 0)
}
