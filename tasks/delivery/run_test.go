package delivery_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/hibiken/asynq"

	"github.com/postroom/postroom/mailer/mailertest"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/ledger"
)

// TestRunInTheDashboardStartsANewRound presses asynqmon's "run" on a failed
// mail and on one that nobody knows about.
func TestRunInTheDashboardStartsANewRound(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.gmail.Script(mailertest.InvalidArgument("Invalid To header"))
	failedID := o.enqueue(hello(), tasks.WithID("failed"))
	o.work()
	o.await(failedID, ledger.Failed)
	o.gmail.Script(mailertest.AcceptThenCut())
	held := hello()
	held.OnUnknown = tasks.Hold
	unknownID := o.enqueue(held, tasks.WithID("unknown"))
	o.await(unknownID, ledger.Unknown)
	o.eventually("both are in the archive", func() bool { return len(o.archived()) == 2 })

	inspector := asynq.NewInspectorFromRedisClient(o.rdb)
	for _, id := range []string{failedID, unknownID} {
		if err := inspector.RunTask(queue, id); err != nil {
			t.Fatal(err)
		}
	}
	if s := o.await(failedID, ledger.Sent); s.Attempts != 1 {
		t.Errorf("sent with %d attempts, want 1: a new round", s.Attempts)
	}
	o.eventually("the unknown one is archived again", func() bool { return len(o.archived()) == 1 })
	o.await(unknownID, ledger.Unknown)
	o.accepted(unknownID, 1)
}

// TestARedeliveredFailureIsNoNewRound is a worker that died between the
// ledger's word and asynq's.
func TestARedeliveredFailureIsNoNewRound(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.enqueue(hello())
	_, _, err := o.cfg.Ledger.Finish(t.Context(), id, ledger.Change{Token: "dead", To: ledger.Failed, Used: true, Error: "permanent 400"})
	if err != nil {
		t.Fatal(err)
	}
	o.work()
	o.eventually("it is in the archive", func() bool { return slices.Equal(o.archived(), []string{"permanent 400"}) })
	o.accepted(id, 0)
}

// TestRunAfterTheRecordHasHadItsTime presses "run" on a mail that lay in the
// archive for longer than its record was kept.
func TestRunAfterTheRecordHasHadItsTime(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.gmail.Script(mailertest.AcceptThenCut())
	held := hello()
	held.OnUnknown = tasks.Hold
	id := o.enqueue(held)
	o.work()
	o.await(id, ledger.Unknown)
	o.eventually("it is in the archive", func() bool { return len(o.archived()) == 1 })
	o.forget(id)
	if err := asynq.NewInspectorFromRedisClient(o.rdb).RunTask(queue, id); err != nil {
		t.Fatal(err)
	}
	o.eventually("it is archived again", func() bool {
		list := o.archived()
		return len(list) == 1 && strings.Contains(list[0], "enqueue it anew")
	})
	o.accepted(id, 1)
}
