package accounts

import "slices"

// Scopes that open more than what is needed, and so that too.
const (
	scopeFull    = "https://mail.google.com/"
	scopeModify  = "https://www.googleapis.com/auth/gmail.modify"
	scopeCompose = "https://www.googleapis.com/auth/gmail.compose"

	// What closes the search to every scope that it is granted beside.
	scopeMetadata = "https://www.googleapis.com/auth/gmail.metadata"

	// What Google's answers call the scope email.
	scopeUserinfo = "https://www.googleapis.com/auth/userinfo.email"
)

// CanSend reports whether scopes allow to send mail (users.messages.send in
// Gmail's reference).
func CanSend(scopes []string) bool {
	return hasOne(scopes, ScopeSend, scopeCompose, scopeModify, scopeFull)
}

// CanRead reports whether they allow to look mail up (users.messages.list with
// a query). gmail.metadata does not, and where it was granted too the others do
// not either (issuetracker.google.com/115621456).
func CanRead(scopes []string) bool {
	return hasOne(scopes, ScopeRead, scopeModify, scopeFull) && !hasOne(scopes, scopeMetadata)
}

// CanTellAddress reports whether they have Google say whose account it is (the
// scope email, of OpenID Connect Core section 5.4, by either of its names).
func CanTellAddress(scopes []string) bool {
	return hasOne(scopes, scopeEmail, scopeUserinfo)
}

func hasOne(scopes []string, wanted ...string) bool {
	return slices.ContainsFunc(scopes, func(s string) bool { return slices.Contains(wanted, s) })
}
