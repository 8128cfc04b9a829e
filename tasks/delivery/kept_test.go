package delivery_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"github.com/postroom/postroom/mailer/mailertest"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/blobs"
	"github.com/postroom/postroom/tasks/delivery"
	"github.com/postroom/postroom/tasks/ledger"
)

// TestAFailedMailOutlivesTheArchive has asynq drop a mail that failed, with an
// attachment whose own time is nearly over. It goes out all the same when it is
// retried.
func TestAFailedMailOutlivesTheArchive(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.gmail.Script(mailertest.InvalidArgument("Invalid To header"))
	e := hello()
	e.Attachments = []tasks.Attachment{{Name: "a.txt", Content: []byte("attached")}}
	id := o.enqueue(e)
	blob := "postroom:blob:" + blobs.Sum([]byte("attached"))
	if err := o.rdb.Expire(t.Context(), blob, time.Hour).Err(); err != nil {
		t.Fatal(err)
	}
	o.work()
	o.await(id, ledger.Failed)
	o.eventually("it is in the archive", func() bool { return len(o.archived()) == 1 })
	if ttl := o.rdb.TTL(t.Context(), blob).Val(); ttl < 89*24*time.Hour {
		t.Errorf("its attachment lives for %v more, want as long as the mail is kept", ttl)
	}
	if err := asynq.NewInspectorFromRedisClient(o.rdb).DeleteTask(queue, id); err != nil {
		t.Fatal(err)
	}
	if err := o.client.Retry(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	o.await(id, ledger.Sent)
	if got := string(o.gmail.AcceptedByMailID(id)[0].Raw); !strings.Contains(got, "a.txt") {
		t.Error("it went without its attachment")
	}
}

// TestAMailGivenUpByAClaimIsKept is one whose worker died while it was sending:
// that it is unknown is the claim's own finding.
func TestAMailGivenUpByAClaimIsKept(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.enqueue(held())
	o.left(id, delivery.StepClaim)
	o.work()
	o.await(id, ledger.Unknown)
	o.eventually("it is in the archive", func() bool { return len(o.archived()) == 1 })
	if err := asynq.NewInspectorFromRedisClient(o.rdb).DeleteTask(queue, id); err != nil {
		t.Fatal(err)
	}
	if err := o.client.RetryUnknown(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	o.await(id, ledger.Sent)
}

// TestALostMailThatIsThereAfterAll comes to a worker although the ledger has
// settled it as deleted.
func TestALostMailThatIsThereAfterAll(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.enqueue(hello())
	if _, lost, err := ledger.New(o.rdb, ledger.Lifetimes{}).Lose(t.Context(), id, 0); !lost || err != nil {
		t.Fatal(lost, err)
	}
	o.work()
	o.await(id, ledger.Sent)
	o.accepted(id, 1)
}
