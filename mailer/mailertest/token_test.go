package mailertest_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/postroom/postroom/mailer/mailertest"
)

func TestTokenEndpoint(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t)
	good := s.Account(mailertest.DefaultAddress)
	for name, c := range map[string]struct {
		change func(*mailertest.Account)
		code   string
		status int
	}{
		"wrong client":  {func(a *mailertest.Account) { a.ClientID = "nobody" }, "invalid_client", 401},
		"wrong secret":  {func(a *mailertest.Account) { a.ClientSecret = "guess" }, "invalid_client", 401},
		"wrong refresh": {func(a *mailertest.Account) { a.RefreshToken = "1//guess" }, "invalid_grant", 400},
	} {
		a := good
		c.change(&a)
		_, err := refresh(t, s, a)
		checkOAuth(t, name, err, c.code, c.status)
	}
	token, err := refresh(t, s, good)
	if err != nil || token.AccessToken == "" || token.ExpiresIn != 3600 {
		t.Errorf("got %+v, %v", token, err)
	}
	s.Revoke(good.Address)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/gmail/v1/users/me/messages/send", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token.AccessToken)
	if got := do(t, req); got != http.StatusUnauthorized {
		t.Errorf("with the access token of a revoked account: %d, want 401", got)
	}
	_, err = refresh(t, s, good)
	checkOAuth(t, "revoked", err, "invalid_grant", 400)
	if _, err := send(t, client(t, s, good), message(text("x", "shop@example.com", "ada@example.org"))); err == nil {
		t.Error("a revoked account sent")
	}
	s.Restore(good.Address)
	if _, err := refresh(t, s, good); err != nil {
		t.Errorf("restored: %v", err)
	}
	s.ScriptTokens(mailertest.BackendError(), mailertest.OAuthError("unauthorized_client", "no"), mailertest.Cut())
	_, err = refresh(t, s, good)
	checkOAuth(t, "503", err, "", 503)
	_, err = refresh(t, s, good)
	checkOAuth(t, "scripted", err, "unauthorized_client", 401)
	if _, err = refresh(t, s, good); err == nil {
		t.Error("a cut connection gave a token")
	}
	if n := s.Counts().Tokens; n != 10 {
		t.Errorf("counted %d token requests, want 10", n)
	}
}

func checkOAuth(t *testing.T, name string, err error, code string, status int) {
	t.Helper()
	e, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok || e.ErrorCode != code || e.Response.StatusCode != status {
		t.Errorf("%s: got %v, want %d %q", name, err, status, code)
	}
}

// TestAddAccountReplaces holds that nothing opens an account that was replaced.
func TestAddAccountReplaces(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t)
	before := s.Account(mailertest.DefaultAddress)
	old := client(t, s, before)
	if _, err := send(t, old, message(text("x", "shop@example.com", "ada@example.org"))); err != nil {
		t.Fatal(err)
	}
	after := s.AddAccount(mailertest.Account{Address: mailertest.DefaultAddress})
	if _, err := send(t, old, message(text("y", "shop@example.com", "ada@example.org"))); statusOf(err) != http.StatusUnauthorized {
		t.Errorf("with the old access token: %v, want 401", err)
	}
	_, err := refresh(t, s, before)
	checkOAuth(t, "the old credential", err, "invalid_client", 401)
	if _, err := send(t, client(t, s, after), message(text("z", "shop@example.com", "ada@example.org"))); err != nil {
		t.Errorf("with the new credential: %v", err)
	}
}

func TestAccessTokens(t *testing.T) {
	t.Parallel()
	clk := newClock()
	s := mailertest.NewServer(t, mailertest.WithNow(clk.Now), mailertest.WithTokenLifetime(time.Minute))
	other := mailertest.NewServer(t)
	token := accessToken(t, s)
	try := func(s *mailertest.Server, token string) int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/gmail/v1/users/me/messages/send", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		return do(t, req)
	}
	const opened = http.StatusBadRequest // There is no mail in the request.
	if got := try(s, token); got != opened {
		t.Errorf("with a token: %d, want %d", got, opened)
	}
	if got := try(other, token); got != http.StatusUnauthorized {
		t.Errorf("with another fake's token: %d, want 401", got)
	}
	if got := try(s, ""); got != http.StatusUnauthorized {
		t.Errorf("without a token: %d, want 401", got)
	}
	clk.Pass(time.Minute)
	if got := try(s, token); got != http.StatusUnauthorized {
		t.Errorf("with a token that has ended: %d, want 401", got)
	}
	token = accessToken(t, s)
	s.ExpireTokens(mailertest.DefaultAddress)
	if got := try(s, token); got != http.StatusUnauthorized {
		t.Errorf("with a token that was ended: %d, want 401", got)
	}
	token = accessToken(t, s)
	if got := try(s, token); got != opened {
		t.Errorf("with a new token: %d, want %d", got, opened)
	}
}
