package delivery

import (
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/tasks/redact"
)

// Account is one that mail goes out from.
type Account struct {
	// Address is the account's. It may be empty for a backend that needs none,
	// and the mail that was queued for no account is sent.
	Address string
	// Aliases are more addresses that its mail may carry in From. AnyFrom lets
	// it carry every one, for a backend that hands mail to nobody.
	Aliases []string
	AnyFrom bool
	// From is the author of mail that names none.
	From mailer.Address
	// Default takes the mail that was queued for no account.
	Default bool
	// Sender is how it leaves.
	Sender mailer.Sender
	// Finder looks unknown mail up in the account's Sent mail; nil where nobody may.
	Finder mailer.Finder
	// Revision is another number for another credential: what was learnt with
	// the one before holds no more.
	Revision int64
	// Blocked says why it can't send, as it is known already, and Remedy what
	// to do. Empty while nothing is known against it.
	Blocked, Remedy string
}

// owns reports whether the account's mail may be from an address: Gmail
// replaces any other silently.
func (a *Account) owns(from mail.Address) bool {
	return a.AnyFrom || a.Address == "" || strings.EqualFold(a.Address, from.Address) ||
		slices.ContainsFunc(a.Aliases, func(alias string) bool { return strings.EqualFold(alias, from.Address) })
}

func validateAccounts(all []Account, show redact.Mode) error {
	defaults := 0
	seen := map[string]bool{}
	for _, a := range all {
		key := strings.ToLower(a.Address)
		switch {
		case a.Sender == nil:
			return errors.New("delivery: an account has no Sender")
		case a.Address == "" && !a.Default:
			return errors.New("delivery: an account without an address must be the default")
		case seen[key]:
			return fmt.Errorf("delivery: account %s is there twice", show.Address(a.Address))
		case a.Default:
			defaults++
		}
		seen[key] = true
	}
	if defaults > 1 {
		return fmt.Errorf("delivery: %d of %d accounts are the default; it must be one at most", defaults, len(all))
	}
	return nil
}
