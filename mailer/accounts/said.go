package accounts

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/oauth2"
)

const (
	// maxCode and maxSaid are how many characters of an endpoint's error code and
	// of its description are shown.
	maxCode = 60
	maxSaid = 200
	// minSecret is how long a secret is at least: what is shorter stands in words
	// that are none.
	minSecret = 4
)

// looksSecret is what comes of a secret and is not known here: a token, and a
// service account's signed statement.
var looksSecret = regexp.MustCompile(`(?i:ya29\.|\b1//|\b1%2F%2F|GOCSPX-)\S+|\beyJ[\w-]+\.[\w-]+\.[\w-]*`)

// clean makes what an endpoint said fit to be shown: on one line, short, and
// without the secrets that were sent, which some endpoints repeat.
func clean(text string, most int, secrets ...Secret) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	for _, secret := range secrets {
		plain := secret.Reveal()
		if len(plain) < minSecret {
			continue
		}
		for _, form := range []string{plain, url.QueryEscape(plain), url.PathEscape(plain)} {
			// Percent signs come with digits in both cases.
			text = regexp.MustCompile(`(?i)`+regexp.QuoteMeta(form)).ReplaceAllString(text, redacted)
		}
	}
	text = looksSecret.ReplaceAllString(strings.Join(strings.Fields(text), " "), redacted)
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

// tokenError is what a token endpoint said, as far as it may be shown.
type tokenError struct{ said *oauth2.RetrieveError }

func (e *tokenError) Error() string {
	text := "the token endpoint says " + e.said.Response.Status
	if e.said.ErrorCode != "" {
		text += " " + e.said.ErrorCode
	}
	if e.said.ErrorDescription != "" {
		text += ": " + e.said.ErrorDescription
	}
	return text
}

// Unwrap returns the answer, without its body.
func (e *tokenError) Unwrap() error { return e.said }

// cleanFault returns the error of a token request without the answer's body and
// without the secrets. One that is no answer stays as it is.
func cleanFault(err error, secrets ...Secret) error {
	e, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return err
	}
	code, description := errorCode(e)
	answer := &http.Response{}
	if e.Response != nil {
		answer.StatusCode, answer.Header = e.Response.StatusCode, e.Response.Header
	}
	// The endpoint may have written the reason itself.
	answer.Status = strings.TrimSpace(fmt.Sprintf("%d %s", answer.StatusCode, http.StatusText(answer.StatusCode)))
	return &tokenError{&oauth2.RetrieveError{
		Response:  answer,
		ErrorCode: clean(code, maxCode, secrets...), ErrorDescription: clean(description, maxSaid, secrets...),
	}}
}

// errorCode is an answer's error code and its description. The jwt package, and an
// answer that does not call itself JSON, leave both in the body.
func errorCode(e *oauth2.RetrieveError) (code, description string) {
	if e.ErrorCode != "" {
		return e.ErrorCode, e.ErrorDescription
	}
	var body struct {
		Code        string `json:"error"`
		Description string `json:"error_description"`
	}
	_ = json.Unmarshal(e.Body, &body) // Where it is no JSON it has no code.
	return body.Code, body.Description
}

// secrets are all that the credential sends, and its key.
func (c Credential) secrets() []Secret {
	return []Secret{c.ClientSecret, c.RefreshToken, c.PrivateKey}
}
