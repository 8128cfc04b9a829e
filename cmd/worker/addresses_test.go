package main_test

import (
	"strings"
	"testing"

	"github.com/postroom/postroom/mailer/accounts"
	"github.com/postroom/postroom/tasks"
)

// TestAccountsAndMailsHaveTheSameAddresses holds that no account has an address
// that no mail can name. A mail may name more: to a name and quotes an account
// has no right, a host without a dot is no account's, and its domain is in the
// xn-- form.
func TestAccountsAndMailsHaveTheSameAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]struct{ account, mail bool }{
		"shop@example.com":                            {true, true},
		"Shop+Sale@sub.Example.com":                   {true, true},
		"o'neil_{x}/y@example.com":                    {true, true},
		"dev@localhost":                               {true, true},
		"x@xn--mnchen-3ya.example":                    {true, true},
		"shop@intranet":                               {false, true},
		"\"shop\"@example.com":                        {false, true},
		"Shop <shop@example.com>":                     {false, true},
		"\"a b\"@example.com":                         {},
		"sh\u00f6p@example.com":                       {},
		"shop@b\u00fccher.example":                    {false, true},
		"shop@[127.0.0.1]":                            {},
		"shop@[IPv6:::1]":                             {},
		"shop@-example.com":                           {},
		"shop@example..com":                           {},
		"shop@example.com.":                           {},
		"shop@under_score.example":                    {},
		"shop":                                        {},
		"a..b@example.com":                            {},
		strings.Repeat("a", 64) + "@example.com":      {true, true},
		strings.Repeat("a", 65) + "@example.com":      {},
		"a@" + strings.Repeat("e", 63) + ".example":   {true, true},
		"a@" + strings.Repeat("e", 64) + ".example":   {},
		"a@" + strings.Repeat("example.", 32) + "com": {},
	} {
		_, asAccount := accounts.ParseAddress(address)
		_, asMail := tasks.ParseAddress(address)
		if (asAccount == nil) != want.account || (asMail == nil) != want.mail {
			t.Errorf("%q: as an account's %v, as a mail's %v; want %+v", address, asAccount, asMail, want)
		}
	}
}
