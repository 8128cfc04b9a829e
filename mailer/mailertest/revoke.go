package mailertest

import (
	"maps"
	"net/http"
)

// serveRevoke is where a program ends a consent (RFC 7009). As at Google it ends
// all that the account granted to that client, whichever of its tokens came,
// and a token that is not valid any more is a 400.
func (f *Fake) serveRevoke(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxTokenForm)
	token := r.PostFormValue("token")
	g, ok := f.opens(token)
	f.mu.Lock()
	defer f.mu.Unlock()
	if c := f.consents[token]; c != nil && c.lives(f.now()) {
		g, ok = grant{account: c.account, client: c.client}, true
	}
	if !ok {
		Answer(http.StatusBadRequest, jsonType, `{"error":"invalid_token","error_description":"Token expired or revoked"}`).write(w)
		return
	}
	for _, c := range f.consents {
		if c.account == g.account && c.client == g.client {
			c.revoked = true
		}
	}
	maps.DeleteFunc(f.tokens, func(_ string, t grant) bool { return t.account == g.account && t.client == g.client })
	Answer(http.StatusOK, jsonType, "{}").write(w)
}
