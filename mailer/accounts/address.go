package accounts

import (
	"errors"
	"net/mail"
	"strings"
	"unicode/utf8"
)

// The longest local part and address (RFC 5321 section 4.5.3.1, and the erratum
// that gives 254), and the longest label of a domain (RFC 1035 section 2.3.4).
const (
	maxLocalPart = 64
	maxAddress   = 254
	maxLabel     = 63
)

// ParseAddress reads an account's address, alone, and returns it in lower case.
// It takes none that a mail could not be sent from: the address is ASCII,
// without quotes, at a domain name with a dot, or at localhost.
func ParseAddress(text string) (string, error) {
	text = strings.TrimSpace(text)
	a, err := mail.ParseAddress(text)
	if err != nil {
		return "", errors.New("is no address: must be one such as shop@example.com")
	}
	at := strings.LastIndexByte(a.Address, '@')
	local, domain := a.Address[:at], a.Address[at+1:]
	switch {
	case strings.HasPrefix(text, `"`) && a.Name == "" && !strings.Contains(text, "<"):
		return "", errors.New("has quotes before the @: Gmail is not known to take them")
	case a.Address != text:
		return "", errors.New("has more than an address: must be one alone, such as shop@example.com")
	case !isASCII(local):
		return "", errors.New("has a character outside ASCII before the @: Gmail is not known to take it")
	case !isASCII(domain):
		return "", errors.New("has a domain outside ASCII: write its xn-- form")
	case len(local) > maxLocalPart || len(text) > maxAddress:
		return "", errors.New("is longer than an address can be (64 before the @, 254 in all)")
	case !isDomain(domain):
		return "", errors.New("has no domain name behind the @: must be one such as example.com")
	}
	return fold(text), nil
}

// isDomain takes a domain name of letters, digits and hyphens (RFC 5321 section
// 4.1.2) that is more than a host on somebody's own network.
func isDomain(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > maxLabel || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.ContainsFunc(label, func(r rune) bool { return r != '-' && !isAlnum(r) }) {
			return false
		}
	}
	return strings.Contains(s, ".") || fold(s) == "localhost"
}

func isAlnum(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}
