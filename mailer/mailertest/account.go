package mailertest

import (
	"crypto/rand"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// DefaultAddress is the account that a fake has when none is named.
const DefaultAddress = "shop@example.com"

// Account is a mailbox of the fake and the credential that opens it.
type Account struct {
	// Address is the account's own address.
	Address string
	// Aliases are the other addresses that it may send as. A From that is
	// neither is replaced by Address, without a word, as Gmail does.
	Aliases []string
	// ClientID, ClientSecret and RefreshToken are what the token endpoint
	// asks for. The fake makes up those that are empty.
	ClientID, ClientSecret, RefreshToken string
	// Scopes are those that RefreshToken was granted. None means gmail.send
	// alone.
	Scopes []string
	// Limits are the account's quota. Zero means none.
	Limits Limits
}

// Limits are an account's quota. Every zero means no limit of that kind.
type Limits struct {
	// PerMinute is how many sends a minute are allowed, evenly spread. A look-up
	// uses a part of one: a twentieth to list, a fifth to get.
	PerMinute int
	// Burst is how many of them may come at once. Zero means 1.
	Burst int
	// NoRetryTime leaves the time out of the answers 429 that PerMinute
	// causes, as Gmail sometimes does.
	NoRetryTime bool
	// Concurrent is how many sends and look-ups may be under way at once.
	Concurrent int
	// Daily is how many mails, and DailyRecipients how many recipients, may
	// go out in any Window.
	Daily, DailyRecipients int
	// Window is the length of a day. Zero means 24 hours.
	Window time.Duration
}

// account is what the fake knows of an Account while it runs.
type account struct {
	counter

	inFlight atomic.Int64

	mu      sync.Mutex
	Account // Under mu: Limits change.
	rate    bucket
	day     window
}

// AddAccount makes a further account known, or replaces the one of that
// address, and returns it with its credential complete.
func (f *Fake) AddAccount(a Account) Account {
	a.Address = strings.ToLower(a.Address)
	fill(&a.ClientID, "fake-", ".apps.googleusercontent.com")
	fill(&a.ClientSecret, "GOCSPX-", "")
	fill(&a.RefreshToken, "1//", "")
	if len(a.Scopes) == 0 {
		a.Scopes = []string{scopeSend}
	}
	added := &account{Account: a}
	f.mu.Lock()
	defer f.mu.Unlock()
	if old := f.accounts[a.Address]; old != nil {
		f.dropTokens(old)
		maps.DeleteFunc(f.consents, func(_ string, c *consent) bool { return c.account == old })
	}
	f.accounts[a.Address] = added
	f.consents[a.RefreshToken] = &consent{account: added, client: a.ClientID, scopes: a.Scopes}
	f.issued = append(f.issued, a.ClientSecret, a.RefreshToken)
	return a
}

func fill(value *string, prefix, suffix string) {
	if *value == "" {
		*value = prefix + rand.Text() + suffix
	}
}

// Account returns the account of an address with its credential. It is empty
// where the fake has no such account.
func (f *Fake) Account(address string) Account {
	a := f.account(address)
	if a == nil {
		return Account{}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.Account
}

func (f *Fake) account(address string) *account {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.accounts[strings.ToLower(address)]
}

// SetLimits changes an account's quota from the next send on. What has been
// used of the day stays used.
func (f *Fake) SetLimits(address string, l Limits) {
	if a := f.account(address); a != nil {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.Limits = l
	}
}

// Revoke ends an account's credential as a person or an administrator can at
// Google: all refresh tokens answer invalid_grant and access tokens answer 401.
func (f *Fake) Revoke(address string) { f.setRevoked(address, true) }

// Restore undoes Revoke: the same refresh tokens work again.
func (f *Fake) Restore(address string) { f.setRevoked(address, false) }

func (f *Fake) setRevoked(address string, revoked bool) {
	a := f.account(address)
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.consents {
		if c.account == a {
			c.revoked = revoked
		}
	}
	f.dropTokens(a)
}

// ExpireTokens ends all access tokens of an account now; its refresh token
// still works.
func (f *Fake) ExpireTokens(address string) {
	a := f.account(address)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dropTokens(a)
}

// dropTokens forgets the access tokens of an account. It needs f.mu.
func (f *Fake) dropTokens(a *account) {
	maps.DeleteFunc(f.tokens, func(_ string, g grant) bool { return g.account == a })
}

// sendsAs reports whether mail of the account may carry this From.
func (a *account) sendsAs(address string) bool {
	return strings.EqualFold(address, a.Address) ||
		slices.ContainsFunc(a.Aliases, func(alias string) bool { return strings.EqualFold(address, alias) })
}
