package delivery

import "sync"

// reach tells a backend that nobody gets through to from one mail's bad luck:
// two mails met it, and no account had an answer in between.
type reach struct {
	mu      sync.Mutex
	suspect string // The mail that met it first.
}

// lost reports whether another mail met it too.
func (r *reach) lost(mail string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.suspect == "" {
		r.suspect = mail
	}
	return r.suspect != mail
}

// found says that there was an answer.
func (r *reach) found() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.suspect = ""
}
