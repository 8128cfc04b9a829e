package accounts_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/postroom/postroom/mailer/accounts"
	"github.com/postroom/postroom/mailer/mailertest"
)

// holder keeps credentials where fmt calls no methods.
type holder struct {
	credential accounts.Credential
	secret     accounts.Secret
	list       []accounts.Secret
	byName     map[string]accounts.Credential
}

// TestNothingPrintsSecrets prints everything that holds a secret, and every
// error that comes of using one, in every way.
func TestNothingPrintsSecrets(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t)
	c := credential(s)
	source := newSource(t, accounts.SourceConfig{Credential: c})
	access, err := source.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	client, err := accounts.ParseClientJSON([]byte(`{"installed":{"client_id":"x","client_secret":"` + c.ClientSecret.Reveal() + `"}}`))
	if err != nil {
		t.Fatal(err)
	}
	printed := []any{
		c, &c, client, &client, c.RefreshToken, &c.RefreshToken, source,
		holder{c, c.ClientSecret, []accounts.Secret{c.RefreshToken}, map[string]accounts.Credential{"x": c}},
		&holder{credential: c},
		[]*holder{{credential: c}},
	}
	for _, fault := range []mailertest.Fault{
		mailertest.OAuthError("invalid_grant", "Token has been expired or revoked."), mailertest.BackendError(), mailertest.BadGateway(), mailertest.Cut(),
		mailertest.Answer(200, "application/json", `{"access_token":`), mailertest.Answer(302, "text/html", ""),
	} {
		s.ScriptTokens(fault)
		_, err := newSource(t, accounts.SourceConfig{Credential: c}).Token(t.Context())
		if err == nil {
			t.Fatalf("%s: no error", fault)
		}
		for ; err != nil; err = errors.Unwrap(err) {
			printed = append(printed, err, err.Error())
		}
	}
	secrets := []string{c.ClientSecret.Reveal(), c.RefreshToken.Reveal(), access}
	for _, v := range printed {
		js, _ := json.Marshal(v) //nolint:errchkjson // Not everything can be marshalled.
		out := fmt.Sprintf("%v %+v %#v %s %q %x %d", v, v, v, v, v, v, v) + string(js)
		for _, secret := range secrets {
			hex := fmt.Sprintf("%x", secret)
			if strings.Contains(out, secret) || strings.Contains(out, hex) {
				t.Errorf("%T printed a secret: %s", v, out)
			}
		}
	}
}

func TestSecret(t *testing.T) {
	t.Parallel()
	s := accounts.NewSecret("hush")
	if s.Reveal() != "hush" || s.IsZero() || s.String() != "[secret]" || fmt.Sprintf("%#v", s) != "[secret]" {
		t.Errorf("got %q, %v", s.Reveal(), s)
	}
	c := accounts.Credential{ClientID: "id", RefreshToken: s}
	if js, err := json.Marshal(c); err != nil || //nolint:musttag // Whoever marshals it by mistake.
		!strings.Contains(string(js), `"RefreshToken":"[secret]"`) {
		t.Errorf("JSON %s, %v", js, err)
	}
	var zero accounts.Secret
	if zero.Reveal() != "" || !zero.IsZero() || zero.String() != "" || !accounts.NewSecret("").IsZero() {
		t.Error("the zero Secret is not empty")
	}
}

func credential(s *mailertest.Server) accounts.Credential {
	a := s.Account(mailertest.DefaultAddress)
	return accounts.Credential{
		ClientID: a.ClientID, ClientSecret: accounts.NewSecret(a.ClientSecret),
		RefreshToken: accounts.NewSecret(a.RefreshToken), TokenURL: s.TokenURL,
	}
}

func newSource(t *testing.T, c accounts.SourceConfig) *accounts.Source {
	t.Helper()
	source, err := accounts.NewSource(c)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

func token(t *testing.T, source *accounts.Source) string {
	t.Helper()
	token, err := source.Token(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return token
}
