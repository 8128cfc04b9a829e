package admin

import (
	"net/http"
	"strings"
)

// plainPolicy is the Content-Security-Policy of what is no page.
const plainPolicy = "default-src 'none'; frame-ancestors 'none'"

// withHeaders has browsers take every answer for what it says it is, show it in
// nobody else's frame, read it for no other site, tell no other site where the
// operator was, and keep no copy but of the files that never change.
func withHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", plainPolicy)
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		if !strings.HasPrefix(r.URL.Path, dashboardPath+"/static/") {
			h.Set("Cache-Control", "no-store")
		}
		next.ServeHTTP(w, r)
	})
}

// withPolicy replaces the Content-Security-Policy.
func withPolicy(policy string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		next.ServeHTTP(w, r)
	})
}
