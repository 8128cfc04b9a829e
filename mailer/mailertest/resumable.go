package mailertest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/postroom/postroom/mailer"
)

// uploads are the resumable uploads that are not finished.
type uploads struct {
	mu   sync.Mutex
	open map[string]*upload
}

type upload struct {
	owner    *account
	threadID string
	raw      []byte
}

// resume serves resumable uploads as far as Google's clients use them: the
// start, and chunks in order. Until the last chunk there is no submission but an
// answer that asks for more. Asking how far an upload came is not served.
func (f *Fake) resume(w http.ResponseWriter, r *http.Request, a *account) (*submission, Fault) {
	body, refusal := readBody(w, r)
	if refusal.ends() {
		return nil, refusal
	}
	if id := r.URL.Query().Get("upload_id"); id != "" {
		return f.chunk(r, a, id, body)
	}
	var m metadata
	if err := json.Unmarshal(body, &m); err != nil && len(body) > 0 {
		return nil, failure(http.StatusBadRequest, "INVALID_ARGUMENT", domainGlobal, "parseError", "Parse Error")
	}
	f.resumable.Add(1)
	a.resumable.Add(1)
	id := f.ids.next()
	f.uploads.mu.Lock()
	f.uploads.open[id] = &upload{owner: a, threadID: m.ThreadID}
	f.uploads.mu.Unlock()
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	begun := Answer(http.StatusOK, jsonType, "")
	begun.answer.header = http.Header{"Location": {scheme + "://" + r.Host + r.URL.Path + "?uploadType=resumable&upload_id=" + id}}
	return nil, begun
}

// chunk adds to an upload and hands it in when it is whole.
func (f *Fake) chunk(r *http.Request, a *account, id string, body []byte) (*submission, Fault) {
	f.uploads.mu.Lock()
	defer f.uploads.mu.Unlock()
	u := f.uploads.open[id]
	if u == nil || u.owner != a {
		return nil, failure(http.StatusNotFound, "NOT_FOUND", domainGlobal, "notFound", "No upload of this ID")
	}
	if len(u.raw)+len(body) > mailer.MaxSize {
		delete(f.uploads.open, id)
		return nil, TooLarge()
	}
	u.raw = append(u.raw, body...)
	if strings.HasSuffix(r.Header.Get("Content-Range"), "/*") {
		// Google's status 308 means "go on" and collides with RFC 9110's;
		// clients that say so get a 200 with this header in its place.
		goOn := Answer(http.StatusPermanentRedirect, jsonType, "")
		goOn.answer.header = http.Header{"Range": {fmt.Sprintf("bytes=0-%d", len(u.raw)-1)}}
		if r.Header.Get("X-Guploader-No-308") == "yes" {
			goOn.answer.header.Set("X-Http-Status-Code-Override", "308")
			goOn.answer.status = http.StatusOK
		}
		return nil, goOn
	}
	delete(f.uploads.open, id)
	return &submission{form: FormResumable, raw: u.raw, threadID: u.threadID}, Fault{}
}
