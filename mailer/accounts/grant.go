package accounts

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/oauth2"
)

// Grant is what a token endpoint gives for a credential.
type Grant struct {
	// AccessToken opens the account, for Lifetime.
	AccessToken Secret
	Lifetime    time.Duration
	// RefreshToken takes the place of the one that was used; empty where that
	// one stays.
	RefreshToken Secret
	// Expires is when the refresh token ends; zero where that was not said.
	Expires time.Time
	// Scopes are those that were granted; none where that was not said.
	Scopes []string
}

// defaultLifetime is that of Google's access tokens, for an answer that names
// none.
const defaultLifetime = time.Hour

// Refresh asks the token endpoint for an access token, which a Source does where
// one is needed again and again. Where the grant has another refresh token, that
// one has to be kept: see Store.Keeper. What the endpoint said is an
// *oauth2.RetrieveError in the error's chain, without its body and without the
// credential's secrets. A nil transport means http.DefaultTransport.
func (c Credential) Refresh(ctx context.Context, transport http.RoundTripper) (Grant, error) {
	if err := c.Validate(); err != nil {
		return Grant{}, err
	}
	g, err := c.refresh(ctx, newClient(transport), time.Now())
	if err != nil {
		return Grant{}, fmt.Errorf("get access token: %w", err)
	}
	return g, nil
}

// refresh asks the token endpoint for an access token. What the endpoint said is
// an *oauth2.RetrieveError in the error's chain.
func (c Credential) refresh(ctx context.Context, client *http.Client, now time.Time) (Grant, error) {
	ctx = context.WithValue(ctx, oauth2.HTTPClient, client)
	if c.Kind() == KindServiceAccount {
		return c.delegated(ctx, now)
	}
	token, err := c.config().TokenSource(ctx, &oauth2.Token{RefreshToken: c.RefreshToken.Reveal()}).Token()
	if err != nil {
		return Grant{}, cleanFault(err, c.secrets()...)
	}
	g := Grant{AccessToken: NewSecret(token.AccessToken), Lifetime: time.Duration(token.ExpiresIn) * time.Second}
	if g.Lifetime <= 0 {
		g.Lifetime = defaultLifetime
	}
	if token.RefreshToken != c.RefreshToken.Reveal() {
		g.RefreshToken = NewSecret(token.RefreshToken)
	}
	g.Expires, g.Scopes = expiryOf(token, now), scopesOf(token, nil)
	return g, nil
}

// config is made for each request: kept, it would hold the secret in the open.
func (c Credential) config() *oauth2.Config {
	return &oauth2.Config{
		ClientID: c.ClientID, ClientSecret: c.ClientSecret.Reveal(),
		Endpoint: oauth2.Endpoint{
			TokenURL: cmp.Or(c.TokenURL, GoogleTokenURL),
			// Left open, oauth2 finds it out by asking twice.
			AuthStyle: oauth2.AuthStyleInParams,
		},
	}
}
