package admin

import (
	"bytes"
	"net/http"
	"strings"
)

// pageLinks lead from the dashboard to dev's pages. asynqmon's page has no place
// for links of others, so they stand over the end of its bar, which is empty.
const pageLinks = `<nav aria-label="Pages" style="position: absolute; right: 16px; top: 12px; z-index: 2000; padding: 8px 4px; border-radius: 8px; ` +
	`background: #0b57d0; font: 600 14px system-ui, sans-serif;">` +
	`<a href="/preview" style="padding: 8px 12px; color: #fff;">Preview</a><a href="/mailbox" style="padding: 8px 12px; color: #fff;">Mailbox</a></nav>`

// withLinks puts the links into each page of the dashboard.
func withLinks(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, dashboardPath+"/api/") || strings.HasPrefix(r.URL.Path, dashboardPath+"/static/") {
			next.ServeHTTP(w, r)
			return
		}
		h := held{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(&h, r)
		page := h.body.Bytes()
		if end := bytes.LastIndex(page, []byte("</body>")); end >= 0 {
			page = bytes.Join([][]byte{page[:end], page[end:]}, []byte(pageLinks))
			w.Header().Del("Content-Length")
		}
		w.WriteHeader(h.status)
		_, _ = w.Write(page) // Nobody is left to tell.
	})
}

// held keeps an answer back.
type held struct {
	http.ResponseWriter

	status int
	body   bytes.Buffer
}

// WriteHeader keeps the status.
func (h *held) WriteHeader(status int) { h.status = status }

// Write keeps a part of the body.
func (h *held) Write(b []byte) (int, error) { return h.body.Write(b) } //nolint:wrapcheck // It has no error.
