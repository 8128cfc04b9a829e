package mailertest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const scopeSend = "https://www.googleapis.com/auth/gmail.send"

// Owner is who sits before the browser that opens the consent page, and what
// they do there.
type Owner struct {
	// Address is the account that the browser is signed in to. Empty means
	// DefaultAddress.
	Address string
	// Denies closes the page with a no.
	Denies bool
	// Unticks are the scopes that are not granted, though asked for.
	Unticks []string
	// Lasts is how long the consent lasts, as the seven days of an app in
	// Testing do. Zero means for good.
	Lasts time.Duration
}

// SetOwner says who answers on the consent page from now on. At first it is the
// owner of DefaultAddress, who agrees to everything.
func (f *Fake) SetOwner(o Owner) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.owner = o
}

// consent is what a refresh token stands for.
type consent struct {
	account *account
	client  string
	scopes  []string
	ends    time.Time // Zero for never.
	revoked bool
}

func (c *consent) lives(now time.Time) bool {
	return !c.revoked && (c.ends.IsZero() || now.Before(c.ends))
}

// code is what a code stands for, until it is exchanged.
type code struct {
	consent

	asked url.Values
}

// serveConsent is Google's consent page (RFC 6749 section 4.1.1), on which the
// Owner answers at once.
func (f *Fake) serveConsent(w http.ResponseWriter, r *http.Request) {
	asked := r.URL.Query()
	f.mu.Lock()
	defer f.mu.Unlock()
	back, err := url.Parse(asked.Get("redirect_uri"))
	a := f.accounts[strings.ToLower(orDefault(f.owner.Address))]
	switch {
	case !f.hasClient(asked.Get("client_id")):
		http.Error(w, "Error 401: invalid_client", http.StatusUnauthorized)
		return
	case err != nil || back.Scheme != "http" || back.Hostname() != "127.0.0.1" && back.Hostname() != "localhost":
		// What a desktop client may use (RFC 8252 section 7.3).
		http.Error(w, "Error 400: redirect_uri_mismatch", http.StatusBadRequest)
		return
	case asked.Get("response_type") != "code" || asked.Get("scope") == "" || a == nil:
		http.Error(w, "Error 400: invalid_request", http.StatusBadRequest)
		return
	}
	answer := url.Values{}
	if asked.Has("state") {
		answer.Set("state", asked.Get("state"))
	}
	if f.owner.Denies {
		answer.Set("error", "access_denied")
	} else {
		c := consent{account: a, client: asked.Get("client_id"), scopes: f.owner.grants(asked.Get("scope"))}
		if f.owner.Lasts > 0 {
			c.ends = f.now().Add(f.owner.Lasts)
		}
		name := "4/0A" + rand.Text()
		f.codes[name] = code{c, asked}
		f.issued = append(f.issued, name)
		answer.Set("code", name)
		answer.Set("scope", joined(c.scopes))
	}
	back.RawQuery = answer.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound) //nolint:gosec // G710: the client's own, as the flow has it.
}

func orDefault(address string) string {
	if address == "" {
		return DefaultAddress
	}
	return address
}

// hasClient reports whether a client is one of an account's. It needs f.mu.
func (f *Fake) hasClient(id string) bool {
	for _, a := range f.accounts {
		if a.ClientID == id {
			return true
		}
	}
	return false
}

// grants are the scopes of those asked for that the owner grants, under the names
// that Google gives them in its answers.
func (o Owner) grants(asked string) []string {
	var granted []string
	for scope := range strings.FieldsSeq(asked) {
		if slices.Contains(o.Unticks, scope) {
			continue
		}
		if scope == "email" {
			scope = scopeEmail
		}
		granted = append(granted, scope)
	}
	return granted
}

// exchange is the grant of a code (RFC 6749 section 4.1.3, RFC 7636 section 4.6).
// A refresh token comes with it where offline access was asked for, and consent
// was forced or is the account's first for this client.
func (f *Fake) exchange(form url.Values) (issue, Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.knowsClient(form) {
		return issue{}, OAuthError("invalid_client", "The OAuth client was not found.")
	}
	c, ok := f.codes[form.Get("code")]
	delete(f.codes, form.Get("code"))
	sum := sha256.Sum256([]byte(form.Get("code_verifier")))
	challenge := c.asked.Get("code_challenge")
	switch {
	case !ok || c.client != form.Get("client_id"):
		return issue{}, OAuthError("invalid_grant", "Malformed auth code.")
	case c.asked.Get("redirect_uri") != form.Get("redirect_uri"):
		return issue{}, OAuthError("redirect_uri_mismatch", "Bad Request")
	case challenge != "" && (c.asked.Get("code_challenge_method") != "S256" || challenge != base64.RawURLEncoding.EncodeToString(sum[:])):
		return issue{}, OAuthError("invalid_grant", "Invalid code verifier.")
	}
	answer := issue{account: c.account, client: c.client, scopes: c.scopes, ends: c.ends}
	if c.asked.Get("access_type") == "offline" && (c.asked.Get("prompt") == "consent" || !f.hasConsent(c.consent)) {
		answer.refresh = "1//" + rand.Text()
		f.consents[answer.refresh] = &c.consent
		f.issued = append(f.issued, answer.refresh)
	}
	return answer, Fault{}
}

// hasConsent reports whether a client has an account's consent already. It needs
// f.mu.
func (f *Fake) hasConsent(asked consent) bool {
	for _, c := range f.consents {
		if c.account == asked.account && c.client == asked.client && c.lives(f.now()) {
			return true
		}
	}
	return false
}
