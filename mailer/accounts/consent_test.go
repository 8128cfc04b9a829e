package accounts_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postroom/postroom/mailer/accounts"
)

// provider is an OAuth server that gives consent at once, and takes a code only
// with the verifier and the redirect that it was asked for with (RFC 7636
// section 4.6, RFC 6749 section 4.1.3), and once.
type provider struct {
	*httptest.Server

	// What it gives.
	scopes  func(asked string) string
	answer  map[string]any // Fields of the token answer, added or (nil) taken away.
	claims  map[string]any
	deny    bool
	skew    time.Duration
	refused string // An error code for every code that comes.

	mu    sync.Mutex
	asked map[string]url.Values // By code.
}

func startProvider(t *testing.T) *provider {
	t.Helper()
	p := &provider{
		scopes: func(asked string) string { return asked }, asked: map[string]url.Values{},
		claims: map[string]any{"aud": desktop.ID, "email": "Shop@example.com", "email_verified": true, "iat": time.Now().Unix()},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /auth", p.auth)
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("GET /userinfo", p.userinfo)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

var desktop = accounts.Client{ID: "1-abc.apps.googleusercontent.com", Secret: accounts.NewSecret("GOCSPX-hush")}

func (p *provider) config() accounts.ConsentConfig {
	client := desktop
	client.TokenURL = p.URL + "/token"
	return accounts.ConsentConfig{
		Client: client, RedirectURL: "http://127.0.0.1:1/", AuthURL: p.URL + "/auth", UserinfoURL: p.URL + "/userinfo",
	}
}

func (p *provider) auth(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || q.Get("response_type") != "code" || q.Get("client_id") != desktop.ID || q.Get("code_challenge_method") != "S256" ||
		q.Get("access_type") != "offline" || q.Get("prompt") != "consent" || q.Get("state") == "" {
		http.Error(w, "bad request: "+r.URL.String(), http.StatusBadRequest)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	values := url.Values{"state": {q.Get("state")}}
	if p.deny {
		values.Set("error", "access_denied")
	} else {
		code := fmt.Sprintf("4/hush-%d", len(p.asked))
		p.asked[code] = q
		values.Set("code", code)
		values.Set("scope", p.scopes(q.Get("scope")))
	}
	back.RawQuery = values.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound) //nolint:gosec // G710: the client's own, as the flow has it.
}

func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Date", time.Now().Add(p.skew).UTC().Format(http.TimeFormat))
	asked := p.asked[r.PostFormValue("code")]
	delete(p.asked, r.PostFormValue("code"))
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	code := p.refused
	if code == "" && (asked == nil || asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) ||
		asked.Get("redirect_uri") != r.PostFormValue("redirect_uri") || r.PostFormValue("client_secret") != desktop.Secret.Reveal()) {
		code = "invalid_grant"
	}
	if code != "" {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, `{"error":%q}`, code)
		return
	}
	claims, err := json.Marshal(p.claims)
	if err != nil {
		panic(err)
	}
	fields := map[string]any{
		"access_token": "ya29.hush", "refresh_token": "1//hush", "expires_in": 3599, "token_type": "Bearer",
		"scope": p.scopes(asked.Get("scope")), "id_token": "e30." + base64.RawURLEncoding.EncodeToString(claims) + ".sig",
	}
	for name, value := range p.answer {
		if fields[name] = value; value == nil {
			delete(fields, name)
		}
	}
	body, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	_, _ = w.Write(body)
}

func (p *provider) userinfo(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer ya29.hush" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	_, _ = io.WriteString(w, `{"sub":"1","email":"news@example.com","email_verified":true}`)
}

// browse is a browser whose user agrees to whatever is asked. It returns the
// address that it ends on, and the page there, if there is one.
func browse(ctx context.Context, address string) (end, page string, err error) {
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	get := func(address string) (location, page string, err error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
		if err != nil {
			return "", "", err
		}
		res, err := client.Do(req)
		if err != nil {
			return "", "", err
		}
		defer func() { _ = res.Body.Close() }()
		body, err := io.ReadAll(res.Body)
		return res.Header.Get("Location"), string(body), err
	}
	end, page, err = get(address)
	if err != nil || end == "" {
		return "", "", fmt.Errorf("the consent page says %s (%w)", page, err)
	}
	_, page, _ = get(end) // Nobody listens there where the address is pasted.
	return end, page, nil
}

// consented opens the consent page and returns the address that it ends on.
func consented(t *testing.T, address string) string {
	t.Helper()
	end, _, err := browse(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	return end
}

func ask(t *testing.T, c accounts.ConsentConfig) (accounts.Granted, error) {
	t.Helper()
	consent, err := accounts.NewConsent(c)
	if err != nil {
		t.Fatal(err)
	}
	return consent.Answer(t.Context(), " "+consented(t, consent.URL())+"\n")
}

func TestConsent(t *testing.T) {
	t.Parallel()
	p := startProvider(t)
	p.answer = map[string]any{"refresh_token_expires_in": 604799}
	c := p.config()
	g, err := ask(t, c)
	if err != nil {
		t.Fatal(err)
	}
	want := accounts.Credential{ClientID: desktop.ID, ClientSecret: desktop.Secret, TokenURL: c.Client.TokenURL}
	got := g.Credential
	if got.RefreshToken.Reveal() != "1//hush" || got.ClientID != want.ClientID || got.TokenURL != want.TokenURL ||
		got.ClientSecret.Reveal() != want.ClientSecret.Reveal() || got.Validate() != nil {
		t.Errorf("credential %+v", got)
	}
	if g.Address != shop || !slices.Equal(g.Scopes, []string{accounts.ScopeSend, "openid", "email"}) ||
		time.Until(g.Expires).Round(time.Hour) != 7*24*time.Hour {
		t.Errorf("granted %+v", g)
	}
	c.Read = true
	if g, err = ask(t, c); err != nil || !slices.Contains(g.Scopes, accounts.ScopeRead) {
		t.Errorf("with reading: %+v, %v", g, err)
	}
	// Where the answer names no scopes they are those that were asked for.
	p.answer = map[string]any{"scope": nil}
	if g, err = ask(t, p.config()); err != nil || !slices.Contains(g.Scopes, accounts.ScopeSend) || !g.Expires.IsZero() {
		t.Errorf("without scopes in the answer: %+v, %v", g, err)
	}
	// Without an ID token the userinfo endpoint is asked.
	for _, idToken := range []any{nil, "e30.e30.sig", "no.token.!", "x"} {
		p.answer = map[string]any{"id_token": idToken}
		p.claims["aud"] = desktop.ID
		g, err := ask(t, p.config())
		if idToken == "e30.e30.sig" { // It names no client.
			if err == nil || !strings.Contains(err.Error(), "another client") {
				t.Errorf("an ID token without an audience: %+v, %v", g, err)
			}
			continue
		}
		if err != nil || g.Address != news {
			t.Errorf("ID token %v: %+v, %v", idToken, g, err)
		}
	}
}

func TestConsentFails(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		change func(*provider, *accounts.ConsentConfig)
		want   string
	}{
		{"denied", func(p *provider, _ *accounts.ConsentConfig) { p.deny = true }, "denied in the browser"},
		{"box not ticked", func(p *provider, _ *accounts.ConsentConfig) {
			p.scopes = func(string) string { return "openid email" }
		}, "tick the box for sending"},
		{"reading not ticked", func(p *provider, c *accounts.ConsentConfig) {
			c.Read = true
			p.scopes = func(string) string { return accounts.ScopeSend + " openid" }
		}, "without --with-read"},
		{"no refresh token", func(p *provider, _ *accounts.ConsentConfig) { p.answer = map[string]any{"refresh_token": nil} }, "https://myaccount.google.com/connections"},
		{"clock behind", func(_ *provider, c *accounts.ConsentConfig) {
			c.Now = func() time.Time { return time.Now().Add(-time.Hour) }
		}, "clock is -1h0m0s off"},
		{"clock ahead", func(p *provider, _ *accounts.ConsentConfig) { p.skew, p.refused = -time.Hour, "invalid_grant" }, "clock is 1h0m0s off"},
		{"code too old", func(p *provider, _ *accounts.ConsentConfig) { p.refused = "invalid_grant" }, "the code was not taken"},
		{"wrong secret", func(_ *provider, c *accounts.ConsentConfig) { c.Client.Secret = accounts.NewSecret("hush") }, "the code was not taken"},
		{"web client", func(p *provider, _ *accounts.ConsentConfig) { p.refused = "invalid_client" }, "type Desktop app"},
		{"something else", func(p *provider, _ *accounts.ConsentConfig) { p.refused = "org_internal" }, "org_internal"},
		{"not verified", func(p *provider, _ *accounts.ConsentConfig) { p.claims["email_verified"] = false }, "not verified"},
		{"another client's token", func(p *provider, _ *accounts.ConsentConfig) { p.claims["aud"] = "x" }, "for another client"},
		{"nobody's", func(p *provider, c *accounts.ConsentConfig) {
			delete(p.claims, "email")
			c.UserinfoURL = p.URL + "/nowhere"
		}, "404 Not Found"},
		{"endpoint away", func(_ *provider, c *accounts.ConsentConfig) { c.Client.TokenURL = "http://127.0.0.1:1/token" }, "connection refused"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := startProvider(t)
			c := p.config()
			row.change(p, &c)
			g, err := ask(t, c)
			if err == nil || !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), "hush") {
				t.Errorf("%+v, %v; want %q", g, err, row.want)
			}
		})
	}
	for _, bad := range []accounts.ConsentConfig{{AuthURL: "http://example.com/auth"}, {UserinfoURL: "http://example.com/"}} {
		if _, err := accounts.NewConsent(bad); err == nil || !strings.Contains(err.Error(), "must be https") {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

// TestPasted takes what people paste in place of the address.
func TestPasted(t *testing.T) {
	t.Parallel()
	p := startProvider(t)
	consent, err := accounts.NewConsent(p.config())
	if err != nil {
		t.Fatal(err)
	}
	other, err := accounts.NewConsent(p.config())
	if err != nil {
		t.Fatal(err)
	}
	stranger, right := consented(t, other.URL()), consented(t, consent.URL())
	state := "state=" + url.QueryEscape(mustParse(t, right).Query().Get("state"))
	for pasted, want := range map[string]string{
		"":                             "has no answer in it",
		"4/0AQSTgQ":                    "has no answer in it",
		consent.URL()[:30]:             "has no answer in it",
		"http://127.0.0.1:1/\x7f":      "that is no address",
		stranger:                       "belongs to another login",
		"http://127.0.0.1:1/?" + state: "neither a code nor an error",
		"http://127.0.0.1:1/?error=server_error&error_description=later&" + state: `"server_error": "later"`,
	} {
		if _, err := consent.Answer(t.Context(), pasted); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%q: %v, want %q", pasted, err, want)
		}
	}
	if g, err := consent.Answer(t.Context(), right); err != nil || g.Address != shop {
		t.Errorf("the right one, after all these: %+v, %v", g, err)
	}
	if _, err := consent.Answer(t.Context(), right); err == nil || !strings.Contains(err.Error(), "the code was not taken") {
		t.Errorf("the same again: %v", err)
	}
}

func mustParse(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// TestAskInBrowser has strangers knock before the browser comes.
func TestAskInBrowser(t *testing.T) {
	t.Parallel()
	p := startProvider(t)
	var port string
	pages := make(chan string, 1)
	g, err := accounts.AskInBrowser(t.Context(), p.config(), func(address string) {
		back := mustParse(t, mustParse(t, address).Query().Get("redirect_uri"))
		port = back.Host
		if back.Hostname() != "127.0.0.1" {
			t.Errorf("listens on %s", back.Host)
		}
		for _, knock := range []struct {
			method, host, path string
			want               int
		}{
			{"GET", "", "/favicon.ico", 404},
			{"POST", "", "/?state=x&code=y", 404},
			{"GET", "evil.example", "/?state=x&code=y", 404},
			{"GET", "", "/?state=x&code=y", 400},
			{"GET", "", "/", 400},
		} {
			req, err := http.NewRequestWithContext(t.Context(), knock.method, "http://"+port+knock.path, http.NoBody)
			if err != nil {
				t.Error(err)
				return
			}
			req.Host = knock.host
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Error(err)
				return
			}
			_ = res.Body.Close()
			if res.StatusCode != knock.want {
				t.Errorf("%+v: %s", knock, res.Status)
			}
		}
		go func() {
			_, page, _ := browse(t.Context(), address)
			pages <- page
		}()
	})
	if err != nil || g.Address != shop || g.Credential.RefreshToken.Reveal() != "1//hush" {
		t.Errorf("granted %+v, %v", g, err)
	}
	if page := <-pages; !strings.Contains(page, "the consent of shop@example.com") {
		t.Errorf("the page says %s", page)
	}
	// Somebody else may have the port by now.
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+port+"/", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if res, err := http.DefaultClient.Do(req); err == nil {
		_ = res.Body.Close()
		if res.StatusCode == http.StatusGone {
			t.Error("the callback still answers")
		}
	}
}

func TestAskInBrowserFails(t *testing.T) {
	t.Parallel()
	p := startProvider(t)
	p.deny = true
	_, err := accounts.AskInBrowser(t.Context(), p.config(), func(address string) {
		go func() { _, _, _ = browse(t.Context(), address) }()
	})
	if !errors.Is(err, accounts.ErrDenied) {
		t.Errorf("denied: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err = accounts.AskInBrowser(ctx, p.config(), func(string) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("nobody came: %v", err)
	}
}
