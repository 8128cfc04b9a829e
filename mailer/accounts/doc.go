// Package accounts holds the credentials of sending accounts, and gets access
// tokens for them.
//
// A [Credential] is what Google's OAuth asks for: an OAuth client and a refresh
// token, here those of the default account, from the environment
// ([FromEnvironment]). A [Source] turns it into access tokens: cached in
// memory, refreshed a little before they end, and fetched once for all
// goroutines that wait for one.
//
// Secrets are of the type [Secret], which no way of printing reveals.
package accounts
