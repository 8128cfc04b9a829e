// Package accounts holds the credentials of sending accounts, and gets access
// tokens for them.
//
// A [Credential] is what Google's OAuth asks for: an OAuth client and a refresh
// token, or a service account's key. [ParseImport] reads the files in which
// people have them already. That of the default account may come from the environment
// ([FromEnvironment]); a [Store] keeps any number in Redis for all workers, each
// encrypted and bound to its address ([Keys]).
//
// A [Consent] gets a credential from the account's owner, by the authorization
// code flow with PKCE: in a browser on this machine ([AskInBrowser]), or on
// another one, from whose address bar the answer is pasted ([Consent.Answer]).
//
// A [Source] turns a credential into access tokens: cached in memory, refreshed a
// little before they end, and fetched once for all goroutines that wait for one.
// A stored credential is refreshed by one process at a time ([Store.Keeper]), so
// that a token endpoint may give another refresh token with each answer.
//
// Secrets are of the type [Secret], which no way of printing reveals.
package accounts
