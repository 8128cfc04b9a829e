package directory

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

// MaxEntries is the most accounts and templates, together, that one worker may
// publish. Redis keeps twice as many, for two versions side by side.
const MaxEntries = 2000

// ErrListing says that a Listing cannot be published. It is a mistake of the
// worker's, not an outage: the same again fails again.
var ErrListing = errors.New("not fit to publish")

// Listing is all that one worker has.
type Listing struct {
	Accounts  []Account
	Templates []Template
}

// An entry's name in Redis starts with its kind. A template's ends with its
// version, so that those of two deploys stand side by side.
const (
	accountPrefix  = "account:"
	templatePrefix = "template:"
	versionMark    = "@"
)

// version is another for another value.
func version(value []byte) string {
	sum := sha256.Sum256(value)
	return hex.EncodeToString(sum[:6])
}

// entries returns the listing as publish.lua takes it: name, value, name, ...
func (l Listing) entries() ([]any, error) {
	if n := len(l.Accounts) + len(l.Templates); n > MaxEntries {
		return nil, fmt.Errorf("%w: %d accounts and templates, at most %d are allowed", ErrListing, n, MaxEntries)
	}
	var entries []any
	for i, account := range l.Accounts {
		if account.Address == "" {
			return nil, fmt.Errorf("%w: account %d has no address", ErrListing, i+1)
		}
		value, err := json.Marshal(account)
		if err != nil {
			return nil, fmt.Errorf("encode account %d: %w", i+1, err)
		}
		entries = append(entries, accountPrefix+fold(account.Address), value)
	}
	for i, template := range l.Templates {
		if template.Name == "" {
			return nil, fmt.Errorf("%w: template %d has no name", ErrListing, i+1)
		}
		value, err := json.Marshal(template)
		if err != nil {
			return nil, fmt.Errorf("encode template %q: %w", template.Name, err)
		}
		entries = append(entries, templatePrefix+template.Name+versionMark+version(value), value)
	}
	return entries, nil
}
