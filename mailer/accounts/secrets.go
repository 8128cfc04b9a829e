package accounts

import (
	"encoding/json"
	"fmt"
)

// secrets is the part of an account that is stored encrypted: all of its
// Credential.
type secrets struct {
	ClientID       string `json:"client_id,omitempty"`
	ClientSecret   string `json:"client_secret,omitempty"`
	RefreshToken   string `json:"refresh_token,omitempty"`
	TokenURL       string `json:"token_url,omitempty"`
	ServiceAccount string `json:"service_account,omitempty"`
	PrivateKey     string `json:"private_key,omitempty"`
	PrivateKeyID   string `json:"private_key_id,omitempty"`
	Subject        string `json:"subject,omitempty"`
}

// sealCredential encrypts a credential for the address.
func (k Keys) sealCredential(address string, c Credential) (string, error) {
	plain, err := json.Marshal(secrets{ //nolint:gosec // G117: it is encrypted.
		c.ClientID, c.ClientSecret.Reveal(), c.RefreshToken.Reveal(), c.TokenURL,
		c.ServiceAccount, c.PrivateKey.Reveal(), c.PrivateKeyID, c.Subject,
	})
	if err != nil {
		return "", fmt.Errorf("encode credential: %w", err)
	}
	sealed, err := k.seal(address, plain)
	return string(sealed), err
}

// openCredential is its reverse.
func (k Keys) openCredential(address, sealed string) (Credential, error) {
	plain, err := k.open(address, []byte(sealed))
	if err != nil {
		return Credential{}, err
	}
	var s secrets
	if err := json.Unmarshal(plain, &s); err != nil {
		return Credential{}, errNotOurs // The parser's own error could show a secret.
	}
	return Credential{
		ClientID: s.ClientID, ClientSecret: NewSecret(s.ClientSecret),
		RefreshToken: NewSecret(s.RefreshToken), TokenURL: s.TokenURL,
		ServiceAccount: s.ServiceAccount, PrivateKey: NewSecret(s.PrivateKey), PrivateKeyID: s.PrivateKeyID, Subject: s.Subject,
	}, nil
}
