package sweeper_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/mailertest"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/ledger"
	"github.com/postroom/postroom/tasks/sweeper"
)

// TestWhatIsInOrderIsLeftAlone has a mail in each of asynq's states.
func TestWhatIsInOrderIsLeftAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pending, scheduled := w.enqueue(hello()), w.enqueue(hello(), tasks.In(time.Hour))
	live, over, old := w.enqueue(hello()), w.enqueue(hello()), w.enqueue(hello())
	w.take(live, time.Now().Add(20*time.Second))
	w.take(over, time.Now().Add(-2*time.Minute)) // asynq's recoverer comes for it,
	w.take(old, time.Now().Add(-time.Hour))      // and for this one when there is a worker again.
	w.sweep()
	w.found()
	w.task(pending, asynq.TaskStatePending)
	w.task(scheduled, asynq.TaskStateScheduled)
	for _, id := range []string{live, over, old} {
		w.listed(id, "active", "lease")
	}
	for _, id := range []string{pending, scheduled, live, over, old} {
		w.stands(id, ledger.Queued)
	}
}

// TestAMailIsLookedAtNowAndThen holds that a mail that was looked at is left
// alone for a while.
func TestAMailIsLookedAtNowAndThen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.enqueue(hello())
	w.sweep()
	w.take(id, time.Now())
	w.must(w.rdb.ZRem(t.Context(), key("lease"), id).Err())
	w.sweep()
	w.found()
	w.age(id, 6*time.Minute)
	w.sweep()
	w.found("no_lease")
}

func TestActiveWithoutALeaseIsPutBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, id := w.enqueue(hello()), w.enqueue(hello())
	w.take(id, time.Now())
	w.must(w.rdb.ZRem(t.Context(), key("lease"), id).Err())
	w.must(w.inspector.PauseQueue(queue))
	w.sweep()
	w.found("no_lease")
	w.listed(id, "pending")
	if next := w.rdb.LIndex(t.Context(), key("pending"), -1).Val(); next != id {
		t.Errorf("%s is next, want %s, which was taken before", next, id)
	}
	w.must(w.inspector.DeleteTask(queue, first))
	w.must(w.inspector.UnpauseQueue(queue))
	w.goesOut(id)
}

// TestAMailThatIsListedNowhere has lost halves: a task, and no list with it.
func TestAMailThatIsListedNowhere(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*world, context.Context, string){
		"pending": func(w *world, ctx context.Context, id string) {
			w.must(w.rdb.LRem(ctx, key("pending"), 0, id).Err())
		},
		"scheduled": func(w *world, ctx context.Context, id string) {
			w.must(w.rdb.LRem(ctx, key("pending"), 0, id).Err())
			w.must(w.rdb.HSet(ctx, key("t:"+id), "state", "scheduled").Err())
		},
		"retry": func(w *world, ctx context.Context, id string) {
			w.must(w.rdb.LRem(ctx, key("pending"), 0, id).Err())
			w.must(w.rdb.HSet(ctx, key("t:"+id), "state", "retry").Err())
		},
		// Its lease is there, but asynq can't bring back what is not among the active.
		"active": func(w *world, ctx context.Context, id string) {
			w.take(id, time.Now().Add(-time.Hour))
			w.must(w.rdb.LRem(ctx, key("active"), 0, id).Err())
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			id := w.enqueue(hello())
			lose(w, t.Context(), id)
			w.sweep()
			want := "unlisted"
			if name == "active" {
				want = "no_lease"
			}
			w.found(want)
			w.listed(id, "pending")
			w.goesOut(id)
		})
	}
}

// TestAHalfArchivedMailIsPutBack is what asynq leaves where Archive breaks off.
func TestAHalfArchivedMailIsPutBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.enqueue(hello())
	w.take(id, time.Now())
	ctx := t.Context()
	w.must(w.rdb.LRem(ctx, key("active"), 0, id).Err())
	w.must(w.rdb.ZRem(ctx, key("lease"), id).Err())
	w.must(w.rdb.ZAdd(ctx, key("archived"), redis.Z{Score: float64(time.Now().Unix()), Member: id}).Err())
	w.sweep()
	w.found("no_lease")
	w.goesOut(id)
}

// TestAnArchivedMailThatIsListedNowhere goes into the archive, and is not sent:
// who had it there does not want that.
func TestAnArchivedMailThatIsListedNowhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.enqueue(hello())
	w.must(w.inspector.ArchiveTask(queue, id))
	w.must(w.rdb.ZRem(t.Context(), key("archived"), id).Err())
	w.sweep()
	w.found("unlisted")
	w.listed(id, "archived")
}

// TestALongListIsNotSearched is the other side of what a search costs: a mail
// that is missing in a long list is found once that is short.
func TestALongListIsNotSearched(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.enqueue(hello())
	w.must(w.rdb.LRem(t.Context(), key("pending"), 0, id).Err())
	fill := make([]any, 1001)
	for i := range fill {
		fill[i] = fmt.Sprint("filler-", i)
	}
	w.must(w.rdb.LPush(t.Context(), key("pending"), fill...).Err())
	w.sweep()
	w.found()
	w.must(w.rdb.LPop(t.Context(), key("pending")).Err())
	w.age(id, 6*time.Minute)
	w.sweep()
	w.found("unlisted")
}

// TestWhatALostTaskLeavesBehindGoes is a task without a message: dequeued after
// it had been deleted.
func TestWhatALostTaskLeavesBehindGoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.enqueue(hello())
	w.take(id, time.Now())
	w.must(w.rdb.HDel(t.Context(), key("t:"+id), "msg").Err())
	w.sweep()
	w.found("deleted")
	w.listed(id)
	if n := w.rdb.Exists(t.Context(), key("t:"+id)).Val(); n != 0 {
		t.Error("the task is still there")
	}
}

// archivedByAsynq has asynq itself archive a mail, which another program queued
// with no tries of asynq's own to spare: its worker dies.
func (w *world) archivedByAsynq(e tasks.Email) string {
	w.t.Helper()
	id := w.enqueue(e)
	info, err := w.inspector.GetTaskInfo(queue, id)
	w.must(err)
	w.must(w.inspector.DeleteTask(queue, id))
	client := asynq.NewClientFromRedisClient(w.rdb)
	_, err = client.Enqueue(asynq.NewTask(info.Type, info.Payload), asynq.TaskID(id), asynq.Queue(queue), asynq.MaxRetry(0))
	w.must(err)
	w.take(id, time.Now().Add(-time.Minute))
	server := asynq.NewServerFromRedisClient(w.rdb, asynq.Config{Queues: map[string]int{queue: 1}, LogLevel: asynq.FatalLevel})
	w.must(server.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error { return nil })))
	defer server.Shutdown()
	w.eventually("the recoverer archives it", func() bool {
		info, err := w.inspector.GetTaskInfo(queue, id)
		return err == nil && info.State == asynq.TaskStateArchived
	})
	if info, err = w.inspector.GetTaskInfo(queue, id); info == nil || info.LastErr != asynq.ErrLeaseExpired.Error() {
		w.t.Fatalf("archived with %+v, %v; want it archived by the recoverer", info, err)
	}
	return id
}

func TestArchivedByTheRecovererIsRunAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.archivedByAsynq(hello())
	w.sweep()
	w.found("counted_out")
	w.listed(id, "pending")
	w.stands(id, ledger.Queued)
	w.goesOut(id)
}

// TestWhatAsynqCountedOutHasItsPause holds that the ledger's own pause stands.
func TestWhatAsynqCountedOutHasItsPause(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.archivedByAsynq(hello())
	retryAt := func(at time.Time) {
		_, _, err := w.ledger.Finish(t.Context(), id, ledger.Change{Token: at.String(), To: ledger.Retrying, Used: true, Next: at, Error: "503"})
		w.must(err)
		w.age(id, 6*time.Minute)
	}
	retryAt(time.Now().Add(time.Hour))
	w.sweep()
	w.found()
	w.listed(id, "archived")
	retryAt(time.Now().Add(-2 * time.Minute))
	w.sweep()
	w.found("counted_out")
}

// TestWhoeverSendsAnArchivedMailMayLive holds that nothing is decided before
// the claim's end.
func TestWhoeverSendsAnArchivedMailMayLive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.archivedByAsynq(hello())
	claim, err := w.ledger.Begin(t.Context(), id, ledger.Attempt{Token: "one", Lease: time.Minute, Account: shop, Limit: 12})
	if err != nil || !claim.Won {
		t.Fatalf("Begin = %+v, %v", claim, err)
	}
	w.sweep()
	w.found()
	w.must(w.rdb.HSet(t.Context(), recordKey(id), "deadline", time.Now().Add(-10*time.Minute).UnixMilli()).Err())
	w.age(id, 6*time.Minute)
	w.sweep()
	w.found("counted_out")
	w.stands(id, ledger.Sending) // The next attempt decides.
}

// TestAPersonArchivesAMail holds that it stands among the failed, whole, and
// that a "run" in the dashboard sends it.
func TestAPersonArchivesAMail(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*world) string{
		"that waits for its turn": func(w *world) string { return w.enqueue(hello()) },
		"that waits for its time": func(w *world) string { return w.enqueue(hello(), tasks.In(time.Hour)) },
		"that another program queued without tries": func(w *world) string {
			id := w.archivedByAsynq(hello())
			w.must(w.inspector.RunTask(queue, id))
			time.Sleep(time.Until(time.Unix(time.Now().Unix()+1, 0))) // Not within the second in which it failed.
			return id
		},
		"that waits for its next attempt": func(w *world) string {
			id := w.enqueue(hello())
			w.take(id, time.Now())
			w.must(w.rdb.LRem(w.t.Context(), key("active"), 0, id).Err())
			w.must(w.rdb.ZRem(w.t.Context(), key("lease"), id).Err())
			w.must(w.rdb.ZAdd(w.t.Context(), key("retry"), redis.Z{Score: float64(time.Now().Unix() + 60), Member: id}).Err())
			w.must(w.rdb.HSet(w.t.Context(), key("t:"+id), "state", "retry").Err())
			_, _, err := w.ledger.Finish(w.t.Context(), id, ledger.Change{
				Token: "one", To: ledger.Retrying, Used: true, Next: time.Now().Add(time.Minute), Error: "503",
			})
			w.must(err)
			w.age(id, 15*time.Minute)
			return id
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			id := prepare(w)
			w.must(w.inspector.ArchiveTask(queue, id))
			w.sweep()
			w.found("archived")
			rec := w.stands(id, ledger.Failed)
			if rec.Error != ledger.ArchivedText || !rec.Kept {
				t.Errorf("record = %+v; want it kept, as %q", rec, ledger.ArchivedText)
			}
			w.keptWhole(id)
			w.age(id, 15*time.Minute)
			w.sweep()
			w.found("archived") // Once.

			w.must(w.inspector.RunTask(queue, id))
			w.goesOut(id)
		})
	}
}

// keptWhole holds that a mail is among the failed, with its payload.
func (w *world) keptWhole(id string) {
	w.t.Helper()
	payload, err := w.ledger.Kept(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	if e, err := tasks.DecodePayload(payload); err != nil || e.ID != id {
		w.t.Errorf("kept is %q, %v; want the mail's payload", payload, err)
	}
	page, err := w.ledger.Failed(w.t.Context(), shardOf(id), 0, 10)
	if err != nil || !slices.ContainsFunc(page.Records, func(rec ledger.Record) bool { return rec.ID == id }) {
		w.t.Errorf("failed are %+v, %v; want %s", page.Records, err, id)
	}
}

// TestAnArchivedMailThatFailsAgain holds that its own failure counts from then
// on.
func TestAnArchivedMailThatFailsAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.enqueue(hello())
	w.must(w.inspector.ArchiveTask(queue, id))
	w.sweep()
	w.must(w.inspector.RunTask(queue, id))
	var recorder mailertest.Recorder
	recorder.Fail(&mailer.Error{Class: mailer.Permanent, Text: "no such address"})
	w.work(&recorder)
	var rec ledger.Record
	w.eventually("it has failed", func() bool {
		rec = w.record(id)
		return rec.State == ledger.Failed && !rec.Archived
	})
	if got := rec.Error; !strings.Contains(got, "no such address") {
		t.Errorf("error = %q; want what the send met", got)
	}
}

// TestAnArchivedMailIsNoFreeID holds that the same mail again is a duplicate of
// the one that stands in the archive.
func TestAnArchivedMailIsNoFreeID(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.enqueue(hello(), tasks.WithID("order-1"))
	w.must(w.inspector.ArchiveTask(queue, id))
	w.sweep()
	r, err := w.client.Enqueue(t.Context(), hello(), tasks.WithID(id))
	if err != nil || !r.Duplicate || r.State != tasks.State(ledger.Failed) {
		t.Errorf("the same again = %+v, %v; want a duplicate that failed", r, err)
	}
}

// TestAMailThatWasBeingSentIsUnknown is one whose worker died, and whose task a
// person took away before another worker came.
func TestAMailThatWasBeingSentIsUnknown(t *testing.T) {
	t.Parallel()
	for name, takeAway := range map[string]func(*asynq.Inspector, string) error{
		"deleted":  func(i *asynq.Inspector, id string) error { return i.DeleteTask(queue, id) },
		"archived": func(i *asynq.Inspector, id string) error { return i.ArchiveTask(queue, id) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			id := w.enqueue(hello())
			_, err := w.ledger.Begin(t.Context(), id, ledger.Attempt{Token: "one", Lease: time.Minute, Account: shop, Limit: 12})
			w.must(err)
			w.must(takeAway(w.inspector, id))
			w.age(id, 15*time.Minute)
			w.sweep()
			w.found()
			w.must(w.rdb.HSet(t.Context(), recordKey(id), "deadline", time.Now().Add(-10*time.Minute).UnixMilli()).Err())
			w.age(id, 15*time.Minute)
			w.sweep()
			w.found("unknown")
			rec := w.stands(id, ledger.Unknown)
			if rec.Lost || rec.Archived || rec.LeftBy.IsZero() {
				t.Errorf("record = %+v; want it unknown, with the time of the attempt", rec)
			}
		})
	}
}

// TestADeletedMailIsNeverSent holds that it stands as failed, once it is certain
// that no Enqueue is under way, and that the same mail can be enqueued again.
func TestADeletedMailIsNeverSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.enqueue(hello(), tasks.WithID("order-1"))
	w.must(w.inspector.DeleteTask(queue, id))
	w.must(w.rdb.HSet(t.Context(), recordKey(id), "enqueued", time.Now().Add(-4*time.Minute).UnixMilli()).Err())
	w.sweep()
	w.found()
	w.stands(id, ledger.Queued)
	w.age(id, 6*time.Minute)
	w.sweep()
	w.found("deleted")
	rec := w.stands(id, ledger.Failed)
	if rec.Error != ledger.LostText || !strings.HasPrefix(rec.Error, "deleted") {
		t.Errorf("error = %q; want it to say that it was deleted", rec.Error)
	}
	w.task(id, 0)

	if r, err := w.client.Enqueue(t.Context(), hello(), tasks.WithID(id)); err != nil || r.Duplicate {
		t.Errorf("the same again = %+v, %v; want it accepted", r, err)
	}
	w.goesOut(id)
}

// failed is a mail that has failed, in asynq's archive, kept whole.
func (w *world) failed() string {
	w.t.Helper()
	id := w.enqueue(hello())
	info, err := w.inspector.GetTaskInfo(queue, id)
	w.must(err)
	_, _, err = w.ledger.Finish(w.t.Context(), id, ledger.Change{Token: "one", To: ledger.Failed, Error: "no"})
	w.must(err)
	_, err = w.ledger.Keep(w.t.Context(), id, info.Payload)
	w.must(err)
	w.must(w.inspector.ArchiveTask(queue, id))
	return id
}

// TestARetryThatBrokeOffIsFinished is one whose call ended between the ledger
// and asynq.
func TestARetryThatBrokeOffIsFinished(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		lose  func(*world, string)
		found string
	}{
		"its task is archived": {func(*world, string) {}, "retry"},
		"its task is gone": {func(w *world, id string) {
			w.must(w.inspector.DeleteTask(queue, id))
		}, "retry"},
		"its task is queued": {func(w *world, id string) {
			w.must(w.inspector.RunTask(queue, id))
		}, ""},
		"nothing is left of it": {func(w *world, id string) {
			w.must(w.inspector.DeleteTask(queue, id))
			w.must(w.rdb.Del(w.t.Context(), indexKey(id, "kept:"+id)).Err())
		}, "deleted"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			id := w.failed()
			if d, err := w.ledger.Reopen(t.Context(), id, ledger.Round{Requeue: true}); !d.Made || err != nil {
				t.Fatalf("Reopen = %+v, %v", d, err)
			}
			w.age(id, 15*time.Minute)
			row.lose(w, id)
			w.sweep()
			if row.found != "" {
				w.found(row.found)
			} else {
				w.found()
			}
			if w.record(id).Requeue {
				t.Error("the retry is still not finished")
			}
			if row.found == "deleted" {
				w.stands(id, ledger.Failed)
				return
			}
			w.listed(id, "pending")
			w.goesOut(id)
		})
	}
}

// TestARetryWhoseWorkerIsNotDone is one that came before the worker that had
// the mail had archived it: the wish stands until then.
func TestARetryWhoseWorkerIsNotDone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.enqueue(hello())
	w.take(id, time.Now().Add(20*time.Second))
	_, _, err := w.ledger.Finish(t.Context(), id, ledger.Change{Token: "one", To: ledger.Failed, Error: "no"})
	w.must(err)
	w.must(w.client.Retry(t.Context(), id))
	w.age(id, 15*time.Minute)
	w.sweep()
	w.found()
	if !w.record(id).Requeue {
		t.Error("the wish is forgotten")
	}
}

// TestARecordThatIsGoneIsOpenNoLonger is one of which a failover has left the
// index alone.
func TestARecordThatIsGoneIsOpenNoLonger(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.enqueue(hello())
	w.must(w.rdb.Del(t.Context(), recordKey(id)).Err())
	w.sweep()
	if n := w.rdb.ZCard(t.Context(), indexKey(id, "open")).Val(); n != 0 {
		t.Error("it is still among the open mail")
	}
	w.task(id, asynq.TaskStatePending)
}

// TestOneDamagedMailKeepsNobodyElseWaiting holds that what can't be read is
// skipped, and said.
func TestOneDamagedMailKeepsNobodyElseWaiting(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	var lost []string
	for i := range 40 { // Some of them are together in a page.
		id := fmt.Sprintf("mail-%d", i)
		w.enqueue(hello(), tasks.WithID(id))
		w.must(w.inspector.DeleteTask(queue, id))
		switch i {
		case 7:
			w.must(w.rdb.Del(ctx, recordKey(id)).Err())
			w.must(w.rdb.Set(ctx, recordKey(id), "no hash", 0).Err())
		case 8:
			w.must(w.rdb.Set(ctx, key("t:"+id), "no hash", 0).Err())
		default:
			lost = append(lost, id)
		}
	}
	w.sweep()
	for _, id := range lost {
		w.stands(id, ledger.Failed)
	}
	if n := w.log.FilterMessage("mail not swept").Len(); n != 2 {
		t.Errorf("%d mails could not be swept, want 2", n)
	}
}

// TestRedisForgetsScripts is a Redis that has started anew.
func TestRedisForgetsScripts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.enqueue(hello())
	s := w.sweeper()
	w.round(s)
	w.must(w.rdb.ScriptFlush(t.Context()).Err())
	w.must(w.inspector.DeleteTask(queue, id))
	w.age(id, 6*time.Minute)
	w.must(w.rdb.ScriptFlush(t.Context()).Err())
	w.round(s)
	w.found("deleted")
}

// meanwhile is a ledger in which something happens right after records were
// read.
type meanwhile struct {
	*ledger.Ledger

	happens func(ids []string)
}

func (m meanwhile) LookAll(ctx context.Context, ids []string) ([]ledger.Record, error) {
	records, err := m.Ledger.LookAll(ctx, ids)
	m.happens(ids)
	return records, err
}

// TestWhatHappensMeanwhileCounts has a mail change between the Sweeper's two
// looks, at the ledger and at asynq.
func TestWhatHappensMeanwhileCounts(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		happens func(*world, string)
		want    ledger.State
	}{
		"it is sent": {func(w *world, id string) {
			_, _, err := w.ledger.Finish(w.t.Context(), id, ledger.Change{Token: "one", To: ledger.Sent, GmailID: "g"})
			w.must(err)
			w.must(w.inspector.DeleteTask(queue, id))
		}, ledger.Sent},
		"it fails, and is reopened and run": {func(w *world, id string) {
			_, _, err := w.ledger.Finish(w.t.Context(), id, ledger.Change{Token: "one", To: ledger.Failed, Error: "no"})
			w.must(err)
			w.must(w.inspector.ArchiveTask(queue, id))
			_, err = w.ledger.Reopen(w.t.Context(), id, ledger.Round{})
			w.must(err)
		}, ledger.Queued},
		"it fails": {func(w *world, id string) {
			_, _, err := w.ledger.Finish(w.t.Context(), id, ledger.Change{Token: "one", To: ledger.Failed, Error: "no"})
			w.must(err)
			w.must(w.inspector.ArchiveTask(queue, id))
		}, ledger.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			id := w.enqueue(hello())
			w.cfg.Ledger = meanwhile{w.ledger, func([]string) {
				if rec := w.record(id); rec.State == ledger.Queued && rec.UpdatedAt.IsZero() {
					row.happens(w, id)
				}
			}}
			w.sweep()
			w.found()
			if rec := w.stands(id, row.want); rec.Archived || rec.Lost {
				t.Errorf("record = %+v; want what happened to it", rec)
			}
		})
	}
}

// TestThePauseIsReadAfterTheTask has a worker put a mail's pause down between the
// two looks.
func TestThePauseIsReadAfterTheTask(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.archivedByAsynq(hello())
	w.cfg.Ledger = meanwhile{w.ledger, func([]string) {
		_, _, err := w.ledger.Finish(t.Context(), id, ledger.Change{
			Token: "one", To: ledger.Retrying, Used: true, Next: time.Now().Add(time.Hour), Error: "503",
		})
		w.must(err)
	}}
	w.sweep()
	w.found()
	w.listed(id, "archived")
}

// forgetful is a ledger that keeps nothing when asked.
type forgetful struct{ *ledger.Ledger }

func (forgetful) Keep(context.Context, string, []byte) (time.Duration, error) {
	return 0, errors.New("out of order")
}

// TestSetAsideIsKeptAtOnce holds that a mail that a person archived is kept in
// the moment in which it fails: nobody would come back to it.
func TestSetAsideIsKeptAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.enqueue(hello())
	w.must(w.inspector.ArchiveTask(queue, id))
	w.cfg.Ledger = forgetful{w.ledger}
	w.sweep()
	w.stands(id, ledger.Failed)
	w.keptWhole(id)
}

func TestConfig(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, spoil := range map[string]func(*sweeper.Config){
		"no Redis":      func(c *sweeper.Config) { c.Redis = nil },
		"no Requeue":    func(c *sweeper.Config) { c.Requeue = nil },
		"negative Rate": func(c *sweeper.Config) { c.Rate = -1 },
	} {
		cfg := w.cfg
		spoil(&cfg)
		if _, err := sweeper.New(cfg); err == nil || !strings.HasPrefix(err.Error(), "sweeper: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
