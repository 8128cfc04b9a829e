package mailertest_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"

	"github.com/postroom/postroom/mailer/mailertest"
)

const (
	scopeSend  = "https://www.googleapis.com/auth/gmail.send"
	scopeEmail = "https://www.googleapis.com/auth/userinfo.email"
)

// desktop is an OAuth client as programs on one's own machine use it.
func desktop(s *mailertest.Server) *oauth2.Config {
	a := s.Account(mailertest.DefaultAddress)
	return &oauth2.Config{
		ClientID: a.ClientID, ClientSecret: a.ClientSecret, RedirectURL: "http://127.0.0.1:1/", Scopes: []string{scopeSend, "openid", "email"},
		Endpoint: oauth2.Endpoint{AuthURL: s.AuthURL, TokenURL: s.TokenURL, AuthStyle: oauth2.AuthStyleInParams},
	}
}

// answered opens the consent page and returns what the browser is sent back with.
func answered(t *testing.T, address string) url.Values {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	back, err := res.Location()
	if err != nil {
		t.Fatalf("%s: %v", res.Status, err)
	}
	return back.Query()
}

func TestConsent(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t)
	c, verifier := desktop(s), oauth2.GenerateVerifier()
	page := c.AuthCodeURL("my state", oauth2.AccessTypeOffline, oauth2.ApprovalForce, oauth2.S256ChallengeOption(verifier))
	exchange := func(code string, options ...oauth2.AuthCodeOption) (*oauth2.Token, error) {
		return c.Exchange(t.Context(), code, options...)
	}
	answer := answered(t, page)
	if answer.Get("state") != "my state" {
		t.Errorf("answered with %v", answer)
	}
	token, err := exchange(answer.Get("code"), oauth2.VerifierOption(verifier))
	if err != nil || !strings.HasPrefix(token.RefreshToken, "1//") || token.Extra("scope") != scopeSend+" openid "+scopeEmail ||
		token.Extra("refresh_token_expires_in") != nil {
		t.Fatalf("%+v, %v", token, err)
	}
	if whose := userinfo(t, s, token.AccessToken); whose != mailertest.DefaultAddress {
		t.Errorf("userinfo says %q", whose)
	}
	// The same code again, a wrong verifier, none, and another redirect.
	_, err = exchange(answer.Get("code"), oauth2.VerifierOption(verifier))
	checkOAuth(t, "used twice", err, "invalid_grant", 400)
	_, err = exchange(answered(t, page).Get("code"), oauth2.VerifierOption(oauth2.GenerateVerifier()))
	checkOAuth(t, "wrong verifier", err, "invalid_grant", 400)
	_, err = exchange(answered(t, page).Get("code"))
	checkOAuth(t, "no verifier", err, "invalid_grant", 400)
	code := answered(t, page).Get("code")
	c.RedirectURL = "http://127.0.0.1:2/"
	_, err = exchange(code, oauth2.VerifierOption(verifier))
	checkOAuth(t, "another redirect", err, "redirect_uri_mismatch", 400)
	// Not forced, the second consent gives no refresh token.
	token, err = exchange(answered(t, c.AuthCodeURL("x", oauth2.AccessTypeOffline)).Get("code"))
	if err != nil || token.RefreshToken != "" {
		t.Errorf("not forced: %+v, %v", token, err)
	}
	token, err = exchange(answered(t, c.AuthCodeURL("x", oauth2.ApprovalForce)).Get("code"))
	if err != nil || token.RefreshToken != "" {
		t.Errorf("not offline: %+v, %v", token, err)
	}
}

func TestOwner(t *testing.T) {
	t.Parallel()
	now := time.Now()
	s := mailertest.NewServer(t, mailertest.WithNow(func() time.Time { return now }))
	s.AddAccount(mailertest.Account{Address: mailertest.DefaultAddress})
	s.AddAccount(mailertest.Account{Address: "news@example.com"})
	c := desktop(s)
	page := c.AuthCodeURL("x", oauth2.AccessTypeOffline, oauth2.ApprovalForce)
	s.SetOwner(mailertest.Owner{Denies: true})
	if got := answered(t, page); got.Get("error") != "access_denied" || got.Has("code") || got.Get("state") != "x" {
		t.Errorf("denied: %v", got)
	}
	s.SetOwner(mailertest.Owner{Address: "news@example.com", Unticks: []string{scopeSend}, Lasts: time.Hour})
	token, err := c.Exchange(t.Context(), answered(t, page).Get("code"))
	if err != nil || token.Extra("scope") != "openid "+scopeEmail || token.Extra("refresh_token_expires_in") != 3600.0 {
		t.Fatalf("%+v, %v", token, err)
	}
	if whose := userinfo(t, s, token.AccessToken); whose != "news@example.com" {
		t.Errorf("userinfo says %q", whose)
	}
	consented := s.Account(mailertest.DefaultAddress)
	consented.RefreshToken = token.RefreshToken
	if _, err := refresh(t, s, consented); err != nil {
		t.Errorf("while it lasts: %v", err)
	}
	now = now.Add(time.Hour)
	_, err = refresh(t, s, consented)
	checkOAuth(t, "after its end", err, "invalid_grant", 400)
}

func TestConsentPageRefuses(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t)
	for name, change := range map[string]func(*oauth2.Config){
		"another client":    func(c *oauth2.Config) { c.ClientID = "x" },
		"a website":         func(c *oauth2.Config) { c.RedirectURL = "http://example.com/" },
		"out of band":       func(c *oauth2.Config) { c.RedirectURL = "urn:ietf:wg:oauth:2.0:oob" },
		"no scope":          func(c *oauth2.Config) { c.Scopes = nil },
		"a broken redirect": func(c *oauth2.Config) { c.RedirectURL = "http://127.0.0.1:x/" },
	} {
		c := desktop(s)
		change(c)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.AuthCodeURL("x"), http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if got := do(t, req); got != http.StatusBadRequest && got != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, got)
		}
	}
}

func userinfo(t *testing.T, s *mailertest.Server, token string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.UserinfoURL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return res.Status
	}
	var said struct {
		Email string `json:"email"`
	}
	if err := json.NewDecoder(res.Body).Decode(&said); err != nil {
		t.Fatal(err)
	}
	return said.Email
}

func TestUserinfoAsksForTheScope(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t)
	token, err := refresh(t, s, s.Account(mailertest.DefaultAddress))
	if err != nil {
		t.Fatal(err)
	}
	if got := userinfo(t, s, token.AccessToken); got != "401 Unauthorized" {
		t.Errorf("without openid: %q", got)
	}
	if got := userinfo(t, s, "ya29.guess"); got != "401 Unauthorized" {
		t.Errorf("nobody's token: %q", got)
	}
}

func TestRevocation(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t)
	s.AddAccount(mailertest.Account{Address: "news@example.com"})
	revoke := func(token string) int {
		t.Helper()
		body := strings.NewReader(url.Values{"token": {token}}.Encode())
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.RevokeURL, body)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return do(t, req)
	}
	account := s.Account(mailertest.DefaultAddress)
	token, err := refresh(t, s, account)
	if err != nil {
		t.Fatal(err)
	}
	if got := revoke(token.AccessToken); got != 200 {
		t.Errorf("by the access token: %d", got)
	}
	_, err = refresh(t, s, account)
	checkOAuth(t, "the refresh token went with it", err, "invalid_grant", 400)
	for _, gone := range []string{token.AccessToken, account.RefreshToken, "guess", ""} {
		if got := revoke(gone); got != 400 {
			t.Errorf("%q: %d, want 400", gone, got)
		}
	}
	other := s.Account("news@example.com")
	if _, err := refresh(t, s, other); err != nil {
		t.Errorf("another account: %v", err)
	}
	if got := revoke(other.RefreshToken); got != 200 {
		t.Errorf("by the refresh token: %d", got)
	}
	_, err = refresh(t, s, other)
	checkOAuth(t, "revoked", err, "invalid_grant", 400)
}

func TestRefreshTokenOfAnotherClient(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t)
	s.AddAccount(mailertest.Account{Address: "news@example.com"})
	a := s.Account(mailertest.DefaultAddress)
	a.RefreshToken = s.Account("news@example.com").RefreshToken
	_, err := refresh(t, s, a)
	checkOAuth(t, "another client's", err, "unauthorized_client", 401)
}

func TestServiceAccount(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t)
	key, err := s.AddServiceAccount("robot@fake.iam.gserviceaccount.com", s.TokenURL, scopeSend)
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := mailertest.NewServer(t).AddServiceAccount("robot@fake.iam.gserviceaccount.com", s.TokenURL, scopeSend)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(key []byte, subject string, scopes ...string) (*oauth2.Token, error) {
		t.Helper()
		c, err := google.JWTConfigFromJSON(key, scopes...)
		if err != nil {
			t.Fatal(err)
		}
		c.Subject = subject
		return c.TokenSource(context.Background()).Token()
	}
	token, err := ask(key, "Shop@example.com", scopeSend)
	if err != nil {
		t.Fatal(err)
	}
	if whose := userinfo(t, s, token.AccessToken); whose != "401 Unauthorized" {
		t.Errorf("userinfo says %q", whose)
	}
	for want, row := range map[string]struct {
		key            []byte
		subject, scope string
	}{
		"Invalid email or User ID": {key, "nobody@example.com", scopeSend},
		"unauthorized_client":      {key, "shop@example.com", "https://mail.google.com/"},
		"Invalid JWT Signature":    {stranger, "shop@example.com", scopeSend},
		"account not found":        {[]byte(strings.Replace(string(key), "robot@", "other@", 1)), "shop@example.com", scopeSend},
	} {
		if _, err := ask(row.key, row.subject, row.scope); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestSecrets looks for all that was given out.
func TestSecrets(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t)
	c := desktop(s)
	code := answered(t, c.AuthCodeURL("x", oauth2.AccessTypeOffline, oauth2.ApprovalForce)).Get("code")
	token, err := c.Exchange(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	key, err := s.AddServiceAccount("robot@fake.iam.gserviceaccount.com", s.TokenURL)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		PrivateKey string `json:"private_key"`
	}
	if err := json.Unmarshal(key, &file); err != nil {
		t.Fatal(err)
	}
	a := s.Account(mailertest.DefaultAddress)
	for what, secret := range map[string]string{
		"client secret": a.ClientSecret, "refresh token": a.RefreshToken, "code": code, "access token": token.AccessToken,
		"refresh token of the consent": token.RefreshToken, "line of the key": strings.Split(file.PrivateKey, "\n")[5],
	} {
		if secret == "" || !slices.Contains(s.Secrets(), secret) {
			t.Errorf("the %s %q is not among them", what, secret)
		}
	}
}
