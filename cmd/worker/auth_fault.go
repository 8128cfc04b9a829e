package main

import (
	"errors"
	"fmt"
	"net/http"

	"golang.org/x/oauth2"
)

// tokenFault says why a credential gave no access token, and what to do. What the
// endpoint said of it is shown by its code and description alone.
func tokenFault(err error) error {
	said, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return fmt.Errorf("the token endpoint was not reached, so nothing is known of the credential: try again (%w)", err)
	}
	status := 0
	if said.Response != nil {
		status = said.Response.StatusCode
	}
	if said.ErrorCode == "" || status >= http.StatusInternalServerError || status == http.StatusTooManyRequests {
		return fmt.Errorf("the token endpoint has a fault, so nothing is known of the credential: try again (%d %s)", status, http.StatusText(status))
	}
	text := fmt.Sprintf("%.60s", said.ErrorCode)
	if said.ErrorDescription != "" {
		text += fmt.Sprintf(" (%.200s)", said.ErrorDescription)
	}
	return errors.New(text + ": " + tokenRemedy(said.ErrorCode))
}

// tokenRemedy is what to do about an error of the token endpoint (RFC 6749
// section 5.2, and those of Google's own).
func tokenRemedy(code string) string {
	switch code {
	case "invalid_grant":
		return "the grant is dead (revoked, expired, or the password was changed), or there is no such user: worker auth login"
	case "invalid_client", "deleted_client", "disabled_client":
		return "Google does not know the OAuth client, or its secret is another: compare both with " +
			"https://console.cloud.google.com/apis/credentials, and log in again"
	case "unauthorized_client":
		return "this client may not use the refresh token: log in again. A service account lacks the domain-wide delegation: " +
			"an administrator enters its client ID, with the scope https://www.googleapis.com/auth/gmail.send, at " +
			"https://admin.google.com/ac/owl/domainwidedelegation, and it may take some minutes"
	default:
		return "worker auth login"
	}
}
