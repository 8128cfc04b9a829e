package accounts_test

import (
	"strings"
	"testing"

	"github.com/postroom/postroom/mailer/accounts"
)

func TestParseAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Shop@Example.com":            shop,
		"shop+sale's@sub.example.com": "shop+sale's@sub.example.com",
		"dev@LOCALHOST":               "dev@localhost",
		"x@xn--mnchen-3ya.example":    "x@xn--mnchen-3ya.example",
		"1@2.example":                 "1@2.example",
	} {
		if got, err := accounts.ParseAddress(" " + text + "\n"); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"":                                       "is no address",
		"shop":                                   "is no address",
		"a..b@example.com":                       "is no address",
		"a@b@example.com":                        "is no address",
		"Shop <shop@example.com>":                "has more than an address",
		"<shop@example.com>":                     "has more than an address",
		"shop@example.com (Shop)":                "has more than an address",
		"shop@example.com ()":                    "has more than an address",
		"\"Shop\" <shop@example.com>":            "has more than an address",
		"\"shop\"@example.com":                   "quotes before the @",
		"\"a b\"@example.com":                    "quotes before the @",
		"\"<\"@example.com":                      "has more than an address",
		"sh\u00f6p@example.com":                  "outside ASCII before the @",
		"shop@b\u00fccher.example":               "xn-- form",
		"shop@[127.0.0.1]":                       "has no domain name",
		"shop@intranet":                          "has no domain name",
		"shop@example.com-":                      "has no domain name",
		"shop@under_score.example.com":           "has no domain name",
		strings.Repeat("a", 65) + "@example.com": "longer than an address can be",
		"a@" + strings.Repeat("example.", 31) + "example.com": "longer than an address can be",
		"a@" + strings.Repeat("e", 64) + ".example.com":       "has no domain name",
	} {
		if got, err := accounts.ParseAddress(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
}
