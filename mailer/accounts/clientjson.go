package accounts

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

const (
	// consoleURL is where OAuth clients are made.
	consoleURL = "https://console.cloud.google.com/apis/credentials"

	howToGet = `expected the client JSON of a desktop app, which begins with {"installed": get it at ` + consoleURL +
		` (Create credentials, OAuth client ID, application type Desktop app, Download JSON)`
)

// Client is an OAuth client as Google Cloud console describes it.
type Client struct {
	ID       string
	Secret   Secret
	TokenURL string
}

// ParseClientJSON reads the client JSON that Google Cloud console gives for a
// desktop app. For anything else the error says what was found, what was
// expected and where to get it, and never shows a value.
func ParseClientJSON(data []byte) (Client, error) {
	data = withoutMark(data)
	top, err := object(data, howToGet)
	if err != nil {
		return Client{}, err
	}
	raw, ok := top["installed"]
	if !ok {
		return Client{}, fmt.Errorf("found %s; %s", identify(top), howToGet)
	}
	var installed struct {
		ClientID     string `json:"client_id"`
		ClientSecret string `json:"client_secret"`
		TokenURI     string `json:"token_uri"`
	}
	if err := json.Unmarshal(raw, &installed); err != nil {
		return Client{}, fmt.Errorf("found \"installed\" with something else inside than a client; %s", howToGet)
	}
	c := Client{ID: installed.ClientID, Secret: NewSecret(installed.ClientSecret), TokenURL: installed.TokenURI}
	if c.ID == "" {
		return Client{}, errors.New("found a desktop client without client_id; " + howToGet)
	}
	if c.Secret.IsZero() {
		return Client{}, errors.New("found a desktop client without client_secret; " + howToGet)
	}
	if err := checkTokenURL(c.TokenURL); err != nil {
		return Client{}, fmt.Errorf("token_uri: %w", err)
	}
	return c, nil
}

// withoutMark drops the byte order mark that Windows writes before UTF-8.
func withoutMark(data []byte) []byte { return bytes.TrimPrefix(data, []byte("\uFEFF")) }

// object reads a file that must be a JSON object.
func object(data []byte, expected string) (top map[string]json.RawMessage, err error) {
	if err := json.Unmarshal(data, &top); err != nil {
		return nil, notJSON(data, err, expected)
	}
	if top == nil { // null is no error for the parser.
		return nil, errors.New("found JSON that is no object; " + expected)
	}
	return top, nil
}

// isUTF16 reports text in UTF-16, with its mark or without.
func isUTF16(data []byte) bool {
	return bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) ||
		len(data) > 1 && (data[0] == 0) != (data[1] == 0)
}

// notJSON tells the ways apart in which a file is no JSON object. The parser's
// own error is not wrapped: it can show a character of a secret.
func notJSON(data []byte, err error, expected string) error {
	_, wrongType := errors.AsType[*json.UnmarshalTypeError](err)
	syntax, broken := errors.AsType[*json.SyntaxError](err)
	switch {
	case len(data) == 0:
		return errors.New("found an empty file; " + expected)
	case isUTF16(data):
		return errors.New("found text in UTF-16, as Windows PowerShell writes it: save it as UTF-8; " + expected)
	case wrongType:
		return errors.New("found JSON that is no object; " + expected)
	case broken && syntax.Offset >= int64(len(data)):
		return fmt.Errorf("found JSON that ends in the middle, after %d bytes: copy the file again; %s", len(data), expected)
	default:
		return errors.New("found no JSON; " + expected)
	}
}

// identify names a JSON object that people take for the client JSON.
func identify(top map[string]json.RawMessage) string {
	var kind string
	_ = json.Unmarshal(top["type"], &kind) // Where it is no string it says nothing.
	has := func(name string) bool { return top[name] != nil }
	switch {
	case has("web"):
		return `the client of a web application ("web")`
	case kind == "service_account":
		return "a service account's key"
	case kind == "authorized_user":
		return "the credential of a user of Google's tools (authorized_user)"
	case kind == "external_account":
		return "a workload identity's configuration (external_account)"
	case has("refresh_token") || has("token"):
		return "a token file, as Google's Python quickstart writes it"
	case has("project_info"):
		return "an Android app's google-services.json"
	case len(top) == 0:
		return "an empty JSON object"
	default:
		return "some other JSON, with the keys " + keys(top)
	}
}

// keys lists the first names in an object, shortened: they may be anything.
func keys(top map[string]json.RawMessage) string {
	const most, length = 4, 24
	names := make([]string, 0, len(top))
	for name := range top {
		names = append(names, fmt.Sprintf("%.*q", length, name))
	}
	slices.Sort(names)
	return fmt.Sprint(names[:min(len(names), most)])
}
