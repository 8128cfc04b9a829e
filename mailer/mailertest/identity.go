package mailertest

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// What the scopes openid and email are called in Google's answers.
const (
	scopeOpenID = "openid"
	scopeEmail  = "https://www.googleapis.com/auth/userinfo.email"
)

func joined(scopes []string) string { return strings.Join(scopes, " ") }

// claims are what Google says of whose consent it is.
type claims struct {
	Issuer   string `json:"iss,omitempty"`
	Audience string `json:"aud,omitempty"`
	Subject  string `json:"sub"`
	Email    string `json:"email,omitempty"`
	Verified bool   `json:"email_verified,omitempty"`
	IssuedAt int64  `json:"iat,omitempty"`
	Expires  int64  `json:"exp,omitempty"`
}

func claimsOf(a *account, scopes []string) claims {
	c := claims{Subject: "1" + a.Address}
	if slices.Contains(scopes, scopeEmail) {
		c.Email, c.Verified = a.Address, true
	}
	return c
}

// idToken is empty where its scope was not granted. Its signature is none: who has
// it from the token endpoint checks none (OpenID Connect Core section 3.1.3.7).
func idToken(i issue, now time.Time) string {
	if !slices.Contains(i.scopes, scopeOpenID) {
		return ""
	}
	c := claimsOf(i.account, i.scopes)
	c.Issuer, c.Audience = "https://accounts.google.com", i.client
	c.IssuedAt, c.Expires = now.Unix(), now.Add(time.Hour).Unix()
	body, err := json.Marshal(c)
	if err != nil { // Strings and numbers always marshal.
		return ""
	}
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + encode(body) + "." + encode([]byte("signature"))
}

// serveUserinfo says whose an access token is, if it was granted the scope
// openid (OpenID Connect Core section 5.3).
func (f *Fake) serveUserinfo(w http.ResponseWriter, r *http.Request) {
	g, ok := f.opens(bearer(r))
	if !ok || !slices.Contains(g.scopes, scopeOpenID) {
		Answer(http.StatusUnauthorized, jsonType, `{"error":"invalid_request","error_description":"Invalid Credentials"}`).write(w)
		return
	}
	body, err := json.Marshal(claimsOf(g.account, g.scopes))
	if err != nil { // Strings and numbers always marshal.
		body = nil
	}
	Answer(http.StatusOK, jsonType, string(body)).write(w)
}
