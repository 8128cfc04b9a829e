package accounts_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/postroom/postroom/mailer/accounts"
)

// echoes are answers that repeat what came: the form as it was sent, and its
// values.
var echoes = map[string]func(form string, values []string) (contentType, body string){
	"a page": func(form string, values []string) (contentType, body string) {
		return "text/html", "<pre>" + form + strings.Join(values, "\n")
	},
	"a description": func(form string, values []string) (contentType, body string) {
		return "application/json", toJSON(map[string]string{"error": "invalid_request", "error_description": form + " \x1b[2J\n" + strings.Join(values, " ")})
	},
	"small digits": func(form string, _ []string) (contentType, body string) {
		return "application/json", toJSON(map[string]string{"error": "invalid_request", "error_description": strings.ReplaceAll(form, "%2F", "%2f")})
	},
	"a code": func(_ string, values []string) (contentType, body string) {
		return "application/json", toJSON(map[string]string{"error": strings.Join(values, " ")})
	},
}

func toJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// TestEchoes holds that no error shows a secret, and no page, whatever an
// endpoint says.
func TestEchoes(t *testing.T) {
	t.Parallel()
	private, _ := privateKey()
	for name, echo := range echoes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var sent []string // Of the last request.
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				raw, err := io.ReadAll(r.Body)
				form, parseErr := url.ParseQuery(string(raw))
				if err != nil || parseErr != nil {
					t.Error(err, parseErr)
				}
				sent = nil
				for _, name := range []string{"client_secret", "refresh_token", "token", "code", "code_verifier", "assertion"} {
					if v := form.Get(name); v != "" {
						sent = append(sent, v)
					}
				}
				contentType, body := echo(string(raw), sent)
				w.Header().Set("Content-Type", contentType)
				w.WriteHeader(http.StatusBadRequest)
				_, _ = io.WriteString(w, body)
			}))
			t.Cleanup(server.Close)
			check := func(what, text string) {
				t.Helper()
				if len(sent) == 0 || text == "" {
					t.Errorf("%s: sent %v, said %q", what, sent, text)
				}
				for _, secret := range sent {
					for _, form := range []string{secret, url.QueryEscape(secret), strings.ToLower(url.QueryEscape(secret))} {
						if strings.Contains(text, form) || strings.Contains(text, form[:len(form)*2/3]) {
							t.Errorf("%s shows %q: %s", what, form, text)
						}
					}
				}
				if strings.ContainsAny(text, "\x1b\n") || len(text) > 2000 {
					t.Errorf("%s: %q", what, text)
				}
			}
			user := accounts.Credential{
				ClientID: "id", ClientSecret: accounts.NewSecret("made/of+all=kinds"), RefreshToken: accounts.NewSecret("1//refresh-token/+="),
				TokenURL: server.URL,
			}
			robot := accounts.Credential{
				ServiceAccount: "robot@p.iam.gserviceaccount.com", PrivateKey: accounts.NewSecret(private), Subject: shop, TokenURL: server.URL,
			}
			for what, c := range map[string]accounts.Credential{"user": user, "service account": robot} {
				_, err := c.Refresh(t.Context(), nil)
				check(what+", Refresh", fmt.Sprint(err))
				_, err = newSource(t, accounts.SourceConfig{Credential: c}).Token(t.Context())
				check(what+", Token", fmt.Sprint(err))
				for ; err != nil; err = errors.Unwrap(err) {
					check(what+", in the chain", strings.ReplaceAll(err.Error(), "\nResponse: ", ""))
				}
			}
			_, err := user.Revoke(t.Context(), server.URL, nil)
			check("Revoke", fmt.Sprint(err))

			p := startProvider(t)
			c := p.config()
			c.Client.Secret, c.Client.TokenURL = user.ClientSecret, server.URL
			page := make(chan string, 1)
			_, err = accounts.AskInBrowser(t.Context(), c, func(address string) {
				go func() {
					_, text, _ := browse(t.Context(), address)
					page <- text
				}()
			})
			check("AskInBrowser", fmt.Sprint(err))
			check("the browser's page", strings.ReplaceAll(<-page, "\n", ""))
		})
	}
}

// TestWhatAnEndpointSays stays to be read where it repeats nothing.
func TestWhatAnEndpointSays(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":"invalid_grant","error_description":"Token has been expired or revoked."}`)
	}))
	t.Cleanup(server.Close)
	c := accounts.Credential{ClientID: "id", ClientSecret: accounts.NewSecret("s"), RefreshToken: accounts.NewSecret("1//x"), TokenURL: server.URL}
	const want = "get access token: the token endpoint says 400 Bad Request invalid_grant: Token has been expired or revoked."
	if _, err := c.Refresh(t.Context(), nil); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
