package sweeper_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/directory"
	"github.com/postroom/postroom/tasks/ledger"
)

// archivedAgo sets when a mail was archived.
func (w *world) archivedAgo(id string, ago time.Duration) {
	w.t.Helper()
	w.must(w.rdb.ZAddXX(w.t.Context(), key("archived"), redis.Z{Score: float64(time.Now().Add(-ago).Unix()), Member: id}).Err())
}

// TestOldMailLeavesTheArchive holds that it stays in the ledger, whole.
func TestOldMailLeavesTheArchive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old, young := w.failed(), w.failed()
	w.archivedAgo(old, 31*day)
	w.archivedAgo(young, 29*day)
	w.sweep()
	w.task(old, 0)
	w.listed(old)
	w.task(young, asynq.TaskStateArchived)
	w.keptWhole(old)
	if n := w.rdb.Exists(t.Context(), key("t:"+old)).Val(); n != 0 {
		t.Error("its task is still in Redis")
	}
}

// TestTheArchiveIsKeptSmall holds that the oldest go, over several pages.
func TestTheArchiveIsKeptSmall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cfg.ArchiveSize = 20
	ids := make([]string, 0, 250)
	for i := range 250 {
		id := w.failed()
		w.archivedAgo(id, time.Hour-time.Duration(i)*time.Second)
		ids = append(ids, id)
	}
	w.sweep()
	if n := w.rdb.ZCard(t.Context(), key("archived")).Val(); n != 20 {
		t.Errorf("%d in the archive, want 20", n)
	}
	w.task(ids[229], 0)
	w.task(ids[230], asynq.TaskStateArchived)
	w.task(ids[249], asynq.TaskStateArchived)
	for _, id := range ids {
		if _, err := w.ledger.Kept(t.Context(), id); err != nil {
			t.Errorf("Kept(%s): %v", id, err)
		}
	}
	w.sweep()
	if n := w.rdb.ZCard(t.Context(), key("archived")).Val(); n != 20 {
		t.Errorf("%d in the archive after the next round, want 20", n)
	}
}

// TestNothingLeavesTheArchiveBeforeItIsKept goes through what can stand there.
func TestNothingLeavesTheArchiveBeforeItIsKept(t *testing.T) {
	t.Parallel()
	finish := func(state ledger.State) func(*world, string) {
		return func(w *world, id string) {
			_, _, err := w.ledger.Finish(w.t.Context(), id, ledger.Change{Token: "one", To: state, Error: "no", GmailID: "g"})
			w.must(err)
		}
	}
	for name, row := range map[string]struct {
		prepare    func(*world, string)
		goes, kept bool
	}{
		"failed, not kept yet":  {finish(ledger.Failed), true, true},
		"unknown, not kept yet": {finish(ledger.Unknown), true, true},
		"sent":                  {finish(ledger.Sent), true, false},
		"expired":               {finish(ledger.Expired), true, false},
		"settled by a person": {func(w *world, id string) {
			finish(ledger.Failed)(w, id)
			_, err := w.ledger.Settle(w.t.Context(), id, ledger.Failed)
			w.must(err)
		}, true, false},
		"without a record": {func(w *world, id string) {
			w.must(w.rdb.Del(w.t.Context(), recordKey(id)).Err())
		}, true, false},
		// Only looked at a moment ago: it is compared with the open mail, later.
		"open": {func(*world, string) {}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			id := w.enqueueNow(hello())
			row.prepare(w, id)
			w.must(w.inspector.ArchiveTask(queue, id))
			w.archivedAgo(id, 31*day)
			w.sweep()
			if row.goes {
				w.task(id, 0)
			} else {
				w.task(id, asynq.TaskStateArchived)
			}
			if _, err := w.ledger.Kept(t.Context(), id); (err == nil) != row.kept {
				t.Errorf("Kept = %v, want it kept: %v", err, row.kept)
			}
		})
	}
}

// TestAnOpenMailHoldsUpNoOther holds that the archive is trimmed past one that
// has to stay.
func TestAnOpenMailHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cfg.ArchiveSize = 1
	stays := w.enqueueNow(hello())
	w.must(w.inspector.ArchiveTask(queue, stays))
	w.archivedAgo(stays, time.Hour)
	goes, young := w.failed(), w.failed()
	w.archivedAgo(goes, 30*time.Minute)
	w.archivedAgo(young, 0)
	w.sweep()
	w.task(stays, asynq.TaskStateArchived)
	w.task(goes, 0)
	w.task(young, asynq.TaskStateArchived)
}

// TestWhatIsRunIsNotTrimmed has a person run a mail in the moment in which it is
// to leave the archive.
func TestWhatIsRunIsNotTrimmed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.failed()
	w.archivedAgo(id, 31*day)
	w.cfg.Ledger = meanwhile{w.ledger, func(ids []string) {
		if ids[0] == id {
			w.must(w.inspector.RunTask(queue, id))
		}
	}}
	w.sweep()
	w.task(id, asynq.TaskStatePending)
	w.listed(id, "pending")
}

// TestOtherProgramsArchivesAreTheirOwn is about a Redis that is shared.
func TestOtherProgramsArchivesAreTheirOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const theirs = "reports"
	_, err := asynq.NewClientFromRedisClient(w.rdb).Enqueue(asynq.NewTask("report", nil), asynq.TaskID("r1"), asynq.Queue(theirs))
	w.must(err)
	w.must(w.inspector.ArchiveTask(theirs, "r1"))
	w.must(w.rdb.ZAddXX(t.Context(), "asynq:{"+theirs+"}:archived", redis.Z{Score: 1, Member: "r1"}).Err())
	w.sweep()
	if _, err := w.inspector.GetTaskInfo(theirs, "r1"); err != nil {
		t.Errorf("their task: %v; want it where it was", err)
	}
}

// refuser is a backend that refuses every mail for good.
type refuser struct{}

func (refuser) Send(context.Context, *mailer.Message) (mailer.Sent, error) {
	return mailer.Sent{}, &mailer.Error{Class: mailer.Permanent, Text: "no such address"}
}

// TestTwelveThousandFailures are more than asynq keeps. They come faster than
// the Sweeper.
func TestTwelveThousandFailures(t *testing.T) {
	t.Parallel()
	const failures, producers = 12_000, 8
	w := newWorld(t)
	var all sync.WaitGroup
	for range producers {
		all.Go(func() {
			for range failures / producers {
				if _, err := w.client.Enqueue(t.Context(), hello()); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	w.work(refuser{})
	w.eventually("all have failed", func() bool {
		return w.rdb.LLen(t.Context(), key("pending")).Val()+w.rdb.LLen(t.Context(), key("active")).Val() == 0
	})
	if n := w.rdb.ZCard(t.Context(), key("archived")).Val(); n >= failures {
		t.Fatalf("asynq has %d in its archive: it keeps more than is written of it", n)
	}
	w.sweep()
	if n := w.rdb.ZCard(t.Context(), key("archived")).Val(); n > 5000 {
		t.Errorf("%d in the archive, want 5,000 at most", n)
	}
	w.allThere(failures)
}

// allThere holds how many mails are among the failed, each of them whole.
func (w *world) allThere(want int) {
	w.t.Helper()
	ctx := w.t.Context()
	seen := map[string]bool{}
	var counted int64
	for shard := range ledger.Shards {
		_, failed, err := w.ledger.Counts(ctx, shard)
		w.must(err)
		counted += failed
		for cursor, first := uint64(0), true; first || cursor != 0; first = false {
			page, err := w.ledger.Failed(ctx, shard, cursor, 200)
			w.must(err)
			for _, rec := range page.Records {
				payload, err := w.ledger.Kept(ctx, rec.ID)
				w.must(err)
				if e, err := tasks.DecodePayload(payload); err != nil || e.ID != rec.ID {
					w.t.Fatalf("%s is kept as %q, %v", rec.ID, payload, err)
				}
				seen[rec.ID] = true
			}
			cursor = page.Next
		}
	}
	if counted != int64(want) || len(seen) != want {
		w.t.Errorf("%d are counted, and %d are there; want %d", counted, len(seen), want)
	}
}

// TestFailedMailThatHadItsTimeGoes is an index whose record is not there any
// more.
func TestFailedMailThatHadItsTimeGoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	gone, there := w.failed(), w.failed()
	w.must(w.rdb.Del(ctx, recordKey(gone)).Err())
	w.must(w.rdb.ZAddXX(ctx, indexKey(gone, "failed"), redis.Z{Score: float64(time.Now().UnixMilli() - 1), Member: gone}).Err())
	w.sweep()
	if err := w.rdb.ZScore(ctx, indexKey(gone, "failed"), gone).Err(); err == nil {
		t.Error("it is still among the failed")
	}
	if err := w.rdb.ZScore(ctx, indexKey(there, "failed"), there).Err(); err != nil {
		t.Errorf("the other is not: %v", err)
	}
}

// TestAQueueThatNobodyConsumesIsNamedOnce holds that it is named when it was so
// in two rounds, once, and again when it is so again.
func TestAQueueThatNobodyConsumesIsNamedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gone, def := directory.Account{Address: "gone@example.com"}, directory.Account{Address: shop, Default: true}
	republish := func(accounts ...directory.Account) {
		t.Helper()
		w.must(w.rdb.Del(t.Context(), "postroom:{directory}:entries", "postroom:{directory}:published").Err())
		if len(accounts) > 0 {
			w.publish(accounts...)
		}
	}
	republish()
	var id string
	const empty = "empty@example.com"
	for _, account := range []string{empty, shop, "", gone.Address} {
		mail := hello()
		mail.Account = account
		id = w.enqueue(mail)
		if account == empty {
			w.must(w.inspector.DeleteTask("default:"+empty, id))
		}
	}
	s := w.sweeper()
	said := func(want int) {
		t.Helper()
		w.round(s)
		if n := w.log.FilterMessage("mail waits in a queue that nobody consumes").Len(); n != want {
			t.Errorf("said %d times, want %d", n, want)
		}
	}
	republish(def, gone)
	said(0)
	republish() // Nobody has published anything: there is nothing to judge by.
	said(0)
	said(0)
	republish(directory.Account{Address: shop})
	said(0)
	said(2)
	said(2)
	republish(def, gone)
	said(2)
	republish(def)
	said(2)
	said(3)
	w.must(w.inspector.DeleteTask("default:"+gone.Address, id))
	republish(def)
	said(3)
	line := w.log.FilterMessage("mail waits in a queue that nobody consumes").All()[2].ContextMap()
	if got := fmt.Sprint(line["queue"], line["mails"]); got != "default:g***@example.com1" {
		t.Errorf("said of %q; want the masked queue and its one mail", got)
	}
}

// TestOneDamagedTaskKeepsNoOtherInTheArchive holds that what can't be read stays,
// alone, and that the sweep goes on.
func TestOneDamagedTaskKeepsNoOtherInTheArchive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	damaged, old := w.enqueue(hello()), w.failed()
	_, _, err := w.ledger.Finish(t.Context(), damaged, ledger.Change{Token: "one", To: ledger.Failed, Error: "no"})
	w.must(err)
	w.must(w.inspector.ArchiveTask(queue, damaged))
	w.archivedAgo(damaged, 32*day)
	w.archivedAgo(old, 31*day)
	w.must(w.rdb.HSet(t.Context(), key("t:"+damaged), "msg", "no message").Err())
	w.sweep()
	w.task(old, 0)
	w.listed(damaged, "archived")
	if w.log.FilterMessage("archived mail not looked at").Len() == 0 {
		t.Error("no line says so")
	}
}
