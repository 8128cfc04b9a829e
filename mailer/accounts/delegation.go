package accounts

import (
	"cmp"
	"context"
	"time"

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
		return Grant{}, cleanFault(err, c.secrets()...)
	}
	g := Grant{AccessToken: NewSecret(token.AccessToken), Lifetime: defaultLifetime, Scopes: scopesOf(token, config.Scopes)}
	if left := token.Expiry.Sub(now); !token.Expiry.IsZero() && left > 0 {
		g.Lifetime = left
	}
	return g, nil
}
