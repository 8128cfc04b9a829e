package accounts_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/mailer/accounts"
)

// privateKey is a service account's, and another of a kind that Google does not
// give.
var privateKey = sync.OnceValues(func() (rsaKey, ecKey string) {
	toPEM := func(key any, err error) string {
		if err != nil {
			panic(err)
		}
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			panic(err)
		}
		return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	}
	one, err := rsa.GenerateKey(rand.Reader, 2048)
	rsaKey = toPEM(one, err)
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return rsaKey, toPEM(other, err)
})

func serviceAccount(t *testing.T, key, tokenURI string) []byte {
	t.Helper()
	b, err := json.Marshal(map[string]string{
		"type": "service_account", "project_id": "p", "client_email": "robot@p.iam.gserviceaccount.com",
		"private_key": key, "private_key_id": "k1", "token_uri": tokenURI,
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestParseImport(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ file, address, scope string }{
		"Python quickstart": {
			`{"token":"ya29.hush","refresh_token":"1//r","token_uri":"https://oauth2.googleapis.com/token","client_id":"id","client_secret":"s",` +
				`"scopes":["https://www.googleapis.com/auth/gmail.send"],"universe_domain":"googleapis.com","account":"","expiry":"2026-03-07T18:03:15Z"}`,
			"", accounts.ScopeSend,
		},
		"authorized_user": {
			`{"type":"authorized_user","client_id":"id","client_secret":"s","refresh_token":"1//r","account":"shop@example.com","scopes":"openid https://www.googleapis.com/auth/gmail.send"}`,
			shop, accounts.ScopeSend,
		},
	} {
		got, err := accounts.ParseImport([]byte(row.file))
		c := got.Credential
		if err != nil || c.ClientID != "id" || c.ClientSecret.Reveal() != "s" || c.RefreshToken.Reveal() != "1//r" ||
			c.Kind() != accounts.KindUser || got.Address != row.address || !slices.Contains(got.Scopes, row.scope) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	got, err := accounts.ParseImport([]byte(clientJSON))
	if err != nil || got.Credential.ClientID != "1-abc.apps.googleusercontent.com" || !got.Credential.RefreshToken.IsZero() {
		t.Errorf("client JSON: %+v, %v", got, err)
	}
	key, _ := privateKey()
	got, err = accounts.ParseImport(serviceAccount(t, key, ""))
	got.Credential.Subject = shop
	if err != nil || got.Credential.Kind() != accounts.KindServiceAccount || got.Credential.Validate() != nil {
		t.Errorf("service account: %+v, %v", got, err)
	}
}

func TestParseImportRefuses(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"":                        "found an empty file; expected a token file",
		`{"refresh_token":"1//hu`: "ends in the middle",
		`["hush"]`:                "no object",
		"null":                    "no object",
		"\xff\xfe{\x00}\x00":      "UTF-16",
		`{"web":{}}`:              "web application",
		`{"a":"hush"}`:            `some other JSON, with the keys ["a"]; expected a token file`,
		`{"token":"ya29.hush","client_id":"id","client_secret":"hush"}`:                                      "without a refresh_token",
		`{"type":"authorized_user","client_id":"id"}`:                                                        "without a refresh_token",
		`{"token":"x","refresh_token":"1//hush","client_id":"id"}`:                                           "client secret is empty",
		`{"refresh_token":["hush"]}`:                                                                         "a value of the wrong type",
		`{"type":"service_account","client_email":"x"}`:                                                      "without private_key",
		`{"type":"external_account","refresh_token":"hush"}`:                                                 "external_account",
		`{"refresh_token":"ya29.hush","client_id":"id","client_secret":"hush"}`:                              "is an access token",
		`{"refresh_token":"1//h","client_id":"i","client_secret":"hush","token_uri":"http://evil.example/"}`: "must be https",
	} {
		_, err := accounts.ParseImport([]byte(file))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v, want %q", file, err, want)
		}
	}
	key, ec := privateKey()
	for want, change := range map[string]func(*accounts.Credential){
		"say with --subject":  func(c *accounts.Credential) { c.Subject = "" },
		"has no client_email": func(c *accounts.Credential) { c.ServiceAccount = "" },
		"is not PEM":          func(c *accounts.Credential) { c.PrivateKey = accounts.NewSecret("hush") },
		"cannot be read": func(c *accounts.Credential) {
			c.PrivateKey = accounts.NewSecret(strings.Replace(key, "M", "A", 3))
		},
		"is no RSA key": func(c *accounts.Credential) { c.PrivateKey = accounts.NewSecret(ec) },
		"must be https": func(c *accounts.Credential) { c.TokenURL = "http://evil.example/" },
	} {
		got, err := accounts.ParseImport(serviceAccount(t, key, ""))
		if err != nil {
			t.Fatal(err)
		}
		got.Credential.Subject = shop
		change(&got.Credential)
		if err := got.Credential.Validate(); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestServiceAccount stores a key and gets access tokens with it, for the address
// whose mail it sends.
func TestServiceAccount(t *testing.T) {
	t.Parallel()
	refuse := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if refuse {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = fmt.Fprint(w, `{"error":"unauthorized_client","error_description":"Client is unauthorized to retrieve access tokens using this method."}`)
			return
		}
		parts := strings.Split(r.PostFormValue("assertion"), ".")
		var claims struct {
			Iss   string `json:"iss"`
			Sub   string `json:"sub"`
			Scope string `json:"scope"`
			Aud   string `json:"aud"`
		}
		if len(parts) == 3 {
			body, _ := base64.RawURLEncoding.DecodeString(parts[1])
			_ = json.Unmarshal(body, &claims)
		}
		if r.PostFormValue("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" || claims.Sub != shop ||
			claims.Iss != "robot@p.iam.gserviceaccount.com" || claims.Scope != accounts.ScopeSend || !strings.HasPrefix(claims.Aud, "http://127.0.0.1:") {
			t.Errorf("came with %+v", claims)
		}
		_, _ = fmt.Fprint(w, `{"access_token":"ya29.robot","expires_in":3600,"token_type":"Bearer"}`)
	}))
	t.Cleanup(server.Close)
	keys := parseKeys(t, key(1))
	private, _ := privateKey()
	got, err := accounts.ParseImport(serviceAccount(t, private, server.URL))
	if err != nil {
		t.Fatal(err)
	}
	got.Credential.Subject = shop
	store := accounts.NewStore(redistest.Start(t).Client(), keys)
	save(t, store, accounts.Account{Address: shop, Credential: got.Credential})
	source := newSource(t, accounts.SourceConfig{Keeper: store.Keeper(shop)})
	if token := token(t, source); token != "ya29.robot" {
		t.Errorf("token %q", token)
	}
	if a := get(t, store, shop); a.Err != nil || a.Credential.Kind() != accounts.KindServiceAccount || time.Since(a.RefreshedAt) > time.Minute {
		t.Errorf("stored %+v", a)
	}
	refuse = true
	source.Invalidate("ya29.robot")
	_, err = source.Token(t.Context())
	if e, ok := errors.AsType[*oauth2.RetrieveError](err); !ok || e.ErrorCode != "unauthorized_client" || e.ErrorDescription == "" {
		t.Errorf("without delegation: %v", err)
	}
}

func FuzzParseImport(f *testing.F) {
	f.Add([]byte(clientJSON))
	f.Add([]byte(`{"type":"authorized_user","client_id":"id","client_secret":"s","refresh_token":"1//r","scopes":[1]}`))
	f.Add([]byte(`{"type":"service_account","private_key":"x"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := accounts.ParseImport(data)
		c := got.Credential
		if err == nil && c.ClientID == "" && c.PrivateKey.IsZero() || err != nil && c != (accounts.Credential{}) {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}
