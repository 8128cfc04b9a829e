package accounts

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/jwt"
)

// delegated asks for an access token with a service account's key: a signed
// statement in place of a refresh token (RFC 7523).
func (c Credential) delegated(ctx context.Context, now time.Time) (Grant, error) {
	config := jwt.Config{
		Email: c.ServiceAccount, PrivateKey: []byte(c.PrivateKey.Reveal()), PrivateKeyID: c.PrivateKeyID,
		Subject: c.Subject, Scopes: []string{ScopeSend}, TokenURL: cmp.Or(c.TokenURL, GoogleTokenURL),
	}
	token, err := config.TokenSource(ctx).Token()
	if err != nil {
		return Grant{}, withErrorCode(err)
	}
	g := Grant{AccessToken: NewSecret(token.AccessToken), Lifetime: defaultLifetime, Scopes: scopesOf(token, config.Scopes)}
	if left := token.Expiry.Sub(now); !token.Expiry.IsZero() && left > 0 {
		g.Lifetime = left
	}
	return g, nil
}

// withErrorCode fills in what the jwt package leaves in the body.
func withErrorCode(err error) error {
	e, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok || e.ErrorCode != "" {
		return err
	}
	var body struct {
		Code        string `json:"error"`
		Description string `json:"error_description"`
	}
	_ = json.Unmarshal(e.Body, &body) // Where it is no JSON it has no code.
	e.ErrorCode, e.ErrorDescription = body.Code, body.Description
	return err
}
