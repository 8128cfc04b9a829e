//go:build browser

package accounts_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/postroom/postroom/internal/oidctest"
	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/accounts"
	"github.com/postroom/postroom/mailer/gmail"
)

// questionTo is a question to the owners of the server's accounts.
func questionTo(t *testing.T, s *oidctest.Server) accounts.ConsentConfig {
	t.Helper()
	client, err := accounts.ParseClientJSON(s.ClientJSON())
	if err != nil {
		t.Fatal(err)
	}
	return accounts.ConsentConfig{Client: client, RedirectURL: "http://127.0.0.1:9/", AuthURL: s.AuthURL, UserinfoURL: s.UserinfoURL}
}

// login asks in Chromium, and returns the page that its user sees in the end.
func login(t *testing.T, c accounts.ConsentConfig, a oidctest.Answer) (g accounts.Granted, page string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var browser sync.WaitGroup
	g, err = accounts.AskInBrowser(ctx, c, func(address string) {
		browser.Go(func() {
			end, err := oidctest.Browse(ctx, address, a)
			if page = end.Text; err != nil {
				t.Error(err)
				cancel()
			}
		})
	})
	browser.Wait()
	return g, page, err
}

// mustLogin is a login as Shop that has to succeed.
func mustLogin(t *testing.T, s *oidctest.Server) accounts.Granted {
	t.Helper()
	g, page, err := login(t, questionTo(t, s), oidctest.Answer{User: shop})
	if err != nil {
		t.Fatalf("login: %v; the page says %s", err, page)
	}
	return g
}

// isDead reports an error that says that the grant has ended.
func isDead(err error) bool {
	e, ok := errors.AsType[*oauth2.RetrieveError](err)
	return ok && e.ErrorCode == "invalid_grant"
}

func TestBrowserLogsIn(t *testing.T) {
	t.Parallel()
	s := oidctest.StartWith(t, oidctest.Config{RefreshLife: 7 * 24 * time.Hour})
	c := questionTo(t, s)
	c.Read = true
	g, page, err := login(t, c, oidctest.Answer{User: news})
	if err != nil {
		t.Fatal(err)
	}
	if g.Address != news || page != "Postroom has the consent of "+news+", and goes on in the terminal. You can close this window." {
		t.Errorf("%s is granted; the page says %s", g.Address, page)
	}
	for _, scope := range []string{accounts.ScopeSend, accounts.ScopeRead, "openid", "email"} {
		if !slices.Contains(g.Scopes, scope) {
			t.Errorf("scopes %q lack %s", g.Scopes, scope)
		}
	}
	if left := time.Until(g.Expires).Round(time.Hour); left != 7*24*time.Hour {
		t.Errorf("it ends in %v, want a week", left)
	}
	source := newSource(t, accounts.SourceConfig{Credential: g.Credential})
	for range 2 { // The second one has the refresh token that the first gave.
		source.Invalidate(token(t, source))
	}
	if a := s.Asked(); a.Codes != 1 || a.Refreshes != 2 || len(a.Refused) != 0 {
		t.Errorf("the server was asked %+v", a)
	}
}

func TestBrowserDoesNotGrant(t *testing.T) {
	t.Parallel()
	s := oidctest.Start(t)
	for _, row := range []struct {
		name   string
		answer oidctest.Answer
		read   bool
		want   string
		codes  int
	}{
		{"denied", oidctest.Answer{User: shop, Deny: true}, false, accounts.ErrDenied.Error(), 0},
		{"sending unticked", oidctest.Answer{User: shop, Without: []string{accounts.ScopeSend}}, false, "tick the box for sending mail", 1},
		{"reading unticked", oidctest.Answer{User: shop, Without: []string{accounts.ScopeRead}}, true, "log in without --with-read", 1},
	} {
		before := s.Asked().Codes
		c := questionTo(t, s)
		c.Read = row.read
		g, page, err := login(t, c, row.answer)
		if err == nil || !strings.Contains(err.Error(), row.want) || !strings.Contains(page, "Nothing was stored: "+err.Error()) {
			t.Errorf("%s: %+v, %v; the page says %s; want %q", row.name, g, err, page, row.want)
		}
		if got := s.Asked().Codes - before; got != row.codes {
			t.Errorf("%s: %d codes were exchanged, want %d", row.name, got, row.codes)
		}
	}
}

// TestBrowserBringsAnotherState has a consent come back that belongs to nobody's
// login; the login goes on waiting for its own.
func TestBrowserBringsAnotherState(t *testing.T) {
	t.Parallel()
	s := oidctest.Start(t)
	var browser sync.WaitGroup
	g, err := accounts.AskInBrowser(t.Context(), questionTo(t, s), func(address string) {
		u := mustParse(t, address)
		q := u.Query()
		q.Set("state", "A"+q.Get("state")[1:]+"B")
		u.RawQuery = q.Encode()
		page, err := oidctest.Browse(t.Context(), u.String(), oidctest.Answer{User: news})
		if err != nil || !strings.Contains(page.Text, "not the answer to the login that waits here") {
			t.Errorf("the other state: %v; the page says %s", err, page.Text)
		}
		if a := s.Asked(); a.Codes != 0 {
			t.Errorf("its code was exchanged: %+v", a)
		}
		browser.Go(func() {
			if _, err := oidctest.Browse(t.Context(), address, oidctest.Answer{User: shop}); err != nil {
				t.Error(err)
			}
		})
	})
	browser.Wait()
	if err != nil || g.Address != shop {
		t.Errorf("the right one: %+v, %v", g, err)
	}
}

// breaks changes the verifier on its way to the token endpoint.
type breaks struct{}

func (breaks) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	form.Set("code_verifier", oauth2.GenerateVerifier())
	changed, err := http.NewRequestWithContext(req.Context(), req.Method, req.URL.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	changed.Header = req.Header
	return http.DefaultTransport.RoundTrip(changed)
}

func TestServerRefusesAnotherVerifier(t *testing.T) {
	t.Parallel()
	s := oidctest.Start(t)
	c := questionTo(t, s)
	c.Transport = breaks{}
	g, page, err := login(t, c, oidctest.Answer{User: shop})
	if err == nil || !strings.Contains(err.Error(), "the code was not taken") || !strings.Contains(page, "Nothing was stored") {
		t.Errorf("%+v, %v; the page says %s", g, err, page)
	}
	a := s.Asked()
	if a.Codes != 0 || len(a.Refused) != 1 || !strings.Contains(a.Refused[0].Reason, "PKCE") {
		t.Errorf("the server was asked %+v", a)
	}
}

func TestServerRefusesAnotherSecret(t *testing.T) {
	t.Parallel()
	s := oidctest.Start(t)
	c := questionTo(t, s)
	c.Client.Secret = accounts.NewSecret("GOCSPX-hush")
	_, _, err := login(t, c, oidctest.Answer{User: shop})
	if err == nil || !strings.Contains(err.Error(), "the OAuth client was not taken (invalid_client)") {
		t.Errorf("%v", err)
	}
}

// TestBrowserOfAnotherMachine ends where nobody listens; its address is pasted.
func TestBrowserOfAnotherMachine(t *testing.T) {
	t.Parallel()
	s := oidctest.Start(t)
	consent, err := accounts.NewConsent(questionTo(t, s))
	if err != nil {
		t.Fatal(err)
	}
	page, err := oidctest.Browse(t.Context(), consent.URL(), oidctest.Answer{User: shop})
	if err != nil {
		t.Fatal(err)
	}
	g, err := consent.Answer(t.Context(), page.URL+"\n")
	if err != nil || g.Address != shop {
		t.Fatalf("%+v, %v", g, err)
	}
	source := newSource(t, accounts.SourceConfig{Credential: g.Credential})
	source.Invalidate(token(t, source))
	if _, err := consent.Answer(t.Context(), page.URL); err == nil || !strings.Contains(err.Error(), "the code was not taken") {
		t.Errorf("the same again: %v", err)
	}
}

// TestServerRotates has two processes, with handlers each, refresh one account
// at once: a token that came twice would end the grant.
func TestServerRotates(t *testing.T) {
	t.Parallel()
	s := oidctest.Start(t)
	g := mustLogin(t, s)
	rdb, keys := redistest.Start(t).Client(), parseKeys(t, key(1))
	store := accounts.NewStore(rdb, keys)
	save(t, store, accounts.Account{Address: g.Address, Credential: g.Credential, Scopes: g.Scopes, Expires: g.Expires})
	var all sync.WaitGroup
	for range 2 { // Processes.
		source := newSource(t, accounts.SourceConfig{Keeper: accounts.NewStore(rdb, keys).Keeper(shop)})
		for range 3 { // Handlers.
			all.Go(func() {
				for range 8 {
					token, err := source.Token(t.Context())
					if err != nil {
						t.Error(err)
						return
					}
					source.Invalidate(token)
				}
			})
		}
	}
	all.Wait()
	if a := s.Asked(); len(a.Refused) != 0 || a.Refreshes < 16 {
		t.Errorf("the server was asked %+v; want 16 refreshes or more, none refused", a)
	}
	now := get(t, store, shop).Credential
	if now.RefreshToken.Reveal() == g.Credential.RefreshToken.Reveal() {
		t.Error("the refresh token is still the first")
	}
	token(t, newSource(t, accounts.SourceConfig{Keeper: store.Keeper(shop)})) // The grant lives.
	// The server does what this test is about.
	if _, err := newSource(t, accounts.SourceConfig{Credential: g.Credential}).Token(t.Context()); !isDead(err) {
		t.Errorf("the first token once more: %v", err)
	}
	if _, err := newSource(t, accounts.SourceConfig{Keeper: store.Keeper(shop)}).Token(t.Context()); !isDead(err) {
		t.Errorf("after a token came twice: %v", err)
	}
}

func TestServerEndsTheGrant(t *testing.T) {
	t.Parallel()
	s := oidctest.Start(t)
	g := mustLogin(t, s)
	source := newSource(t, accounts.SourceConfig{Credential: g.Credential})
	source.Invalidate(token(t, source))
	s.KillGrant(news) // Somebody else's.
	source.Invalidate(token(t, source))
	s.KillGrant(shop)
	if _, err := source.Token(t.Context()); !isDead(err) {
		t.Errorf("Token: %v", err)
	}
	sender, err := gmail.New(gmail.Config{Tokens: source, Endpoint: "http://127.0.0.1:9"})
	if err != nil {
		t.Fatal(err)
	}
	message, err := mailer.Compose(mailer.Draft{
		MailID: "m1", From: mailer.Address{Address: shop}, To: []mailer.Address{{Address: "ada@example.org"}},
		Content: mailer.Content{Subject: "Hello", Text: "Hello."}, Date: time.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = sender.Send(t.Context(), message)
	e, ok := errors.AsType[*mailer.Error](err)
	if !ok || e.Class != mailer.Blocked || !e.Confirmed || e.Reason != "invalid_grant" || !strings.Contains(e.Remedy, "the refresh token is dead") {
		t.Errorf("Send: %+v", err)
	}
	// Another login mends it.
	token(t, newSource(t, accounts.SourceConfig{Credential: mustLogin(t, s).Credential}))
}

func TestServerRevokes(t *testing.T) {
	t.Parallel()
	s := oidctest.Start(t)
	g := mustLogin(t, s)
	for _, want := range []bool{true, false} {
		if wasValid, err := g.Credential.Revoke(t.Context(), s.RevokeURL, nil); err != nil || wasValid != want {
			t.Errorf("Revoke: %v, %v; want %v", wasValid, err, want)
		}
	}
	if _, err := newSource(t, accounts.SourceConfig{Credential: g.Credential}).Token(t.Context()); !isDead(err) {
		t.Errorf("Token after Revoke: %v", err)
	}
	if a := s.Asked(); a.Revocations != 1 {
		t.Errorf("the server was asked %+v", a)
	}
}
