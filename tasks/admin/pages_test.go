package admin_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// Dev's pages stand behind the doors, where there are any.
func TestPages(t *testing.T) {
	t.Parallel()
	cfg := config(t, nowhere(t))
	paths := []string{"/preview", "/preview/a/b", "/mailbox", "/mailbox/1/files/0", "/pages/x.css"}
	url := serve(t, cfg)
	if a := get(t, url+"/queues"); strings.Contains(a.body, "/mailbox") {
		t.Errorf("without pages, the dashboard leads to them:\n%s", a.body)
	}
	for _, path := range paths {
		if a := get(t, url+path); a.status != http.StatusNotFound {
			t.Errorf("without pages, GET %s = %d", path, a.status)
		}
	}
	cfg.Pages = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "page "+r.URL.Path) })
	url = serve(t, cfg)
	for _, path := range paths {
		if a := get(t, url+path); a.status != http.StatusOK || a.body != "page "+path || a.header.Get("X-Frame-Options") != "DENY" {
			t.Errorf("GET %s = %d %q", path, a.status, a.body)
		}
		if a := ask(t, http.MethodGet, url+path, withHost("evil.example")); a.status != http.StatusMisdirectedRequest {
			t.Errorf("GET %s under another name = %d", path, a.status)
		}
	}
	if a := get(t, url+"/"); a.header.Get("Location") != "/preview" {
		t.Errorf("GET / leads to %q", a.header.Get("Location"))
	}
	if a := get(t, url+"/queues"); a.status != http.StatusOK || strings.Count(a.body, `<a href="/mailbox"`) != 1 || !strings.HasSuffix(strings.TrimSpace(a.body), "</html>") {
		t.Errorf("GET /queues = %d, without links:\n%s", a.status, a.body)
	}
	cfg.User, cfg.Password = "ops", "open-sesame"
	url = serve(t, cfg)
	for _, path := range paths {
		if a := get(t, url+path); a.status != http.StatusUnauthorized {
			t.Errorf("GET %s without the password = %d", path, a.status)
		}
	}
}
