package accounts

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// GoogleTokenURL is where Google gives access tokens.
const GoogleTokenURL = "https://oauth2.googleapis.com/token" //nolint:gosec // G101: an address, no secret.

// Kind is how a credential opens its account.
type Kind string

// The kinds.
const (
	// KindUser is a refresh token, by the consent of the account's owner.
	KindUser Kind = "user"
	// KindServiceAccount is a service account's key, to which the domain's
	// administrator delegated the account.
	KindServiceAccount Kind = "service_account"
)

// Credential is what opens an account: an OAuth client of a Google Cloud
// project, and the refresh token that the account's owner granted to it; or a
// service account's key.
type Credential struct {
	// ClientID names the OAuth client; it is no secret.
	ClientID string
	// ClientSecret is the client's own, as Google Cloud console gives it.
	ClientSecret Secret
	// RefreshToken is the owner's grant. It ends when it is revoked, unused
	// for six months, or the account's password changes.
	RefreshToken Secret
	// TokenURL is where access tokens come from. Empty means GoogleTokenURL.
	TokenURL string

	// ServiceAccount names a service account, by its own address.
	ServiceAccount string
	// PrivateKey is its key, in PEM, and PrivateKeyID the key's name.
	PrivateKey   Secret
	PrivateKeyID string
	// Subject is the address whose mail it sends.
	Subject string
}

// Kind tells the kinds of credential apart.
func (c Credential) Kind() Kind {
	if !c.PrivateKey.IsZero() {
		return KindServiceAccount
	}
	return KindUser
}

// Validate says what is wrong with the credential, without asking Google.
func (c Credential) Validate() error {
	if c.Kind() == KindServiceAccount {
		return c.validateServiceAccount()
	}
	switch {
	case c.ClientID == "":
		return errors.New("client ID is empty: it looks like 1234-abc.apps.googleusercontent.com; get it at " + consoleURL)
	case c.ClientSecret.IsZero():
		return errors.New("client secret is empty: Google Cloud console shows it beside the client ID, at " + consoleURL)
	case c.RefreshToken.IsZero():
		return errors.New("refresh token is empty: it comes from the account owner's consent and looks like 1//0abc")
	}
	if err := checkRefreshToken(c.RefreshToken); err != nil {
		return err
	}
	return checkTokenURL(c.TokenURL)
}

func (c Credential) validateServiceAccount() error {
	switch {
	case c.ServiceAccount == "":
		return errors.New("the service account's key has no client_email: get a new one at " + serviceAccountsURL)
	case c.Subject == "":
		return errors.New("a service account has no mailbox of its own: say with --subject whose mail it sends")
	}
	block, _ := pem.Decode([]byte(c.PrivateKey.Reveal()))
	if block == nil {
		return errors.New("the service account's private_key is not PEM (it begins with -----BEGIN PRIVATE KEY-----): copy the file again")
	}
	if key, err := x509.ParsePKCS8PrivateKey(block.Bytes); err != nil {
		return errors.New("the service account's private_key cannot be read: copy the file again, or get a new one at " + serviceAccountsURL)
	} else if _, isRSA := key.(*rsa.PrivateKey); !isRSA {
		return errors.New("the service account's private_key is no RSA key, which is what Google gives: get a new one at " + serviceAccountsURL)
	}
	return checkTokenURL(c.TokenURL)
}

// serviceAccountsURL is where service accounts and their keys are made.
const serviceAccountsURL = "https://console.cloud.google.com/iam-admin/serviceaccounts"

// checkRefreshToken refuses the other token that people find beside it.
func checkRefreshToken(token Secret) error {
	if strings.HasPrefix(token.Reveal(), "ya29.") {
		return errors.New("refresh token is an access token (it begins with ya29.), which ends within the hour: the refresh token stands beside it and looks like 1//0abc")
	}
	return nil
}

// CheckURL refuses an address to which a secret must not be sent: anything but
// https, and plain http to this machine.
func CheckURL(raw string) error {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil {
		// The address is not shown: one that does not parse may hold a password.
		return errors.New("is not an address such as " + GoogleTokenURL)
	}
	if u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname()) {
		return nil
	}
	return fmt.Errorf("has scheme %q and host %q: it must be https, or http to this machine (127.0.0.1, ::1, localhost)", u.Scheme, u.Hostname())
}

// checkTokenURL is CheckURL for a token URL that may be empty.
func checkTokenURL(raw string) error {
	if raw == "" {
		return nil
	}
	if err := CheckURL(raw); err != nil {
		return fmt.Errorf("token URL %w", err)
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
