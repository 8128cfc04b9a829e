package admin_test

import (
	"net/http"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/postroom/postroom/internal/redistest"
)

func withHost(host string) func(*http.Request) { return func(r *http.Request) { r.Host = host } }

func TestHosts(t *testing.T) {
	t.Parallel()
	cfg := config(t, redistest.Start(t).Client())
	cfg.Hosts = []string{"Postroom.Example.com", "worker:8080", "10.0.0.1"}
	url := serve(t, cfg)
	for _, tt := range []struct {
		host string
		ours bool
	}{
		{strings.TrimPrefix(url, "http://"), true},
		{"localhost", true},
		{"LocalHost.:9090", true},
		{"127.0.0.1", true},
		{"127.8.9.10:80", true},
		{"[::1]", true},
		{"[::1]:8080", true},
		{"[::ffff:127.0.0.1]:8080", true},
		{"postroom.example.com", true},
		{"postroom.example.com.:443", true},
		{"worker:8080", true},
		{"10.0.0.1:1234", true},

		{"worker", false},
		{"worker:8081", false},
		{"evil.example", false},
		{"evil.example:8080", false},
		{"localhost.evil.example", false},
		{"127.0.0.1.evil.example", false},
		{"evil.example.postroom.example.com", false},
		{"192.0.2.1:8080", false},
		{"0.0.0.0:8080", false},
		{"[2001:db8::1]:8080", false},
		{"localhost:http", false},
		{"[localhost", false},
	} {
		want := http.StatusMisdirectedRequest
		if tt.ours {
			want = http.StatusOK
		}
		for _, path := range []string{"/queues", "/queues/api/queues", "/metrics"} {
			if a := ask(t, http.MethodGet, url+path, withHost(tt.host)); a.status != want {
				t.Errorf("GET %s for Host %q = %d %q, want %d", path, tt.host, a.status, a.body, want)
			}
		}
		if a := ask(t, http.MethodGet, url+"/livez", withHost(tt.host)); a.status != http.StatusOK && tt.host != "[localhost" {
			t.Errorf("GET /livez for Host %q = %d, want 200", tt.host, a.status)
		}
	}
	a := ask(t, http.MethodGet, url+"/queues", withHost("evil.example"))
	if strings.Count(a.body, "\n") != 1 || !strings.Contains(a.body, "POSTROOM_ADMIN_HOSTS") || !strings.Contains(a.body, "evil.example") {
		t.Errorf("the refusal says %q", a.body)
	}
	// A name given in a header that proxies set is nobody's but the client's.
	a = ask(t, http.MethodGet, url+"/queues", func(r *http.Request) {
		r.Host = "evil.example"
		r.Header.Set("X-Forwarded-Host", "localhost")
	})
	if a.status != http.StatusMisdirectedRequest {
		t.Errorf("X-Forwarded-Host was believed: %d", a.status)
	}
}

func TestOtherOriginsChangeNothing(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	archive(t, rdb, "mail-1", `{"v":1,"id":"mail-1"}`, "no")
	url := serve(t, config(t, rdb))
	pause, deleteAll := url+"/queues/api/queues/"+queue+":pause", url+"/queues/api/queues/"+queue+"/archived_tasks:delete_all"
	for _, tt := range []struct {
		name        string
		header      map[string]string
		crossOrigin bool
	}{
		{"another origin", map[string]string{"Origin": "https://evil.example"}, true},
		{"a sandboxed frame", map[string]string{"Origin": "null"}, true},
		{"another port", map[string]string{"Origin": "http://127.0.0.1:1"}, true},
		{"cross-site", map[string]string{"Sec-Fetch-Site": "cross-site"}, true},
		{"same-site", map[string]string{"Sec-Fetch-Site": "same-site"}, true},
		{"cross-site that claims our origin", map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": url}, true},
		{"same-origin", map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": url}, false},
		{"our origin, old browser", map[string]string{"Origin": url}, false},
		{"no browser", nil, false},
	} {
		with := func(r *http.Request) {
			for name, value := range tt.header {
				r.Header.Set(name, value)
			}
		}
		before := rdb.Exists(t.Context(), "asynq:{"+queue+"}:paused").Val()
		a := ask(t, http.MethodPost, pause, with)
		paused := rdb.Exists(t.Context(), "asynq:{"+queue+"}:paused").Val()
		if tt.crossOrigin && (a.status != http.StatusForbidden || paused != before) {
			t.Errorf("POST from %s = %d %q, paused %d", tt.name, a.status, a.body, paused)
		}
		if !tt.crossOrigin && (a.status != http.StatusNoContent || paused != 1) {
			t.Errorf("POST from %s = %d %q, paused %d", tt.name, a.status, a.body, paused)
		}
		if tt.crossOrigin {
			if a := ask(t, http.MethodDelete, deleteAll, with); a.status != http.StatusForbidden {
				t.Errorf("DELETE from %s = %d", tt.name, a.status)
			}
		}
		rdb.Del(t.Context(), "asynq:{"+queue+"}:paused")
	}
	if n := rdb.ZCard(t.Context(), "asynq:{"+queue+"}:archived").Val(); n != 1 {
		t.Errorf("%d archived tasks are left, want 1", n)
	}
	// Looking is no change: a link to the dashboard works from anywhere.
	a := ask(t, http.MethodGet, url+"/queues", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") })
	if a.status != http.StatusOK {
		t.Errorf("GET /queues by a link = %d", a.status)
	}
}

func TestLogin(t *testing.T) {
	t.Parallel()
	cfg := config(t, redistest.Start(t).Client())
	cfg.Addr, cfg.User, cfg.Password = "0.0.0.0:0", "ops", "pass:wörd"
	core, logs := observer.New(zap.DebugLevel)
	cfg.Log = zap.New(core)
	url := strings.Replace(serve(t, cfg), "[::]", "127.0.0.1", 1)
	url = strings.Replace(url, "0.0.0.0", "127.0.0.1", 1)
	guarded := []string{"/", "/queues", "/queues/", "/queues/api/queues", "/queues/static/js/x.js", "/metrics", "/nothing-here"}
	for _, tt := range []struct {
		name, user, password string
		passes               bool
	}{
		{"none", "", "", false},
		{"right", "ops", "pass:wörd", true},
		{"wrong password", "ops", "pass", false},
		{"no password", "ops", "", false},
		{"wrong user", "root", "pass:wörd", false},
		{"longer password", "ops", "pass:wörd1", false},
		{"swapped", "pass:wörd", "ops", false},
	} {
		with := func(r *http.Request) {
			if tt.user != "" {
				r.SetBasicAuth(tt.user, tt.password)
			}
		}
		for _, path := range guarded {
			a := ask(t, http.MethodGet, url+path, with)
			if refused := a.status == http.StatusUnauthorized; refused == tt.passes {
				t.Errorf("GET %s with %s = %d", path, tt.name, a.status)
			}
			if challenge := a.header.Get("WWW-Authenticate"); (challenge != "") == tt.passes {
				t.Errorf("GET %s with %s: WWW-Authenticate %q", path, tt.name, challenge)
			}
		}
		for _, path := range []string{"/livez", "/readyz"} {
			if a := ask(t, http.MethodGet, url+path, with); a.status != http.StatusOK {
				t.Errorf("GET %s with %s = %d", path, tt.name, a.status)
			}
		}
	}
	if a := ask(t, http.MethodPost, url+"/queues/api/queues/x:pause", nil); a.status != http.StatusUnauthorized {
		t.Errorf("POST without a login = %d", a.status)
	}
	refusals := logs.FilterMessage("admin login refused")
	if want := 4 * len(guarded); refusals.Len() != want+len(guarded) {
		t.Errorf("%d refusals were logged, want %d", refusals.Len(), want+len(guarded))
	}
	for _, entry := range logs.All() {
		for _, value := range entry.ContextMap() {
			if s, ok := value.(string); ok && strings.Contains(s, "pass") {
				t.Errorf("a password is in the log: %v", entry.ContextMap())
			}
		}
	}
}

func TestLoginOnLoopback(t *testing.T) {
	t.Parallel()
	cfg := config(t, redistest.Start(t).Client())
	cfg.User, cfg.Password = "ops", "open-sesame"
	url := serve(t, cfg)
	if a := get(t, url+"/queues"); a.status != http.StatusUnauthorized {
		t.Errorf("GET /queues without the password that is set = %d, want 401", a.status)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	url := serve(t, config(t, redistest.Start(t).Client()))
	for _, path := range []string{"/livez", "/readyz", "/metrics", "/queues", "/queues/api/queues", "/nothing-here"} {
		h := get(t, url+path).header
		for name, want := range map[string]string{
			"X-Frame-Options":        "DENY",
			"X-Content-Type-Options": "nosniff",
			"Referrer-Policy":        "no-referrer",
			"Cache-Control":          "no-store",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("GET %s: %s is %q, want %q", path, name, got, want)
			}
		}
		if policy := h.Get("Content-Security-Policy"); !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("GET %s: Content-Security-Policy %q", path, policy)
		}
	}
}
