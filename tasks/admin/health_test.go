package admin_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks/admin"
	"github.com/postroom/postroom/tasks/redact"
)

func accounts(context.Context) admin.Readiness {
	return admin.Readiness{Accounts: []admin.Account{
		{Address: "shop@example.com", State: admin.Sending},
		{
			Address: "news@example.com", State: admin.Blocked,
			Reason: "invalid_grant: worker auth login news@example.com",
			Until:  time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC),
		},
	}}
}

const (
	masked = `{"ready":true,"redis":"ok","accounts":[` +
		`{"address":"s***@example.com","state":"sending"},` +
		`{"address":"n***@example.com","state":"blocked","reason":"invalid_grant: worker auth login n***@example.com","until":"2026-11-20T09:30:00Z"}]}` + "\n"
	strange = `{"ready":true,"redis":"ok","accounts":[{"state":"sending"},{"state":"blocked","until":"2026-11-20T09:30:00Z"}]}` + "\n"
)

func TestReadyz(t *testing.T) {
	t.Parallel()
	server := redistest.StartDurable(t)
	cfg := config(t, server.Client())
	cfg.Ready = accounts
	open := serve(t, cfg)
	cfg.Redact = redact.Full
	full := serve(t, cfg)
	cfg.Redact, cfg.User, cfg.Password = redact.Mask, "ops", "open-sesame"
	locked := serve(t, cfg)
	withLogin := func(r *http.Request) { r.SetBasicAuth("ops", "open-sesame") }
	for _, tt := range []struct {
		name, url string
		change    func(*http.Request)
		want      string
	}{
		{"on loopback", open, nil, masked},
		{"for another host", open, withHost("10.1.2.3:8080"), strange},
		{"in full", full, nil, strings.NewReplacer("s***", "shop", "n***", "news").Replace(masked)},
		{"without the login", locked, nil, strange},
		{"with the login", locked, withLogin, masked},
	} {
		a := ask(t, http.MethodGet, tt.url+"/readyz", tt.change)
		if a.status != http.StatusOK || a.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %d %s", tt.name, a.status, a.header.Get("Content-Type"))
		}
		if diff := cmp.Diff(tt.want, a.body); diff != "" {
			t.Errorf("%s:\n%s", tt.name, diff)
		}
	}
}

func TestReadyzWhileStopping(t *testing.T) {
	t.Parallel()
	cfg := config(t, redistest.StartDurable(t).Client())
	var stopping atomic.Bool
	cfg.Ready = func(context.Context) admin.Readiness { return admin.Readiness{Stopping: stopping.Load()} }
	url := serve(t, cfg)
	if a := get(t, url+"/readyz"); a.status != http.StatusOK || a.body != `{"ready":true,"redis":"ok","accounts":[]}`+"\n" {
		t.Errorf("before: %d %s", a.status, a.body)
	}
	stopping.Store(true)
	a := get(t, url+"/readyz")
	if a.status != http.StatusServiceUnavailable || a.body != `{"ready":false,"stopping":true,"redis":"ok","accounts":[]}`+"\n" {
		t.Errorf("while stopping: %d %s", a.status, a.body)
	}
	if a := get(t, url+"/livez"); a.status != http.StatusOK {
		t.Errorf("/livez while stopping: %d", a.status)
	}
}

func TestHealthWhileRedisIsAway(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	cfg := config(t, server.Client())
	cfg.Ready = accounts
	url := serve(t, cfg)
	check := func(when string, status int, redis string) {
		t.Helper()
		a := get(t, url+"/readyz")
		var body struct {
			Ready    bool              `json:"ready"`
			Redis    string            `json:"redis"`
			Accounts []json.RawMessage `json:"accounts"`
		}
		if err := json.Unmarshal([]byte(a.body), &body); err != nil {
			t.Fatal(err)
		}
		if a.status != status || body.Redis != redis || body.Ready != (status == http.StatusOK) || len(body.Accounts) != 2 {
			t.Errorf("%s: %d %s", when, a.status, a.body)
		}
		if a := get(t, url+"/livez"); a.status != http.StatusOK || a.body != "ok\n" {
			t.Errorf("%s: /livez %d %q", when, a.status, a.body)
		}
	}
	check("at first", http.StatusOK, "ok")
	server.Kill()
	check("killed", http.StatusServiceUnavailable, "away")
	server.Restart()
	check("restarted", http.StatusOK, "ok")
}

// A Redis that hangs, behind a client that would wait for it for a minute,
// holds /readyz up for no longer than a probe waits.
func TestReadyzWhileRedisHangs(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	patient := redis.NewClient(&redis.Options{Addr: server.Addr, ReadTimeout: time.Minute})
	t.Cleanup(func() { _ = patient.Close() })
	url := serve(t, config(t, patient))
	if a := get(t, url+"/readyz"); a.status != http.StatusOK {
		t.Fatalf("at first: %d %s", a.status, a.body)
	}
	server.Pause()
	for range 3 {
		begin := time.Now()
		a := get(t, url+"/readyz")
		if took := time.Since(begin); took > 5*time.Second || a.status != http.StatusServiceUnavailable {
			t.Errorf("while Redis hangs: %d %s after %v", a.status, a.body, took)
		}
	}
	if n := patient.PoolStats().TotalConns; n > 1 {
		t.Errorf("%d connections wait for Redis, want 1", n)
	}
	server.Resume()
	if a := get(t, url+"/readyz"); a.status != http.StatusOK {
		t.Errorf("when it is back: %d %s", a.status, a.body)
	}
}
