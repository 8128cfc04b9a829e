package accounts

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// identity is what an ID token, and the userinfo endpoint, say of an account.
type identity struct {
	Audience string `json:"aud"`
	Email    string `json:"email"`
	Verified *bool  `json:"email_verified"`
	IssuedAt int64  `json:"iat"`
}

// whose reads the account's address from the ID token, or asks for it.
func (c *Consent) whose(ctx context.Context, token *oauth2.Token) (string, error) {
	id, err := c.readIDToken(token)
	if err != nil {
		return "", err
	}
	if id.Email == "" {
		if id, err = userinfo(ctx, c.client, c.cfg.UserinfoURL, NewSecret(token.AccessToken)); err != nil {
			return "", err
		}
	}
	address, err := id.address()
	if err == nil && address == "" {
		err = errors.New("nobody says whose account it is: import its refresh token with --address")
	}
	return address, err
}

// Whose asks Google for the address of the account that an access token opens.
// It is empty where Google does not tell: the scopes openid and email allow it.
// userinfoURL is in place of Google's, and a nil transport means
// http.DefaultTransport.
func Whose(ctx context.Context, token Secret, userinfoURL string, transport http.RoundTripper) (string, error) {
	if userinfoURL != "" {
		if err := CheckURL(userinfoURL); err != nil {
			return "", fmt.Errorf("userinfo URL %w", err)
		}
	}
	id, err := userinfo(ctx, newClient(transport), userinfoURL, token)
	if errors.Is(err, errNotTold) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return id.address()
}

// address is the account's, or empty where nothing is said of it.
func (id identity) address() (string, error) {
	if id.Verified != nil && !*id.Verified {
		return "", errors.New("the address of that account is not verified: it cannot be sent from")
	}
	address, err := ParseAddress(id.Email)
	if err != nil {
		return "", nil //nolint:nilerr // Something that is no address says nothing.
	}
	return address, nil
}

// readIDToken takes the ID token's word as it is: it came straight from the token
// endpoint, which TLS names (OpenID Connect Core section 3.1.3.7, 6).
func (c *Consent) readIDToken(token *oauth2.Token) (id identity, err error) {
	text, _ := token.Extra("id_token").(string)
	parts := strings.Split(text, ".")
	if len(parts) != 3 { //nolint:mnd // Header, claims and signature (RFC 7515 section 7.1).
		return identity{}, nil
	}
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err == nil {
		err = json.Unmarshal(claims, &id)
	}
	if err != nil {
		return identity{}, nil //nolint:nilerr // The userinfo endpoint knows it too.
	}
	if id.Audience != c.cfg.Client.ID {
		return identity{}, errors.New("the ID token is for another client")
	}
	if off := time.Unix(id.IssuedAt, 0).Sub(c.cfg.Now()).Round(time.Minute); id.IssuedAt > 0 && off.Abs() >= clockSlack {
		return identity{}, fmt.Errorf("this machine's clock is %v off: set it right and log in again", -off)
	}
	return id, nil
}

// maxUserinfo is far above what the endpoint says.
const maxUserinfo = 64 << 10

// errNotTold is an access token that does not open the userinfo endpoint.
var errNotTold = errors.New("ask whose account it is: the access token does not allow it")

func userinfo(ctx context.Context, client *http.Client, address string, token Secret) (id identity, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, cmp.Or(address, GoogleUserinfoURL), http.NoBody)
	if err != nil {
		return id, fmt.Errorf("ask whose account it is: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+token.Reveal())
	res, err := client.Do(req)
	if err != nil {
		return id, fmt.Errorf("ask whose account it is: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	switch res.StatusCode {
	case http.StatusOK:
	case http.StatusUnauthorized, http.StatusForbidden:
		return id, errNotTold
	default:
		return id, fmt.Errorf("ask whose account it is: %d %s", res.StatusCode, http.StatusText(res.StatusCode))
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxUserinfo)).Decode(&id); err != nil {
		return id, errors.New("ask whose account it is: the answer is no JSON")
	}
	return id, nil
}

// scopesOf are the granted scopes. Where the answer names none they are those
// that were asked for (RFC 6749 section 5.1), and Google names them always.
func scopesOf(token *oauth2.Token, asked []string) []string {
	scope, named := token.Extra("scope").(string)
	if !named {
		return asked
	}
	return strings.Fields(scope)
}

// expiryOf is when a time-limited grant ends, by Google's own field.
func expiryOf(token *oauth2.Token, now time.Time) time.Time {
	if seconds, ok := token.Extra("refresh_token_expires_in").(float64); ok && seconds > 0 {
		return now.Add(time.Duration(seconds) * time.Second)
	}
	return time.Time{}
}
