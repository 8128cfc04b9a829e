package mailertest

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"time"
)

// maxTokenForm bounds the body of a token request, far above what one needs.
const maxTokenForm = 64 << 10

// grant is what an access token opens.
type grant struct {
	account *account
	expires time.Time
}

// serveToken is Google's token endpoint for the refresh_token grant (RFC 6749
// section 6), with the client's credential in the body as Google takes it.
func (f *Fake) serveToken(w http.ResponseWriter, r *http.Request) {
	f.counter.tokens.Add(1)
	fault := f.script.forToken()
	f.wait(fault.delay)
	if fault.ends() {
		fault.write(w)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxTokenForm)
	if err := r.ParseForm(); err != nil || r.PostForm.Get("grant_type") != "refresh_token" {
		OAuthError("unsupported_grant_type", "Invalid grant_type").write(w)
		return
	}
	a, refusal := f.authenticate(r.PostForm.Get("client_id"), r.PostForm.Get("client_secret"), r.PostForm.Get("refresh_token"))
	if refusal.ends() {
		refusal.write(w)
		return
	}
	f.writeToken(w, a)
}

// authenticate finds the account of a credential, or the error of Google's.
func (f *Fake) authenticate(id, secret, refresh string) (*account, Fault) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	knownClient := false
	for _, a := range f.accounts {
		a.mu.Lock()
		client := a.ClientID == id && same(a.ClientSecret, secret)
		token, revoked := same(a.RefreshToken, refresh), a.revoked
		a.mu.Unlock()
		if client && token && !revoked {
			return a, Fault{}
		}
		knownClient = knownClient || client
	}
	if !knownClient {
		return nil, OAuthError("invalid_client", "The OAuth client was not found.")
	}
	return nil, OAuthError("invalid_grant", "Token has been expired or revoked.")
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func (f *Fake) writeToken(w http.ResponseWriter, a *account) {
	token := "ya29." + f.nonce + f.ids.next()
	f.mu.Lock()
	f.tokens[token] = grant{a, f.now().Add(f.lifetime)}
	f.mu.Unlock()
	w.Header().Set("Content-Type", jsonType)
	w.Header().Set("Cache-Control", "no-cache, no-store, max-age=0, must-revalidate")
	_, _ = fmt.Fprintf(w, `{"access_token":%q,"expires_in":%d,"scope":%q,"token_type":"Bearer"}`, // A client that has gone needs none.
		token, int(f.lifetime.Seconds()), "https://www.googleapis.com/auth/gmail.send")
}

// whose returns the account that an access token opens now.
func (f *Fake) whose(token string) (*account, bool) {
	f.mu.RLock()
	g, ok := f.tokens[token]
	f.mu.RUnlock()
	return g.account, ok && f.now().Before(g.expires)
}
