package accounts_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"github.com/postroom/postroom/mailer/accounts"
	"github.com/postroom/postroom/mailer/mailertest"
)

func TestWhose(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, body    string
		status        int
		address, want string
	}{
		{"told", `{"email":"Shop@example.com","email_verified":true}`, 200, shop, ""},
		{"without the scope email", `{"sub":"1"}`, 200, "", ""},
		{"without the scope openid", `{"error":"invalid_request"}`, 401, "", ""},
		{"forbidden", `{}`, 403, "", ""},
		{"not verified", `{"email":"shop@example.com","email_verified":false}`, 200, "", "is not verified"},
		{"trouble", `hush`, 503, "", "503 Service Unavailable"},
		{"a page", `<html>hush`, 200, "", "no JSON"},
		{"a redirect", ``, 302, "", "302 Found"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Authorization") != "Bearer ya29.hush" {
					t.Errorf("asked with %q", r.Header.Get("Authorization"))
				}
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(row.status)
				_, _ = io.WriteString(w, row.body)
			}))
			t.Cleanup(server.Close)
			address, err := accounts.Whose(t.Context(), accounts.NewSecret("ya29.hush"), server.URL, nil)
			if address != row.address || (err == nil) != (row.want == "") ||
				err != nil && (!strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), "hush")) {
				t.Errorf("%q, %v; want %q, %q", address, err, row.address, row.want)
			}
		})
	}
	if _, err := accounts.Whose(t.Context(), accounts.NewSecret("x"), "http://example.com/", nil); err == nil || !strings.Contains(err.Error(), "must be https") {
		t.Errorf("plain http: %v", err)
	}
}

func TestRefreshOnce(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t)
	c := credential(s)
	g, err := c.Refresh(t.Context(), nil)
	if err != nil || g.AccessToken.IsZero() || !accounts.CanSend(g.Scopes) || !g.RefreshToken.IsZero() {
		t.Errorf("%+v, %v", g, err)
	}
	s.Revoke(mailertest.DefaultAddress)
	_, err = c.Refresh(t.Context(), nil)
	if e, ok := errors.AsType[*oauth2.RetrieveError](err); !ok || e.ErrorCode != "invalid_grant" {
		t.Errorf("revoked: %v", err)
	}
	c.RefreshToken = accounts.Secret{}
	if _, err := c.Refresh(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "refresh token is empty") {
		t.Errorf("without a refresh token: %v", err)
	}
}

func TestClientFromEnvironment(t *testing.T) {
	t.Parallel()
	file := write(t, clientJSON)
	c, err := accounts.ClientFromEnvironment(lookup(map[string]string{"GMAIL_CREDENTIALS": file, "GMAIL_TOKEN_URL": "https://example.com/token"}))
	if err != nil || c.ID != "1-abc.apps.googleusercontent.com" || c.TokenURL != "https://example.com/token" {
		t.Errorf("by file: %+v, %v", c, err)
	}
	c, err = accounts.ClientFromEnvironment(lookup(map[string]string{"GMAIL_CLIENT_ID": " id", "GMAIL_CLIENT_SECRET": "s\n"}))
	if err != nil || c.ID != "id" || c.Secret.Reveal() != "s" || c.TokenURL != "" {
		t.Errorf("by name: %+v, %v", c, err)
	}
	if _, err := accounts.ClientFromEnvironment(lookup(map[string]string{"GMAIL_REFRESH_TOKEN": "1//r"})); !errors.Is(err, accounts.ErrNoClient) {
		t.Errorf("none: %v", err)
	}
	for want, vars := range map[string]map[string]string{
		"GMAIL_CLIENT_ID is not set":            {"GMAIL_CLIENT_SECRET": "hush"},
		"GMAIL_CLIENT_SECRET is not set":        {"GMAIL_CLIENT_ID": "id"},
		"GMAIL_TOKEN_URL: token URL has scheme": {"GMAIL_CLIENT_ID": "id", "GMAIL_CLIENT_SECRET": "hush", "GMAIL_TOKEN_URL": "http://example.com"},
		"name different clients":                {"GMAIL_CREDENTIALS": file, "GMAIL_CLIENT_SECRET": "hush"},
		"no such file":                          {"GMAIL_CREDENTIALS": file + ".gone"},
	} {
		if _, err := accounts.ClientFromEnvironment(lookup(vars)); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
