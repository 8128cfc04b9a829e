package admin_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"go.uber.org/zap/zaptest"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks/admin"
)

// queue is named as an account's lane is.
const queue = "default:shop@example.com"

// nowhere is a client of a server that is not there.
func nowhere(t *testing.T) redis.UniversalClient {
	t.Helper()
	c := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1, ContextTimeoutEnabled: true})
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// config is a working one on a free port of loopback.
func config(t *testing.T, rdb redis.UniversalClient) admin.Config {
	t.Helper()
	return admin.Config{
		Addr: "127.0.0.1:0", Redis: rdb, Gatherer: prometheus.NewRegistry(), Log: zaptest.NewLogger(t),
	}
}

// serve runs a server until the test ends and returns its URL.
func serve(t *testing.T, cfg admin.Config) string {
	t.Helper()
	s, err := admin.Listen(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return "http://" + s.Addr()
}

// answer is what came back of a request.
type answer struct {
	status int
	header http.Header
	body   string
}

// ask makes a request and does not follow redirects.
func ask(t *testing.T, method, url string, change func(*http.Request)) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(r)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	client := http.Client{
		Transport: transport, Timeout: 20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(body)}
}

func get(t *testing.T, url string) answer {
	t.Helper()
	return ask(t, http.MethodGet, url, nil)
}

// archive leaves a task with the payload in the archive of the queue, with a
// reason, as a delivery that failed for good does.
func archive(t *testing.T, rdb redis.UniversalClient, id, payload, reason string) {
	t.Helper()
	enqueue(t, rdb, id, payload)
	failed := make(chan struct{})
	server := asynq.NewServerFromRedisClient(rdb, asynq.Config{
		Concurrency: 1, Queues: map[string]int{queue: 1}, LogLevel: asynq.FatalLevel,
		TaskCheckInterval: 10 * time.Millisecond,
		ErrorHandler:      asynq.ErrorHandlerFunc(func(context.Context, *asynq.Task, error) { close(failed) }),
	})
	err := server.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error {
		return errors.Join(errors.New(reason), asynq.SkipRetry)
	}))
	if err != nil {
		t.Fatal(err)
	}
	<-failed
	server.Shutdown()
}

func enqueue(t *testing.T, rdb redis.UniversalClient, id, payload string) {
	t.Helper()
	client := asynq.NewClientFromRedisClient(rdb)
	_, err := client.EnqueueContext(t.Context(), asynq.NewTask("email:deliver", []byte(payload)),
		asynq.TaskID(id), asynq.Queue(queue))
	if err != nil {
		t.Fatal(err)
	}
}

func TestBusyPortIsNamed(t *testing.T) {
	t.Parallel()
	var lc net.ListenConfig
	taken, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	cfg := config(t, nowhere(t))
	cfg.Addr = taken.Addr().String()
	_, err = admin.Listen(t.Context(), cfg)
	if !errors.Is(err, syscall.EADDRINUSE) {
		t.Fatalf("Listen on a busy port: %v, want EADDRINUSE", err)
	}
	for _, want := range []string{"POSTROOM_ADMIN_ADDR", cfg.Addr, "in use", "off"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
}

func TestListenNeedsRedisAndGatherer(t *testing.T) {
	t.Parallel()
	cfg := config(t, nowhere(t))
	cfg.Gatherer = nil
	if _, err := admin.Listen(t.Context(), cfg); err == nil {
		t.Error("Listen took a Config without Gatherer")
	}
	cfg = config(t, nil)
	if _, err := admin.Listen(t.Context(), cfg); err == nil {
		t.Error("Listen took a Config without Redis")
	}
}

func TestTheListenerIsOpenBeforeServe(t *testing.T) {
	t.Parallel()
	s, err := admin.Listen(t.Context(), config(t, nowhere(t)))
	if err != nil {
		t.Fatal(err)
	}
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", s.Addr())
	if err != nil {
		t.Fatalf("before Serve: %v", err)
	}
	_ = conn.Close()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if conn, err := d.DialContext(t.Context(), "tcp", s.Addr()); err == nil {
		_ = conn.Close()
		t.Error("the port is open after Close")
	}
}

// A request under way when Serve is told to end gets its answer, and the port
// is free again afterwards.
func TestServeEndsInPeace(t *testing.T) {
	t.Parallel()
	asked, goOn := make(chan struct{}), make(chan struct{})
	cfg := config(t, nowhere(t))
	cfg.Ready = func(context.Context) admin.Readiness {
		close(asked)
		<-goOn
		return admin.Readiness{}
	}
	s, err := admin.Listen(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx) }()
	got := make(chan answer, 1)
	go func() { got <- get(t, "http://"+s.Addr()+"/readyz") }()
	<-asked
	stop()
	close(goOn)
	if a := <-got; a.status != http.StatusServiceUnavailable || !strings.Contains(a.body, `"redis":"away"`) {
		t.Errorf("the request under way got %d %q", a.status, a.body)
	}
	if err := <-ended; err != nil {
		t.Errorf("Serve: %v", err)
	}
	var lc net.ListenConfig
	again, err := lc.Listen(t.Context(), "tcp", s.Addr())
	if err != nil {
		t.Fatalf("the port is not free: %v", err)
	}
	_ = again.Close()
}

func TestStartPage(t *testing.T) {
	t.Parallel()
	url := serve(t, config(t, nowhere(t)))
	a := get(t, url+"/")
	if a.status != http.StatusSeeOther || a.header.Get("Location") != "/queues" {
		t.Errorf("GET / = %d to %q, want 303 to /queues", a.status, a.header.Get("Location"))
	}
	if a := get(t, url+"/nothing-here"); a.status != http.StatusNotFound {
		t.Errorf("GET /nothing-here = %d, want 404", a.status)
	}
}

// asynqmon's own Close would close the client that everybody uses.
func TestTheRedisClientStaysOpen(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	s, err := admin.Listen(t.Context(), config(t, rdb))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := s.Serve(ctx); err != nil {
		t.Fatal(err)
	}
	if err := rdb.Ping(t.Context()).Err(); err != nil {
		t.Errorf("after the server ended: %v", err)
	}
}
