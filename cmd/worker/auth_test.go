package main_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	worker "github.com/postroom/postroom/cmd/worker"
	"github.com/postroom/postroom/mailer/accounts"
)

func TestAccountAddress(t *testing.T) {
	t.Parallel()
	var a worker.AccountAddress
	if err := a.UnmarshalText([]byte(" Shop@Example.com")); err != nil || a != "shop@example.com" {
		t.Errorf("%q, %v", a, err)
	}
	for _, text := range []string{"", "shop", "Shop <shop@example.com>", "a@example.com, b@example.com"} {
		if err := a.UnmarshalText([]byte(text)); err == nil || !strings.Contains(err.Error(), "must be one") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestEnding(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	account := func(since, left time.Duration) accounts.Account {
		return accounts.Account{Address: "shop@example.com", Since: now.Add(-since), Expires: now.Add(left)}
	}
	const day = 24 * time.Hour
	for want, a := range map[string]accounts.Account{
		"in 7 days, as grants do while":                           account(time.Second, 7*day-time.Second),
		"in 47 hours, as grants do while":                         account(5*day, 47*time.Hour),
		"in 30 days: log in again before then: worker auth login": account(time.Second, 30*day),
		"in 3 days: log in again before then":                     account(27*day, 3*day),
		"ended at 2026-11-21 11:00":                               account(8*day, -time.Hour),
		"https://console.cloud.google.com/auth/audience":          account(0, 7*day),
	} {
		if got := worker.Ending("its grant", a, now); !strings.Contains(got, want) || !strings.HasPrefix(got, "its grant end") {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestTokenFault(t *testing.T) {
	t.Parallel()
	said := func(status int, code, description string) error {
		return fmt.Errorf("get access token: %w", &oauth2.RetrieveError{
			Response: &http.Response{StatusCode: status}, Body: []byte("hush"), ErrorCode: code, ErrorDescription: description,
		})
	}
	for _, row := range []struct {
		err  error
		want string
	}{
		{said(400, "invalid_grant", "Token has been expired or revoked."), "blocked 400 invalid_grant: no access token: Token has been expired or revoked: the refresh token is dead"},
		{said(401, "invalid_client", ""), "the OAuth client is not known to Google"},
		{said(401, "unauthorized_client", "x"), "domainwidedelegation"},
		{said(400, "org_internal", ""), "org_internal: log in again with this account (a service account: look at its subject, delegation and key): worker auth login"},
		{said(503, "invalid_grant", ""), "nothing is known of the credential: try again (unreachable 503 invalid_grant: no access token"},
		{said(429, "", ""), "try again (unreachable 429: no access token: the token endpoint answered 429)"},
		{said(200, "", ""), "try again (unreachable 200: "},
		// What a worker takes for no verdict these commands take for none either.
		{said(400, "server_error", ""), "try again (unreachable 400 server_error: "},
		{said(400, "temporarily_unavailable", ""), "try again (unreachable 400 temporarily_unavailable: "},
		{said(408, "invalid_grant", ""), "try again (unreachable 408 invalid_grant: "},
		{errors.New("connection refused"), "nothing is known of the credential: try again (unreachable: no access token: connection refused)"},
	} {
		if got := worker.TokenFault(row.err, accounts.KindUser).Error(); !strings.Contains(got, row.want) || strings.Contains(got, "hush") {
			t.Errorf("%q, want %q", got, row.want)
		}
	}
}

func TestReasonOf(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for want, a := range map[string]accounts.Account{
		"":                              {},
		"the grant of a ends":           {Address: "a", Expires: now.Add(time.Hour)},
		"dead: worker auth login":       {Blocked: "dead", Remedy: "worker auth login"},
		"moved; and it is blocked: old": {Blocked: "old", Err: errors.New("moved")},
		"POSTROOM_KEY is not set here":  {Err: fmt.Errorf("read: %w", accounts.ErrNoKey)},
	} {
		got := worker.ReasonOf(a, now)
		if !strings.HasPrefix(got, want) || (got == "") != (want == "") || strings.Contains(got, "openssl") {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if states := []accounts.State{accounts.StateReady, accounts.StateExpiring, accounts.StateBlocked, accounts.StateUnreadable}; !slices.Equal(states,
		[]accounts.State{"ready", "expiring", "blocked", "unreadable"}) {
		t.Errorf("scripts rely on these words: %q", states)
	}
}
