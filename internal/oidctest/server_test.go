//go:build browser

package oidctest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/postroom/postroom/internal/oidctest"
)

const (
	send = "https://www.googleapis.com/auth/gmail.send"
	read = "https://www.googleapis.com/auth/gmail.readonly"
	back = "http://127.0.0.1:9/"
)

func config(s *oidctest.Server) *oauth2.Config {
	return &oauth2.Config{
		ClientID: s.ClientID, ClientSecret: s.ClientSecret, RedirectURL: back, Scopes: []string{"openid", "email", send, read},
		Endpoint: oauth2.Endpoint{AuthURL: s.AuthURL, TokenURL: s.TokenURL, AuthStyle: oauth2.AuthStyleInParams},
	}
}

// consent returns the code that a user's consent gives, and its verifier.
func consent(t *testing.T, s *oidctest.Server, a oidctest.Answer, with ...oauth2.AuthCodeOption) (code, verifier string) {
	t.Helper()
	verifier = oauth2.GenerateVerifier()
	with = append(with, oauth2.S256ChallengeOption(verifier), oauth2.ApprovalForce)
	page, err := oidctest.Browse(t.Context(), config(s).AuthCodeURL("the-state", with...), a)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(page.URL)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(page.URL, back) || u.Query().Get("state") != "the-state" || u.Query().Get("code") == "" {
		t.Fatalf("the browser ended on %s", page.URL)
	}
	return u.Query().Get("code"), verifier
}

func post(t *testing.T, address string, form url.Values) (status int, answer map[string]any) {
	t.Helper()
	res, err := http.PostForm(address, form)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil {
		t.Fatal(err)
	}
	if len(body) > 0 {
		if err := json.Unmarshal(body, &answer); err != nil {
			t.Fatalf("%s: %s", res.Status, body)
		}
	}
	return res.StatusCode, answer
}

func refresh(t *testing.T, s *oidctest.Server, token any) (status int, answer map[string]any) {
	t.Helper()
	text, _ := token.(string)
	return post(t, s.TokenURL, url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {text}, "client_id": {s.ClientID}, "client_secret": {s.ClientSecret},
	})
}

// The server holds clients to what ours has to do.
func TestBadQuestionsAreRefused(t *testing.T) {
	t.Parallel()
	s := oidctest.Start(t)
	s256 := oauth2.S256ChallengeOption(oauth2.GenerateVerifier())
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, row := range []struct {
		name, state string
		redirect    string
		with        []oauth2.AuthCodeOption
		want        string
	}{
		{"good", "the-state", back, []oauth2.AuthCodeOption{s256}, "/interaction/"},
		{"no PKCE", "the-state", back, nil, "PKCE"},
		{"plain PKCE", "the-state", back, []oauth2.AuthCodeOption{
			oauth2.SetAuthURLParam("code_challenge", oauth2.GenerateVerifier()), oauth2.SetAuthURLParam("code_challenge_method", "plain"),
		}, "code_challenge_method"},
		{"no state", "", back, []oauth2.AuthCodeOption{s256}, "state is missing"},
		{"another path", "the-state", back + "elsewhere", []oauth2.AuthCodeOption{s256}, "redirect_uri"},
		{"another host", "the-state", "http://example.com/", []oauth2.AuthCodeOption{s256}, "redirect_uri"},
	} {
		c := config(s)
		c.RedirectURL = row.redirect
		res, err := client.Get(c.AuthCodeURL(row.state, row.with...))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		to, err := url.QueryUnescape(res.Header.Get("Location"))
		if err != nil {
			t.Fatal(err)
		}
		if said := to + string(body); !strings.Contains(said, row.want) {
			t.Errorf("%s: %s, want %q in it", row.name, said, row.want)
		}
	}
	if a := s.Asked(); len(a.Refused) != 5 {
		t.Errorf("refused %+v, want 5", a.Refused)
	}
}

// A grant's life: made, rotated, and ended by a token that comes twice.
func TestAUsedRefreshTokenEndsTheGrant(t *testing.T) {
	t.Parallel()
	s := oidctest.StartWith(t, oidctest.Config{AccessLife: 90 * time.Second, RefreshLife: 7 * 24 * time.Hour})
	code, verifier := consent(t, s, oidctest.Answer{User: oidctest.News, Without: []string{read}}, oauth2.AccessTypeOffline)
	token, err := config(s).Exchange(t.Context(), code, oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	if scopes, _ := token.Extra("scope").(string); !strings.Contains(scopes, send) || strings.Contains(scopes, read) {
		t.Errorf("scopes %q", scopes)
	}
	if token.ExpiresIn != 90 || token.Extra("refresh_token_expires_in") != float64(7*24*3600) {
		t.Errorf("lives %v and %v", token.ExpiresIn, token.Extra("refresh_token_expires_in"))
	}
	status, second := refresh(t, s, token.RefreshToken)
	if status != http.StatusOK || second["refresh_token"] == token.RefreshToken || second["refresh_token"] == nil {
		t.Fatalf("refresh: %d, another refresh token: %v", status, second["refresh_token"] != token.RefreshToken)
	}
	for _, dead := range []any{token.RefreshToken, second["refresh_token"]} {
		if status, answer := refresh(t, s, dead); status != http.StatusBadRequest || answer["error"] != "invalid_grant" {
			t.Errorf("after a reuse: %d %v", status, answer["error"])
		}
	}
	a := s.Asked()
	reused := slices.ContainsFunc(a.Refused, func(r oidctest.Refusal) bool { return r.Reason == "refresh token already used" })
	if a.Codes != 1 || a.Refreshes != 1 || len(a.Refused) != 2 || !reused {
		t.Errorf("asked %+v", a)
	}
	for _, secret := range []any{code, token.AccessToken, token.RefreshToken, second["access_token"], second["refresh_token"]} {
		if text, _ := secret.(string); text == "" || !slices.Contains(s.Issued(), text) {
			t.Error("a code or token is not among those issued")
		}
	}
}

// Without access_type=offline there is no refresh token, as at Google.
func TestNoRefreshTokenUnasked(t *testing.T) {
	t.Parallel()
	s := oidctest.Start(t)
	code, verifier := consent(t, s, oidctest.Answer{User: oidctest.Shop})
	token, err := config(s).Exchange(t.Context(), code, oauth2.VerifierOption(verifier))
	if err != nil || token.RefreshToken != "" || token.AccessToken == "" {
		t.Errorf("a refresh token: %v, %v", token.RefreshToken != "", err)
	}
}

// The gate lets in whom an access token opens, until the grant is killed.
func TestGate(t *testing.T) {
	t.Parallel()
	s := oidctest.Start(t)
	gmail := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Header.Get("Authorization")) // A client that has gone needs none.
	}))
	t.Cleanup(gmail.Close)
	to, err := url.Parse(gmail.URL)
	if err != nil {
		t.Fatal(err)
	}
	gate := httptest.NewServer(s.Gate(to, func(user string) (string, error) { return "pass of " + user, nil }))
	t.Cleanup(gate.Close)
	code, verifier := consent(t, s, oidctest.Answer{User: oidctest.News}, oauth2.AccessTypeOffline)
	token, err := config(s).Exchange(t.Context(), code, oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	came := func() string {
		req, err := http.NewRequest(http.MethodGet, gate.URL, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		token.SetAuthHeader(req)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	if got := came(); got != "Bearer pass of "+oidctest.News {
		t.Errorf("before: %q", got)
	}
	s.KillGrant(oidctest.Shop)
	if got := came(); got != "Bearer pass of "+oidctest.News {
		t.Errorf("after another's grant was killed: %q", got)
	}
	s.KillGrant(oidctest.News)
	if got := came(); got != "Bearer "+token.AccessToken {
		t.Errorf("after it was killed it came as %q", got)
	}
	if status, answer := refresh(t, s, token.RefreshToken); status != http.StatusBadRequest || answer["error"] != "invalid_grant" {
		t.Errorf("refresh: %d %v", status, answer["error"])
	}
}
