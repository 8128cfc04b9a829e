package gmail

import (
	"net/http"
	"strings"
)

const (
	loginAgain = "log in again with this account (a service account: look at its subject, delegation and key): worker auth login (docs/accounts.md)"

	readRemedy = "to have sent mail looked up, log in with this account and allow reading: worker auth login --with-read (docs/accounts.md)"

	clientPage = "https://console.cloud.google.com/apis/credentials"

	delegationPage = "https://admin.google.com/ac/owl/domainwidedelegation"
)

// remedy is what a person must do before the account can send; it is empty
// where the answer blames something else than the account.
func (a *answer) remedy() string {
	if a.status == http.StatusUnauthorized {
		return "Gmail does not take the access token, not even a fresh one: " + loginAgain
	}
	if a.status != http.StatusBadRequest && a.status != http.StatusForbidden {
		return ""
	}
	for _, reason := range a.reasons {
		if r := apiRemedy(reason); r != "" {
			return r
		}
	}
	if strings.Contains(strings.ToLower(a.message), "mail service not enabled") {
		return apiRemedy("failedPrecondition")
	}
	return ""
}

func apiRemedy(reason string) string {
	switch reason {
	case "insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT":
		return "the account's consent lacks https://www.googleapis.com/auth/gmail.send: " + loginAgain
	case "accessNotConfigured", "SERVICE_DISABLED":
		return "switch the Gmail API on in the client's project, at https://console.cloud.google.com/apis/library/gmail.googleapis.com, and wait some minutes"
	case "domainPolicy":
		return "an administrator of the Workspace must allow this app: https://admin.google.com, Security, API controls, App access control"
	case "failedPrecondition", "FAILED_PRECONDITION":
		return "sign in to https://mail.google.com as this account and see that its mailbox works; in a Workspace an administrator must switch Gmail on for it, at https://admin.google.com, Apps"
	default:
		return ""
	}
}

// tokenRemedy is the same for a verdict of the token endpoint.
func tokenRemedy(code string) string {
	switch code {
	case "invalid_grant":
		return "the refresh token is dead (revoked, expired, or the password was changed), or there is no such user: " + loginAgain
	case "invalid_client", "deleted_client", "disabled_client":
		return "the OAuth client is not known to Google (deleted, or another secret): take its JSON anew from " + clientPage +
			" and log in with it: worker auth login (docs/accounts.md)"
	case "unauthorized_client":
		return "this OAuth client may not use the refresh token: " + loginAgain + ". A service account lacks the domain-wide delegation: " +
			"an administrator enters its client ID, with the scope https://www.googleapis.com/auth/gmail.send, at " + delegationPage +
			", and it may take some minutes"
	default:
		return loginAgain
	}
}
