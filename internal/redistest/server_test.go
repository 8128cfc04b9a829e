package redistest_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
)

func pid(t *testing.T, rdb *redis.Client) string {
	t.Helper()
	info, err := rdb.Info(t.Context(), "server").Result()
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(info, "process_id:")
	id, _, _ := strings.Cut(rest, "\r\n")
	return id
}

func set(t *testing.T, s *redistest.Server, value string) {
	t.Helper()
	if err := s.Client().Set(t.Context(), "key", value, 0).Err(); err != nil {
		t.Fatal(err)
	}
}

func checkKey(t *testing.T, s *redistest.Server, want string) {
	t.Helper()
	got, err := s.Client().Get(t.Context(), "key").Result()
	if err != nil && !errors.Is(err, redis.Nil) || got != want {
		t.Errorf("key is %q (%v), want %q", got, err, want)
	}
}

func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	a, b := redistest.Start(t), redistest.Start(t)
	if a.Addr == b.Addr || pid(t, a.Client()) == pid(t, b.Client()) {
		t.Fatalf("two servers on %s and %s are one", a.Addr, b.Addr)
	}
	set(t, a, "a")
	checkKey(t, a, "a")
	checkKey(t, b, "")
}

func TestPort(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	host, port, err := net.SplitHostPort(s.Addr)
	if err != nil {
		t.Fatal(err)
	}
	// Below what the kernel gives to outgoing connections: nobody takes it
	// while the server is down.
	if n, err := strconv.Atoi(port); err != nil || n < 12000 || n >= 32000 || host != "127.0.0.1" {
		t.Errorf("address %s, want a port of 12000 to 31999 on 127.0.0.1", s.Addr)
	}
	o, err := redis.ParseURL(s.URL())
	if err != nil || o.Addr != s.Addr || o.DB != 0 {
		t.Errorf("URL %s is of %+v (%v)", s.URL(), o, err)
	}
}

func TestKillThenRestart(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		start func(testing.TB, ...string) *redistest.Server
		want  string
	}{
		"durable": {redistest.StartDurable, "kept"},
		"memory":  {redistest.Start, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := test.start(t)
			addr, before := s.Addr, pid(t, s.Client())
			set(t, s, "kept")
			s.Kill()
			if conn, err := net.Dial("tcp", addr); err == nil {
				_ = conn.Close()
				t.Error("a killed server takes connections")
			}
			s.Kill() // Again does nothing.
			s.Restart()
			if s.Addr != addr {
				t.Errorf("restarted on %s, want %s", s.Addr, addr)
			}
			if after := pid(t, s.Client()); after == before {
				t.Error("the process is the same")
			}
			checkKey(t, s, test.want)
		})
	}
}

func TestPauseThenResume(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	rdb := s.Client()
	if err := rdb.Ping(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	s.Pause()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := rdb.Ping(ctx).Err(); err == nil {
		t.Error("a paused server answers")
	}
	conn, err := net.Dial("tcp", s.Addr)
	if err != nil {
		t.Errorf("a paused server takes no connections: %v", err)
	} else {
		_ = conn.Close()
	}
	s.Resume()
	if err := rdb.Ping(t.Context()).Err(); err != nil {
		t.Errorf("after Resume: %v", err)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t, "--maxmemory", "10mb").Client()
	got, err := rdb.ConfigGet(t.Context(), "maxmemory").Result()
	if err != nil || got["maxmemory"] != "10485760" {
		t.Errorf("settings %q (%v), want maxmemory of 10 MiB", got, err)
	}
	durable := redistest.StartDurable(t).Client()
	got, err = durable.ConfigGet(t.Context(), "append*").Result()
	if err != nil || got["appendonly"] != "yes" || got["appendfsync"] != "always" {
		t.Errorf("durable: %q (%v), want AOF always", got, err)
	}
}

// failure is a test that only says how it failed.
type failure struct {
	testing.TB

	text string
}

func (f *failure) Fatal(args ...any) {
	f.text = fmt.Sprint(args...)
	runtime.Goexit()
}

// TestPortTaken has a server come back to a port that another has taken: the
// other's answer must not be taken for its own.
func TestPortTaken(t *testing.T) {
	t.Parallel()
	other := redistest.Start(t)
	test := &failure{TB: t}
	s := redistest.Start(test)
	s.Kill()
	s.Addr = other.Addr
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.Restart()
	}()
	<-ended
	if want := other.Addr + " is somebody else's server"; !strings.Contains(test.text, want) {
		t.Errorf("failed with %q, want %q", test.text, want)
	}
	set(t, other, "a") // It is unharmed.
	checkKey(t, other, "a")
}

// TestEnds holds that no server outlives its test.
func TestEnds(t *testing.T) { //nolint:tparallel // The subtest has to end before the next look.
	t.Parallel()
	var addr string
	t.Run("a test", func(t *testing.T) {
		s := redistest.Start(t)
		addr = s.Addr
		s.Pause() // Not even one that can't hear it.
	})
	if conn, err := net.Dial("tcp", addr); err == nil {
		_ = conn.Close()
		t.Error("the server outlived its test")
	}
}
