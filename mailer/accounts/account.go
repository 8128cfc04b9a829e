package accounts

import (
	"strings"
	"time"
)

// Account is a sending account as the Store has it.
type Account struct {
	// Address is the account's own, in lower case.
	Address string
	// Aliases are more addresses that its mail may carry in From.
	Aliases []string
	// Default marks the account for mail that names none.
	Default bool
	// Credential opens it. It is empty where Err is set.
	Credential Credential
	// Scopes are those that its owner granted.
	Scopes []string
	// Since is when the credential was stored, and Expires when the grant ends;
	// zero where no end is known.
	Since, Expires time.Time
	// RefreshedAt is when it last gave an access token.
	RefreshedAt time.Time
	// Blocked says why the account can't send; empty while it can. Remedy is
	// what to do.
	Blocked, Remedy string
	// Version is another for each credential that was stored.
	Version int64
	// Err says why the credential can't be read.
	Err error
}

// fold is what two spellings of one address have in common.
func fold(address string) string { return strings.ToLower(address) }
