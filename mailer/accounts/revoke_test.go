package accounts_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/postroom/postroom/mailer/accounts"
)

func TestRevoke(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, body string
		status     int
		wasValid   bool
		want       string
	}{
		{"valid", `{}`, 200, true, ""},
		{"not valid any more", `{"error":"invalid_token","error_description":"Token expired or revoked"}`, 400, false, ""},
		{"a bad request", `{"error":"invalid_request"}`, 400, false, `400 Bad Request "invalid_request": nothing was revoked`},
		{"trouble", `<html>`, 503, false, "503 Service Unavailable"},
		{"a redirect", ``, 307, false, "307"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodPost || r.PostFormValue("token") != "1//hush" || r.URL.RawQuery != "" {
					t.Errorf("%s %s, token %q", r.Method, r.URL, r.PostFormValue("token"))
				}
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(row.status)
				_, _ = w.Write([]byte(row.body))
			}))
			t.Cleanup(server.Close)
			wasValid, err := granted("1//hush").Revoke(t.Context(), server.URL+"/revoke", nil)
			if wasValid != row.wasValid || (err == nil) != (row.want == "") ||
				err != nil && (!strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), "hush")) {
				t.Errorf("%v, %v; want %v, %q", wasValid, err, row.wasValid, row.want)
			}
		})
	}
	private, _ := privateKey()
	if _, err := (accounts.Credential{PrivateKey: accounts.NewSecret(private)}).Revoke(t.Context(), "", nil); !errors.Is(err, accounts.ErrDelegated) {
		t.Errorf("a service account: %v", err)
	}
	for address, want := range map[string]string{"http://example.com/revoke": "must be https", "http://127.0.0.1:1/": "connection refused"} {
		if _, err := granted("1//hush").Revoke(t.Context(), address, nil); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
	}
}
