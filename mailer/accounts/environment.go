package accounts

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// The variables that hold the default account's credential.
const (
	EnvClientID     = "GMAIL_CLIENT_ID"
	EnvClientSecret = "GMAIL_CLIENT_SECRET" //nolint:gosec // G101: a variable's name, no secret.
	EnvRefreshToken = "GMAIL_REFRESH_TOKEN" //nolint:gosec // G101: a variable's name, no secret.
	EnvCredentials  = "GMAIL_CREDENTIALS"   //nolint:gosec // G101: a variable's name, no secret.
	EnvTokenURL     = "GMAIL_TOKEN_URL"     //nolint:gosec // G101: a variable's name, no secret.
)

// ErrNoCredential is returned where the environment has no credential at all.
var ErrNoCredential = errors.New("no Gmail credential: set " + EnvRefreshToken + ", and either " + EnvCredentials +
	" or both " + EnvClientID + " and " + EnvClientSecret)

// ErrNoClient is returned where the environment has no OAuth client at all.
var ErrNoClient = errors.New("no OAuth client: set " + EnvCredentials + " to the path of the client JSON of a desktop app, or both " +
	EnvClientID + " and " + EnvClientSecret + "; get one at " + consoleURL +
	" (Create credentials, OAuth client ID, application type Desktop app, Download JSON)")

// FromEnvironment reads the default account's credential. The client comes from
// GMAIL_CLIENT_ID and GMAIL_CLIENT_SECRET, or from the client JSON whose path
// is GMAIL_CREDENTIALS; GMAIL_TOKEN_URL goes before the file's. lookup is
// os.LookupEnv. White space around values is dropped. Errors name the variable
// and never show a secret.
func FromEnvironment(lookup func(string) (string, bool)) (Credential, error) {
	e := environment(lookup)
	refresh := e.get(EnvRefreshToken)
	if refresh == "" && !e.hasClient() {
		return Credential{}, ErrNoCredential
	}
	client, err := e.client()
	if err != nil {
		return Credential{}, err
	}
	c := Credential{
		ClientID: client.ID, ClientSecret: client.Secret, RefreshToken: NewSecret(refresh),
		TokenURL: cmp.Or(client.TokenURL, GoogleTokenURL),
	}
	if missing := missingNames(c); missing != "" {
		return Credential{}, fmt.Errorf("%s is not set, though other GMAIL_ variables are", missing)
	}
	if err := checkRefreshToken(c.RefreshToken); err != nil {
		return Credential{}, fmt.Errorf("%s: %w", EnvRefreshToken, err)
	}
	return c, nil
}

// ClientFromEnvironment reads the OAuth client alone, from the same variables as
// FromEnvironment.
func ClientFromEnvironment(lookup func(string) (string, bool)) (Client, error) {
	e := environment(lookup)
	if !e.hasClient() {
		return Client{}, ErrNoClient
	}
	c, err := e.client()
	switch {
	case err != nil:
		return Client{}, err
	case c.ID == "":
		return Client{}, errors.New(EnvClientID + " is not set, though " + EnvClientSecret + " is")
	case c.Secret.IsZero():
		return Client{}, errors.New(EnvClientSecret + " is not set, though " + EnvClientID + " is")
	}
	return c, nil
}

// environment looks variables up.
type environment func(string) (string, bool)

func (e environment) get(name string) string {
	value, _ := e(name)
	return strings.TrimSpace(value)
}

func (e environment) hasClient() bool {
	return e.get(EnvClientID) != "" || e.get(EnvClientSecret) != "" || e.get(EnvCredentials) != ""
}

// client reads as much of a client as there is.
func (e environment) client() (Client, error) {
	id, secret, path := e.get(EnvClientID), e.get(EnvClientSecret), e.get(EnvCredentials)
	client := Client{ID: id, Secret: NewSecret(secret)}
	if path != "" {
		file, err := readClient(path)
		if err != nil {
			return Client{}, err
		}
		if id != "" && id != file.ID || secret != "" && secret != file.Secret.Reveal() {
			return Client{}, fmt.Errorf("%s and the file of %s name different clients: unset one of them", EnvClientID, EnvCredentials)
		}
		client = file
	}
	client.TokenURL = cmp.Or(e.get(EnvTokenURL), client.TokenURL)
	if err := checkTokenURL(client.TokenURL); err != nil { // The file's has been checked.
		return Client{}, fmt.Errorf("%s: %w", EnvTokenURL, err)
	}
	return client, nil
}

// djangoNames are what Django's gmailapi_backend calls the three values.
var djangoNames = map[string]string{ //nolint:gosec // G101: names of variables, no secrets.
	EnvClientID: "GMAIL_API_CLIENT_ID", EnvClientSecret: "GMAIL_API_CLIENT_SECRET", EnvRefreshToken: "GMAIL_API_REFRESH_TOKEN",
}

// ImportEnvironment reads a credential as FromEnvironment does, or from the three
// variables of Django's gmailapi_backend where none of ours is set.
func ImportEnvironment(lookup func(string) (string, bool)) (Credential, error) {
	c, err := FromEnvironment(lookup)
	if !errors.Is(err, ErrNoCredential) {
		return c, err
	}
	c, err = FromEnvironment(func(name string) (string, bool) {
		if django, ok := djangoNames[name]; ok {
			return lookup(django)
		}
		return lookup(name)
	})
	if err != nil && !errors.Is(err, ErrNoCredential) {
		// It is Django's names that are set, and ours that the error has.
		text := strings.ReplaceAll(err.Error(), "GMAIL_ variables", "GMAIL_API_ variables")
		for ours, django := range djangoNames {
			text = strings.ReplaceAll(text, ours, django)
		}
		return c, errors.New(text)
	}
	return c, err
}

// maxClient is far above what a client JSON has.
const maxClient = 1 << 20

// readClient reads the client JSON that GMAIL_CREDENTIALS names.
func readClient(path string) (Client, error) {
	file, err := os.Open(path) //nolint:gosec // G304: whoever sets the variable chooses the file.
	if err != nil {
		return Client{}, fmt.Errorf("%s: %w", EnvCredentials, err)
	}
	defer func() { _ = file.Close() }() // It was only read.
	data, err := io.ReadAll(io.LimitReader(file, maxClient+1))
	if err != nil {
		return Client{}, fmt.Errorf("%s: %w", EnvCredentials, err)
	}
	if len(data) > maxClient {
		return Client{}, fmt.Errorf("%s=%s: is too big to be one; %s", EnvCredentials, path, howToGet)
	}
	client, err := ParseClientJSON(data)
	if err != nil {
		return Client{}, fmt.Errorf("%s=%s: %w", EnvCredentials, path, err)
	}
	return client, nil
}

func missingNames(c Credential) string {
	var missing []string
	if c.ClientID == "" {
		missing = append(missing, EnvClientID)
	}
	if c.ClientSecret.IsZero() {
		missing = append(missing, EnvClientSecret)
	}
	if c.RefreshToken.IsZero() {
		missing = append(missing, EnvRefreshToken)
	}
	return strings.Join(missing, ", ")
}
