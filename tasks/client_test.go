package tasks_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/directory"
)

var update = flag.Bool("update", false, "write the golden files anew")

// onEach runs a test on a real Redis, and on the embedded one of `worker dev`.
func onEach(t *testing.T, test func(*testing.T, *redis.Client)) {
	t.Helper()
	t.Run("redis", func(t *testing.T) {
		t.Parallel()
		test(t, redistest.Start(t).Client())
	})
	t.Run("miniredis", func(t *testing.T) {
		t.Parallel()
		test(t, embedded(t))
	})
}

func embedded(t *testing.T) *redis.Client {
	t.Helper()
	rdb := redis.NewClient(&redis.Options{Addr: miniredis.RunT(t).Addr()})
	t.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

// letter is a mail that nothing is wrong with.
func letter() tasks.Email {
	return tasks.Email{To: tasks.Addresses{"Ada <ada@example.org>"}, Subject: "Hello", Text: "Hello, Ada."}
}

func enqueue(t *testing.T, client *tasks.Client, e tasks.Email, opts ...tasks.Option) tasks.Receipt {
	t.Helper()
	receipt, err := client.Enqueue(t.Context(), e, opts...)
	if err != nil {
		t.Fatalf("Enqueue: %v", err)
	}
	return receipt
}

func taskOf(t *testing.T, rdb redis.UniversalClient, r tasks.Receipt) *asynq.TaskInfo {
	t.Helper()
	info, err := asynq.NewInspectorFromRedisClient(rdb).GetTaskInfo(r.Queue, r.ID)
	if err != nil {
		t.Fatalf("no task %q in queue %q: %v", r.ID, r.Queue, err)
	}
	return info
}

// countTasks is how many tasks asynq has in all queues.
func countTasks(t *testing.T, rdb redis.UniversalClient) int {
	t.Helper()
	inspector := asynq.NewInspectorFromRedisClient(rdb)
	queues, err := inspector.Queues()
	if err != nil {
		t.Fatal(err)
	}
	var n int
	for _, queue := range queues {
		info, err := inspector.GetQueueInfo(queue)
		if err != nil {
			t.Fatal(err)
		}
		n += info.Size
	}
	return n
}

func publish(t *testing.T, rdb redis.UniversalClient, l directory.Listing) {
	t.Helper()
	if err := directory.New(rdb).Publish(t.Context(), l); err != nil {
		t.Fatal(err)
	}
}

// checkEmpty checks that nothing is left of mail that was refused.
func checkEmpty(t *testing.T, rdb *redis.Client) {
	t.Helper()
	keys, err := rdb.Keys(t.Context(), "*").Result()
	if err != nil || len(keys) > 0 {
		t.Errorf("keys in Redis: %q (%v), want none", keys, err)
	}
}

// problems are the fields and reasons of an InvalidError.
func problems(t *testing.T, err error) []tasks.Problem {
	t.Helper()
	var wrong *tasks.InvalidError
	if !errors.As(err, &wrong) {
		t.Fatalf("error %v, want an InvalidError", err)
	}
	return wrong.Problems
}

// checkProblem checks that err is about one field alone, for a reason.
func checkProblem(t *testing.T, err error, field, reason string) {
	t.Helper()
	list := problems(t, err)
	if len(list) != 1 || list[0].Field != field || !strings.Contains(list[0].Reason, reason) {
		t.Errorf("problems %q, want one of %s: …%s…", list, field, reason)
	}
}

func TestEnqueue(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		client := tasks.NewClient(rdb)
		began := time.Now().Truncate(time.Millisecond)
		receipt := enqueue(t, client, letter())

		if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(receipt.ID) {
			t.Errorf("ID %q, want a UUIDv7", receipt.ID)
		}
		if receipt.Queue != "default" || receipt.Duplicate {
			t.Errorf("receipt %+v, want queue default, no duplicate", receipt)
		}
		if due := receipt.ProcessAt; due.Before(began) || due.After(time.Now()) || due.Location() != time.UTC {
			t.Errorf("due %v, want now in UTC", due)
		}
		task := taskOf(t, rdb, receipt)
		if task.Type != "email:deliver" || task.State != asynq.TaskStatePending {
			t.Errorf("task %s, %v; want email:deliver, pending", task.Type, task.State)
		}
		if task.MaxRetry != math.MaxInt32 || task.Timeout != 30*time.Minute || !task.Deadline.IsZero() || task.Retention != 0 {
			t.Errorf("task: max retry %d, timeout %v, deadline %v, retention %v", task.MaxRetry, task.Timeout, task.Deadline, task.Retention)
		}
		e, err := tasks.DecodePayload(task.Payload)
		if err != nil || e.ID != receipt.ID || !e.EnqueuedAt.Equal(receipt.ProcessAt) {
			t.Errorf("payload %s: %v", task.Payload, err)
		}
	})
}

// everything has every field that an app can give.
func everything() tasks.Email {
	return tasks.Email{
		Account:  "shop@example.com",
		From:     "Lädchen <shop@example.com>",
		ReplyTo:  tasks.Addresses{"help@example.com"},
		To:       tasks.Addresses{"Ada Lovelace <ada@example.org>", "渡辺 <watanabe@example.jp>"},
		Cc:       tasks.Addresses{"grace@example.org"},
		Bcc:      tasks.Addresses{"archive@example.com"},
		Template: "billing/receipt",
		Locale:   "de-AT",
		Data: struct {
			Name  string         `json:"name"`
			Order int64          `json:"order"`
			More  map[string]any `json:"more"`
		}{"Ada & Söhne <>", 9007199254740993, map[string]any{"z": 1.5, "a": []string{"tea"}}},
		Attachments: []tasks.Attachment{
			{Name: "Rechnung.pdf", Content: []byte("%PDF-1.7")},
			{Path: filepath.Join("testdata", "logo.png"), CID: "logo"},
		},
		Headers:     map[string]string{"X-Tag": "receipt", "Auto-Submitted": "auto-generated"},
		Unsubscribe: &tasks.Unsubscribe{URL: "https://example.com/u?id=1&t=2", Mailto: "leave@example.com?subject=leave"},
		Thread: &tasks.Thread{
			ID: "18c2f1a", InReplyTo: "<1@mail.example.com>", References: []string{"<0@mail.example.com>", "<1@mail.example.com>"},
		},
	}
}

// TestPayload holds the payload as other programs, and workers of other
// versions, know it.
func TestPayload(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	client := tasks.NewClient(rdb)
	client.SetNow(func() time.Time {
		return time.Date(2126, 11, 20, 10, 30, 0, 123_456_789, time.FixedZone("CET", 3600))
	})
	receipt := enqueue(t, client, everything(), tasks.WithID("order-1041"), tasks.OnLane(tasks.Critical), tasks.ExpiresIn(time.Hour))
	payload := taskOf(t, rdb, receipt).Payload

	var got bytes.Buffer
	if err := json.Indent(&got, payload, "", "  "); err != nil {
		t.Fatal(err)
	}
	got.WriteByte('\n')
	const golden = "testdata/payload.json"
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("payload:\n%swant %s:\n%s", &got, golden, want)
	}
	if bytes.ContainsAny(payload, "\r\n") {
		t.Error("the payload has a line break: the dashboard would not show it")
	}
	if _, err := tasks.DecodePayload(payload); err != nil {
		t.Errorf("a worker refuses it: %v", err)
	}
}

func TestEnqueueLeavesTheEmailAlone(t *testing.T) {
	t.Parallel()
	client := tasks.NewClient(embedded(t))
	e := everything()
	enqueue(t, client, e)
	if e.Attachments[0].Blob != "" || e.Attachments[1].Path == "" || e.ID != "" || e.Version != 0 {
		t.Errorf("Enqueue changed its caller's mail: %+v", e)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	now := time.Date(2126, 11, 20, 9, 30, 0, 0, time.UTC) // asynq schedules by its own clock.
	for _, test := range []struct {
		name     string
		defaults []tasks.Option
		email    tasks.Email
		opts     []tasks.Option
		queue    string
		due      time.Time
		expires  time.Time
		rule     tasks.OnUnknown
		id       string
	}{
		{name: "none", queue: "default", rule: tasks.Resend},
		{name: "critical", opts: []tasks.Option{tasks.OnLane(tasks.Critical)}, queue: "critical", rule: tasks.Resend},
		{name: "bulk holds", opts: []tasks.Option{tasks.OnLane(tasks.Bulk)}, queue: "bulk", rule: tasks.Hold},
		{
			name: "the mail's own rule", email: tasks.Email{OnUnknown: tasks.Resend},
			opts: []tasks.Option{tasks.OnLane(tasks.Bulk)}, queue: "bulk", rule: tasks.Resend,
		},
		{name: "in", opts: []tasks.Option{tasks.In(time.Hour)}, due: now.Add(time.Hour)},
		{name: "in a moment", opts: []tasks.Option{tasks.In(time.Millisecond)}, due: now.Add(time.Second)},
		{
			name: "at, in another zone", due: now.Add(2 * time.Hour),
			opts: []tasks.Option{tasks.At(now.Add(2 * time.Hour).In(time.FixedZone("", 3600)))},
		},
		{name: "at, not before", opts: []tasks.Option{tasks.At(now.Add(time.Second + 1))}, due: now.Add(2 * time.Second)},
		{name: "at, in the past", opts: []tasks.Option{tasks.At(now.Add(-time.Hour))}},
		{name: "the last of at and in", opts: []tasks.Option{tasks.At(now.Add(time.Hour)), tasks.In(time.Minute)}, due: now.Add(time.Minute)},
		{name: "the last of in and at", opts: []tasks.Option{tasks.In(time.Minute), tasks.At(now.Add(time.Hour))}, due: now.Add(time.Hour)},
		{name: "expires at", opts: []tasks.Option{tasks.ExpiresAt(now.Add(time.Hour))}, expires: now.Add(time.Hour)},
		{name: "expires in", opts: []tasks.Option{tasks.ExpiresIn(time.Minute)}, expires: now.Add(time.Minute)},
		{
			name: "expires in, from when it is due", opts: []tasks.Option{tasks.ExpiresIn(time.Minute), tasks.In(time.Hour)},
			due: now.Add(time.Hour), expires: now.Add(time.Hour + time.Minute),
		},
		{
			name: "the last of expires at and in", opts: []tasks.Option{tasks.ExpiresAt(now.Add(time.Hour)), tasks.ExpiresIn(time.Minute)},
			expires: now.Add(time.Minute),
		},
		{name: "payload's expiry", email: tasks.Email{ExpiresAt: now.Add(time.Hour)}, expires: now.Add(time.Hour)},
		{
			name: "the call's expiry before the payload's", email: tasks.Email{ExpiresAt: now.Add(time.Hour)},
			opts: []tasks.Option{tasks.ExpiresIn(time.Minute)}, expires: now.Add(time.Minute),
		},
		{name: "ID", opts: []tasks.Option{tasks.WithID("order:1041.a_b-C")}, id: "order:1041.a_b-C"},
		{name: "payload's ID", email: tasks.Email{ID: "its-own"}, id: "its-own"},
		{name: "the call's ID before the payload's", email: tasks.Email{ID: "its-own"}, opts: []tasks.Option{tasks.WithID("mine")}, id: "mine"},
		{name: "version said", email: tasks.Email{Version: 1}},
		{
			name: "client's defaults", defaults: []tasks.Option{tasks.OnLane(tasks.Bulk), tasks.ExpiresIn(time.Hour), tasks.In(time.Minute)},
			queue: "bulk", due: now.Add(time.Minute), expires: now.Add(time.Minute + time.Hour), rule: tasks.Hold,
		},
		{
			name: "the call's before the client's", defaults: []tasks.Option{tasks.OnLane(tasks.Bulk), tasks.ExpiresIn(time.Hour)},
			opts: []tasks.Option{tasks.OnLane(tasks.Critical), tasks.ExpiresIn(0)}, queue: "critical", rule: tasks.Resend,
		},
		{
			name: "the payload's before the client's", defaults: []tasks.Option{tasks.WithID("client"), tasks.ExpiresIn(time.Hour)},
			email: tasks.Email{ID: "mail", ExpiresAt: now.Add(time.Minute)}, id: "mail", expires: now.Add(time.Minute),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			rdb := embedded(t)
			client := tasks.NewClient(rdb, test.defaults...)
			client.SetNow(func() time.Time { return now })
			e := letter()
			e.ID, e.Version, e.OnUnknown, e.ExpiresAt = test.email.ID, test.email.Version, test.email.OnUnknown, test.email.ExpiresAt
			receipt := enqueue(t, client, e, test.opts...)

			task := taskOf(t, rdb, receipt)
			got, err := tasks.DecodePayload(task.Payload)
			if err != nil {
				t.Fatal(err)
			}
			if test.queue != "" && receipt.Queue != test.queue {
				t.Errorf("queue %q, want %q", receipt.Queue, test.queue)
			}
			if test.rule != "" && got.OnUnknown != test.rule {
				t.Errorf("on_unknown %q, want %q", got.OnUnknown, test.rule)
			}
			if test.id != "" && (receipt.ID != test.id || got.ID != test.id) {
				t.Errorf("ID %q, in the payload %q, want %q", receipt.ID, got.ID, test.id)
			}
			if !got.ExpiresAt.Equal(test.expires) {
				t.Errorf("expires at %v, want %v", got.ExpiresAt, test.expires)
			}
			if test.due.IsZero() {
				if task.State != asynq.TaskStatePending || !receipt.ProcessAt.Equal(now) {
					t.Errorf("%v, due %v; want pending, due now", task.State, receipt.ProcessAt)
				}
				return
			}
			if task.State != asynq.TaskStateScheduled || !task.NextProcessAt.Equal(test.due) || !receipt.ProcessAt.Equal(test.due) {
				t.Errorf("%v, due %v (receipt: %v); want scheduled, due %v", task.State, task.NextProcessAt, receipt.ProcessAt, test.due)
			}
			if receipt.ProcessAt.Location() != time.UTC {
				t.Errorf("due %v, want UTC", receipt.ProcessAt)
			}
		})
	}
}

func TestOptionsRefused(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC)
	rdb := embedded(t)
	client := tasks.NewClient(rdb)
	client.SetNow(func() time.Time { return now })
	for _, test := range []struct {
		field, reason string
		opts          []tasks.Option
	}{
		{"expires_at", "in the future", []tasks.Option{tasks.ExpiresAt(now)}},
		{"expires_at", "in the future", []tasks.Option{tasks.ExpiresAt(now.Add(-time.Hour))}},
		{"expires_at", "in the future", []tasks.Option{tasks.ExpiresAt(now.Add(time.Microsecond))}}, // Not a millisecond is left.
		{"expires_at", "in the future", []tasks.Option{tasks.ExpiresIn(-1)}},
		{"expires_at", "after the time that the mail is due", []tasks.Option{tasks.ExpiresAt(now.Add(time.Hour)), tasks.In(time.Hour)}},
		{"expires_at", "before the year 10000", []tasks.Option{tasks.ExpiresAt(now.AddDate(8000, 0, 0))}},
		{"at", "before the year 10000", []tasks.Option{tasks.At(now.AddDate(8000, 0, 0))}},
		{"in", "negative", []tasks.Option{tasks.In(-time.Second)}},
		{"lane", "critical, default or bulk", []tasks.Option{tasks.OnLane("urgent")}},
		{"lane", "critical, default or bulk", []tasks.Option{tasks.OnLane("")}},
		{"id", "1 to 128", []tasks.Option{tasks.WithID("a b")}},
		{"id", "1 to 128", []tasks.Option{tasks.WithID(strings.Repeat("a", 129))}},
		{"id", "1 to 128", []tasks.Option{tasks.WithID("ada@example.org")}},
	} {
		_, err := client.Enqueue(t.Context(), letter(), test.opts...)
		checkProblem(t, err, test.field, test.reason)
	}
	e := letter()
	e.Version = 2
	_, err := client.Enqueue(t.Context(), e)
	checkProblem(t, err, "v", "must be 1")
	checkEmpty(t, rdb)
}

func TestQueueIsTheAccounts(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		publish(t, rdb, directory.Listing{Accounts: []directory.Account{
			{Address: "Shop@example.com", Default: true}, {Address: "news@example.com"},
		}})
		client := tasks.NewClient(rdb)
		if r := enqueue(t, client, letter()); r.Queue != "default:shop@example.com" {
			t.Errorf("queue %q, want the default account's", r.Queue)
		}
		e := letter()
		e.Account = "News@Example.com"
		r := enqueue(t, client, e, tasks.OnLane(tasks.Bulk))
		if r.Queue != "bulk:news@example.com" {
			t.Errorf("queue %q, want the named account's", r.Queue)
		}
		taskOf(t, rdb, r)
	})
}

func TestUnknownAccountAndTemplate(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	e := letter()
	e.Account, e.Subject, e.Text, e.Template = "sales@example.com", "", "", "bye"
	nobody := tasks.NewClient(rdb)
	if r := enqueue(t, nobody, e); r.Queue != "default:sales@example.com" {
		t.Errorf("queue %q where nobody has published, want the account's", r.Queue)
	}
	if err := rdb.FlushDB(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}

	publish(t, rdb, directory.Listing{})
	_, err := tasks.NewClient(rdb).Enqueue(t.Context(), e)
	if got := problems(t, err); len(got) != 2 || !strings.HasSuffix(got[0].Reason, "there are: none") {
		t.Errorf("problems %q, want template and account, of which there are none", got)
	}

	publish(t, rdb, directory.Listing{
		Accounts:  []directory.Account{{Address: "shop@example.com"}, {Address: "news@example.com"}},
		Templates: []directory.Template{{Name: "welcome"}, {Name: "billing/receipt"}},
	})
	client := tasks.NewClient(rdb)
	_, err = client.Enqueue(t.Context(), e)
	want := []tasks.Problem{
		{Field: "template", Reason: "no worker has it; there are: billing/receipt, welcome"},
		{Field: "account", Reason: "no worker has it; there are: news@example.com, shop@example.com"},
	}
	if got := problems(t, err); !slices.Equal(got, want) {
		t.Errorf("problems %q, want %q", got, want)
	}
	if n := countTasks(t, rdb); n != 0 {
		t.Errorf("%d tasks of refused mail", n)
	}
	if n := rdb.DBSize(t.Context()).Val(); n != 2 {
		t.Errorf("%d keys, want the directory's two", n)
	}
	r := enqueue(t, client, e, tasks.Force())
	if r.Queue != "default:sales@example.com" {
		t.Errorf("queue %q with Force, want the unknown account's", r.Queue)
	}
}

// TestJustPublished holds that a producer does not refuse for five seconds
// what a worker has just published.
func TestJustPublished(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	e := letter()
	e.Subject, e.Text, e.Template = "", "", "welcome"
	publish(t, rdb, directory.Listing{Templates: []directory.Template{{Name: "other"}}})
	client := tasks.NewClient(rdb)
	enqueue(t, client, letter()) // It has looked.
	publish(t, rdb, directory.Listing{Templates: []directory.Template{{Name: "other"}, {Name: "welcome"}}})
	for began := time.Now(); ; {
		_, err := client.Enqueue(t.Context(), e)
		if err == nil {
			break
		}
		checkProblem(t, err, "template", "there are: other") // It looks again once a second at most.
		if time.Since(began) > 2*time.Second {
			t.Fatal("a template was refused 2 s after it was published")
		}
	}
}
