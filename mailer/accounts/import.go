package accounts

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// howToImport is what ParseImport takes.
const howToImport = "expected a token file of Google's Python quickstart (token.json), the authorized_user JSON of Google's tools, " +
	"a service account's key, or the client JSON of a desktop app beside a refresh token"

// Import is an account as another program keeps it.
type Import struct {
	// Credential opens it. A service account's Subject, and the refresh token
	// beside a client JSON, are the caller's to fill.
	Credential Credential
	// Address is whose it is, where the file says so.
	Address string
	// Scopes are those that the file says were granted.
	Scopes []string
}

// ParseImport reads the files that people already have. Errors say what was
// found and what is expected, and show no secret.
func ParseImport(data []byte) (Import, error) {
	data = withoutMark(data)
	top, err := object(data, howToImport)
	if err != nil {
		return Import{}, err
	}
	if top["installed"] != nil {
		client, err := ParseClientJSON(data)
		return Import{Credential: Credential{ClientID: client.ID, ClientSecret: client.Secret, TokenURL: client.TokenURL}}, err
	}
	var f struct {
		Type         string          `json:"type"`
		ClientID     string          `json:"client_id"`
		ClientSecret string          `json:"client_secret"`
		RefreshToken string          `json:"refresh_token"`
		TokenURI     string          `json:"token_uri"`
		Account      string          `json:"account"`
		Scopes       json.RawMessage `json:"scopes"`
		ClientEmail  string          `json:"client_email"`
		PrivateKey   string          `json:"private_key"`
		PrivateKeyID string          `json:"private_key_id"`
	}
	found := identify(top)
	if err := json.Unmarshal(data, &f); err != nil {
		// The parser's own error could show a secret.
		return Import{}, fmt.Errorf("found %s with a value of the wrong type; %s", found, howToImport)
	}
	switch {
	case f.Type == "service_account":
		if f.PrivateKey == "" {
			return Import{}, fmt.Errorf("found %s without private_key: get a new one at %s", found, serviceAccountsURL)
		}
		return Import{Credential: Credential{
			ServiceAccount: f.ClientEmail, PrivateKey: NewSecret(f.PrivateKey), PrivateKeyID: f.PrivateKeyID, TokenURL: f.TokenURI,
		}}, nil
	case f.RefreshToken != "" && cmp.Or(f.Type, "authorized_user") == "authorized_user":
		c := Credential{
			ClientID: f.ClientID, ClientSecret: NewSecret(f.ClientSecret), RefreshToken: NewSecret(f.RefreshToken), TokenURL: f.TokenURI,
		}
		if err := c.Validate(); err != nil {
			return Import{}, fmt.Errorf("found %s: %w", found, err)
		}
		return Import{Credential: c, Address: f.Account, Scopes: words(f.Scopes)}, nil
	case top["token"] != nil || f.Type == "authorized_user":
		return Import{}, errors.New("found " + found + " without a refresh_token: it was made without offline access; make it anew, or use: worker auth login")
	}
	return Import{}, fmt.Errorf("found %s; %s", found, howToImport)
}

// words reads scopes: a list, or one text of words.
func words(raw json.RawMessage) []string {
	var list []string
	if json.Unmarshal(raw, &list) == nil {
		return list
	}
	var text string
	_ = json.Unmarshal(raw, &text) // Whatever else it is says nothing.
	return strings.Fields(text)
}
