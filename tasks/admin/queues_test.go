package admin_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks/admin"
)

func TestQueues(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	archive(t, rdb, "failed", lovelace, "no")
	enqueue(t, rdb, "old", lovelace)
	enqueue(t, rdb, "new", lovelace)
	client := asynq.NewClientFromRedisClient(rdb)
	later := []asynq.Option{asynq.Queue("bulk"), asynq.ProcessIn(time.Hour)}
	for range 3 {
		if _, err := client.Enqueue(asynq.NewTask("email:deliver", nil), later...); err != nil {
			t.Fatal(err)
		}
	}
	if err := asynq.NewInspectorFromRedisClient(rdb).PauseQueue("bulk"); err != nil {
		t.Fatal(err)
	}
	// The oldest pending task has waited since then.
	since := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	if err := rdb.HSet(t.Context(), "asynq:{"+queue+"}:t:old", "pending_since", since.UnixNano()).Err(); err != nil {
		t.Fatal(err)
	}
	queues := admin.NewQueues(rdb, func() time.Time { return since.Add(90 * time.Second) })
	want := `
# HELP postroom_queue_latency_seconds Age of a queue's oldest pending task.
# TYPE postroom_queue_latency_seconds gauge
postroom_queue_latency_seconds{queue="bulk"} 0
postroom_queue_latency_seconds{queue="default:shop@example.com"} 90
# HELP postroom_queue_paused 1 while an operator paused the queue, else 0.
# TYPE postroom_queue_paused gauge
postroom_queue_paused{queue="bulk"} 1
postroom_queue_paused{queue="default:shop@example.com"} 0
# HELP postroom_queue_tasks Tasks in a queue, by state: pending, active, scheduled, retry, archived.
# TYPE postroom_queue_tasks gauge
postroom_queue_tasks{queue="bulk",state="active"} 0
postroom_queue_tasks{queue="bulk",state="archived"} 0
postroom_queue_tasks{queue="bulk",state="pending"} 0
postroom_queue_tasks{queue="bulk",state="retry"} 0
postroom_queue_tasks{queue="bulk",state="scheduled"} 3
postroom_queue_tasks{queue="default:shop@example.com",state="active"} 0
postroom_queue_tasks{queue="default:shop@example.com",state="archived"} 1
postroom_queue_tasks{queue="default:shop@example.com",state="pending"} 2
postroom_queue_tasks{queue="default:shop@example.com",state="retry"} 0
postroom_queue_tasks{queue="default:shop@example.com",state="scheduled"} 0
# HELP postroom_queues Queues there are.
# TYPE postroom_queues gauge
postroom_queues 2
# HELP postroom_redis_up 1 when Redis answered this scrape, else 0.
# TYPE postroom_redis_up gauge
postroom_redis_up 1
`
	if err := testutil.CollectAndCompare(queues, strings.NewReader(want)); err != nil {
		t.Error(err)
	}
	if problems, err := testutil.CollectAndLint(queues); err != nil || len(problems) > 0 {
		t.Errorf("promlint: %v %v", problems, err)
	}
}

// asynq's own view of the same queue, so that a new asynq with other keys is
// noticed: active and retry too.
func TestQueuesAgreeWithTheInspector(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	archive(t, rdb, "failed", lovelace, "no")
	for i := range 4 {
		enqueue(t, rdb, fmt.Sprint("mail-", i), lovelace)
	}
	inspector := asynq.NewInspectorFromRedisClient(rdb)
	// As a worker that took one and failed another leaves them.
	key := "asynq:{" + queue + "}:"
	rdb.LMove(t.Context(), key+"pending", key+"active", "RIGHT", "LEFT")
	rdb.RPop(t.Context(), key+"pending")
	rdb.ZAdd(t.Context(), key+"retry", redis.Z{Score: 1, Member: "mail-1"})
	info, err := inspector.GetQueueInfo(queue)
	if err != nil {
		t.Fatal(err)
	}
	got := scrape(t, admin.NewQueues(rdb, time.Now))
	for state, n := range map[string]int{
		"pending": info.Pending, "active": info.Active, "scheduled": info.Scheduled, "retry": info.Retry, "archived": info.Archived,
	} {
		line := fmt.Sprintf("postroom_queue_tasks{queue=%q,state=%q} %d\n", queue, state, n)
		if !strings.Contains(got, line) {
			t.Errorf("asynq says %s, the metrics\n%s", line, got)
		}
	}
	if info.Active != 1 || info.Retry != 1 || info.Pending != 2 || info.Archived != 1 {
		t.Errorf("the queue is not as meant: %+v", info)
	}
	if info.Latency <= 0 || strings.Contains(got, fmt.Sprintf("postroom_queue_latency_seconds{queue=%q} 0\n", queue)) {
		t.Errorf("latency: asynq says %v, the metrics\n%s", info.Latency, got)
	}
}

func scrape(t *testing.T, collectors ...prometheus.Collector) string {
	t.Helper()
	cfg := config(t, nowhere(t))
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors...)
	cfg.Gatherer = registry
	a := get(t, serve(t, cfg)+"/metrics")
	if a.status != http.StatusOK {
		t.Errorf("GET /metrics = %d %s", a.status, a.body)
	}
	return a.body
}

func TestMetricsWhileRedisIsAway(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	patient := redis.NewClient(&redis.Options{Addr: server.Addr, ReadTimeout: time.Minute})
	t.Cleanup(func() { _ = patient.Close() })
	enqueue(t, patient, "mail-1", lovelace)
	queues := admin.NewQueues(patient, time.Now)
	other := prometheus.NewCounter(prometheus.CounterOpts{Name: "postroom_other_total", Help: "Another room's metric."})
	check := func(when string, up bool) {
		t.Helper()
		got := scrape(t, queues, other)
		if !strings.Contains(got, "postroom_other_total 0\n") {
			t.Errorf("%s: other metrics are gone:\n%s", when, got)
		}
		if strings.Contains(got, "postroom_redis_up 1\n") != up || strings.Contains(got, "postroom_queue_tasks") != up {
			t.Errorf("%s: up should be %v:\n%s", when, up, got)
		}
	}
	check("at first", true)
	server.Pause()
	begin := time.Now()
	check("while it hangs", false)
	if took := time.Since(begin); took > 9*time.Second {
		t.Errorf("the scrape took %v; Prometheus waits 10 s", took)
	}
	server.Resume()
	check("when it goes on", true)
	server.Kill()
	check("killed", false)
	server.Restart()
	enqueue(t, patient, "mail-2", lovelace)
	check("restarted", true)
}

// One collector's failure is its own.
func TestMetricsOfOthersSurvive(t *testing.T) {
	t.Parallel()
	other := prometheus.NewCounter(prometheus.CounterOpts{Name: "postroom_other_total", Help: "Another room's metric."})
	if got := scrape(t, broken{}, other); !strings.Contains(got, "postroom_other_total 0\n") {
		t.Errorf("other metrics are gone:\n%s", got)
	}
}

type broken struct{}

func (broken) Describe(ch chan<- *prometheus.Desc) {
	ch <- prometheus.NewDesc("postroom_broken", "Never there.", nil, nil)
}

func (broken) Collect(ch chan<- prometheus.Metric) {
	ch <- prometheus.NewInvalidMetric(prometheus.NewDesc("postroom_broken", "Never there.", nil, nil), http.ErrAbortHandler)
}

func TestQueuesAreBounded(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	fill(t, rdb, admin.MaxQueues+10, 0)
	queues := admin.NewQueues(rdb, time.Now)
	if n := testutil.CollectAndCount(queues, "postroom_queue_paused"); n != admin.MaxQueues {
		t.Errorf("%d queues are shown, want %d", n, admin.MaxQueues)
	}
	if err := testutil.CollectAndCompare(queues, strings.NewReader(fmt.Sprintf(
		"# HELP postroom_queues Queues there are.\n# TYPE postroom_queues gauge\npostroom_queues %d\n", admin.MaxQueues+10,
	)), "postroom_queues"); err != nil {
		t.Error(err)
	}
}

// fill makes n queues with so many pending tasks each.
func fill(tb testing.TB, rdb redis.UniversalClient, n, pending int) {
	tb.Helper()
	_, err := rdb.Pipelined(tb.Context(), func(p redis.Pipeliner) error {
		for i := range n {
			name := fmt.Sprintf("default:account-%05d@example.com", i)
			p.SAdd(tb.Context(), "asynq:queues", name)
			for j := range pending {
				p.LPush(tb.Context(), "asynq:{"+name+"}:pending", strconv.Itoa(j))
				p.HSet(tb.Context(), fmt.Sprintf("asynq:{%s}:t:%d", name, j), "msg", lovelace, "pending_since", time.Now().UnixNano())
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// BenchmarkQueues is one scrape of 300 queues with 50 waiting mails each, by
// this package and by asynq's Inspector.
func BenchmarkQueues(b *testing.B) {
	rdb := redistest.Start(b).Client()
	fill(b, rdb, 300, 50)
	b.Run("collector", func(b *testing.B) {
		queues := admin.NewQueues(rdb, time.Now)
		for b.Loop() {
			if n := testutil.CollectAndCount(queues); n != 300*7+2 {
				b.Fatalf("%d metrics", n)
			}
		}
	})
	b.Run("inspector", func(b *testing.B) {
		inspector := asynq.NewInspectorFromRedisClient(rdb)
		for b.Loop() {
			names, err := inspector.Queues()
			if err != nil {
				b.Fatal(err)
			}
			for _, name := range names {
				if _, err := inspector.GetQueueInfo(name); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}
