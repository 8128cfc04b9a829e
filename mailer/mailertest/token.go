package mailertest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// maxTokenForm bounds the body of a token request, far above what one needs.
const maxTokenForm = 64 << 10

// grant is what an access token opens.
type grant struct {
	account *account
	client  string
	scopes  []string
	expires time.Time
}

// issue is what a token request is answered with.
type issue struct {
	account *account
	client  string
	scopes  []string
	refresh string    // A new refresh token, if there is one.
	ends    time.Time // When the consent ends; zero for never.
	robot   bool      // A service account's, of which Google says less.
}

// serveToken is Google's token endpoint, with the client's credential in the
// body as Google takes it.
func (f *Fake) serveToken(w http.ResponseWriter, r *http.Request) {
	f.counter.tokens.Add(1)
	fault := f.script.forToken()
	f.wait(fault.delay)
	if fault.ends() {
		fault.write(w)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxTokenForm)
	if err := r.ParseForm(); err != nil {
		OAuthError("invalid_request", "Bad request").write(w)
		return
	}
	var answer issue
	refusal := OAuthError("unsupported_grant_type", "Invalid grant_type")
	switch r.PostForm.Get("grant_type") {
	case "refresh_token":
		answer, refusal = f.refresh(r.PostForm)
	case "authorization_code":
		answer, refusal = f.exchange(r.PostForm)
	case "urn:ietf:params:oauth:grant-type:jwt-bearer":
		answer, refusal = f.delegate(r.PostForm, "http://"+r.Host+r.URL.Path)
	}
	if refusal.ends() {
		refusal.write(w)
		return
	}
	f.writeToken(w, answer)
}

// refresh is the grant of a refresh token (RFC 6749 section 6).
func (f *Fake) refresh(form url.Values) (issue, Fault) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if !f.knowsClient(form) {
		return issue{}, OAuthError("invalid_client", "The OAuth client was not found.")
	}
	c := f.consents[form.Get("refresh_token")]
	switch {
	case c == nil || !c.lives(f.now()):
		return issue{}, OAuthError("invalid_grant", "Token has been expired or revoked.")
	case c.client != form.Get("client_id"):
		return issue{}, OAuthError("unauthorized_client", "Unauthorized")
	}
	return issue{account: c.account, client: c.client, scopes: c.scopes, ends: c.ends}, Fault{}
}

// knowsClient reports whether a request is by a client of one of the accounts.
// It needs f.mu.
func (f *Fake) knowsClient(form url.Values) bool {
	for _, a := range f.accounts {
		if a.ClientID == form.Get("client_id") && a.ClientSecret == form.Get("client_secret") {
			return true
		}
	}
	return false
}

// tokenAnswer is what the token endpoint says (RFC 6749 section 5.1, and Google's
// own last field).
type tokenAnswer struct {
	AccessToken  string `json:"access_token"`
	ExpiresIn    int    `json:"expires_in"`
	RefreshToken string `json:"refresh_token,omitempty"`
	Scope        string `json:"scope,omitempty"`
	TokenType    string `json:"token_type"`
	IDToken      string `json:"id_token,omitempty"`
	RefreshEnds  int    `json:"refresh_token_expires_in,omitempty"`
}

func (f *Fake) writeToken(w http.ResponseWriter, i issue) {
	now := f.now()
	t := tokenAnswer{
		AccessToken: "ya29." + f.nonce + f.ids.next(), ExpiresIn: int(f.lifetime.Seconds()), RefreshToken: i.refresh, TokenType: "Bearer",
	}
	if !i.robot {
		t.Scope, t.IDToken = joined(i.scopes), idToken(i, now)
	}
	if !i.ends.IsZero() {
		t.RefreshEnds = int(i.ends.Sub(now).Seconds())
	}
	f.mu.Lock()
	f.tokens[t.AccessToken] = grant{i.account, i.client, i.scopes, now.Add(f.lifetime)}
	f.issued = append(f.issued, t.AccessToken)
	f.mu.Unlock()
	body, err := json.Marshal(t) //nolint:gosec // G117: it is what was asked for.
	if err != nil {              // Strings and numbers always marshal.
		body = nil
	}
	w.Header().Set("Cache-Control", "no-cache, no-store, max-age=0, must-revalidate")
	Answer(http.StatusOK, jsonType, string(body)).write(w)
}

// whose returns the account that an access token opens now.
func (f *Fake) whose(token string) (*account, bool) {
	g, ok := f.opens(token)
	return g.account, ok
}

// opens returns what an access token opens now.
func (f *Fake) opens(token string) (grant, bool) {
	f.mu.RLock()
	g, ok := f.tokens[token]
	f.mu.RUnlock()
	return g, ok && f.now().Before(g.expires)
}

// Secrets returns every secret that the fake has had or given out: those of
// clients, refresh and access tokens, codes, and private keys line by line. A
// test holds what a program prints against them.
func (f *Fake) Secrets() []string {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return append([]string{}, f.issued...)
}
