package mailertest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/url"
	"slices"
	"strings"
)

// robot is a service account.
type robot struct {
	public *rsa.PublicKey
	scopes []string
}

// keyBits is the size of the keys that Google gives.
const keyBits = 2048

// pemLine is the length of a full line of a key's file.
const pemLine = 64

// AddServiceAccount makes a service account known, to which all of the fake's
// accounts are delegated with these scopes, and returns its key as Google gives
// it. tokenURL is the one that stands in it.
func (f *Fake) AddServiceAccount(email, tokenURL string, scopes ...string) ([]byte, error) {
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	private := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	f.mu.Lock()
	defer f.mu.Unlock()
	f.robots[email] = robot{&key.PublicKey, scopes}
	for line := range strings.Lines(private) {
		if line = strings.TrimSpace(line); len(line) == pemLine && !strings.HasPrefix(line, "-----") {
			f.issued = append(f.issued, line)
		}
	}
	return json.MarshalIndent(map[string]string{
		"type": "service_account", "project_id": "fake", "private_key_id": "k1", "private_key": private,
		"client_email": email, "client_id": "112233", "token_uri": tokenURL,
	}, "", "  ")
}

// assertion is what a service account says of what it wants (RFC 7523 section 3).
type assertion struct {
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	Audience string `json:"aud"`
	Scope    string `json:"scope"`
	Expires  int64  `json:"exp"`
}

// delegate is the grant of a signed assertion (RFC 7523 section 2.1), with the
// errors that Google has for it.
func (f *Fake) delegate(form url.Values, audience string) (issue, Fault) {
	parts := strings.Split(form.Get("assertion"), ".")
	if len(parts) != 3 { //nolint:mnd // Header, claims and signature (RFC 7515 section 7.1).
		return issue{}, OAuthError("invalid_grant", "Invalid JWT: Failed to parse.")
	}
	var said assertion
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(body, &said) != nil {
		return issue{}, OAuthError("invalid_grant", "Invalid JWT: Failed to parse.")
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	r, ok := f.robots[said.Issuer]
	if !ok {
		return issue{}, OAuthError("invalid_grant", "Invalid grant: account not found")
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err != nil || rsa.VerifyPKCS1v15(r.public, crypto.SHA256, sum[:], signature) != nil {
		return issue{}, OAuthError("invalid_grant", "Invalid JWT Signature.")
	}
	if said.Audience != audience || said.Expires < f.now().Unix() {
		return issue{}, OAuthError("invalid_grant", "Invalid JWT: Token must be a short-lived token and in a reasonable timeframe.")
	}
	a := f.accounts[strings.ToLower(said.Subject)]
	if a == nil {
		return issue{}, OAuthError("invalid_grant", "Invalid email or User ID")
	}
	asked := strings.Fields(said.Scope)
	if slices.ContainsFunc(asked, func(scope string) bool { return !slices.Contains(r.scopes, scope) }) {
		return issue{}, OAuthError("unauthorized_client",
			"Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.")
	}
	return issue{account: a, client: said.Issuer, scopes: asked, robot: true}, Fault{}
}
