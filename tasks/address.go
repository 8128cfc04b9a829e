package tasks

import (
	"errors"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The longest local part and address (RFC 5321 section 4.5.3.1, and the
// erratum that gives 254), and the longest label of a domain (RFC 1035 section
// 2.3.4).
const (
	maxLocalPart = 64
	maxAddress   = 254
	maxLabel     = 63
)

// ParseAddress reads one RFC 5322 address, `Ada <ada@example.org>` or
// `ada@example.org`. The display name may be in any script, and so may the
// domain, which is returned in its xn-- form. The local part is ASCII and needs
// no quotes but for its dots, since nothing says that Gmail takes another. The
// error does not repeat the address.
func ParseAddress(s string) (mail.Address, error) {
	if strings.ContainsFunc(s, unicode.IsControl) {
		return mail.Address{}, errors.New("has a line break or another control character")
	}
	a, err := mail.ParseAddress(s)
	if err != nil {
		return mail.Address{}, errors.New("is not an address like ada@example.org or Ada <ada@example.org>: " + plainReason(err))
	}
	at := strings.LastIndexByte(a.Address, '@')
	local := a.Address[:at]
	domain, err := asciiDomain(a.Address[at+1:])
	if err != nil {
		return mail.Address{}, err
	}
	a.Address = local + "@" + domain
	switch {
	case strings.ContainsFunc(a.Name, unicode.IsControl) || !utf8.ValidString(a.Name):
		// An encoded word (RFC 2047) may stand for anything.
		return mail.Address{}, errors.New("has a name that stands for a line break or another control character")
	case !isASCII(local):
		return mail.Address{}, errors.New("has a character outside ASCII before the @: Gmail is not known to take it")
	case len(local) > maxLocalPart || len(a.Address) > maxAddress:
		return mail.Address{}, errors.New("is longer than an address can be (64 before the @, 254 in all)")
	case !isLocalPart(local):
		return mail.Address{}, errors.New("has a character before the @ that Gmail is not known to take")
	case !isDomain(domain):
		return mail.Address{}, errors.New("has no domain name behind the @")
	}
	return *a, nil
}

// plainReason is net/mail's, without what it quotes from the input: that comes
// behind the reason.
func plainReason(err error) string {
	reason := strings.TrimPrefix(err.Error(), "mail: ")
	if i := strings.IndexAny(reason, "\"`"); i >= 0 {
		reason = reason[:i]
	}
	return strings.TrimSuffix(strings.TrimRight(reason, " :"), ", got")
}

// isLocalPart takes RFC 5322's atext and dots, in odd places too: mailboxes
// with such dots exist.
func isLocalPart(s string) bool {
	for i := range len(s) {
		if s[i] != '.' && !isAtext(s[i]) {
			return false
		}
	}
	return s != ""
}

// isDomain takes what RFC 5321 section 4.1.2 calls a Domain.
func isDomain(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > maxLabel || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if label[i] != '-' && !isAlnum(label[i]) {
				return false
			}
		}
	}
	return true
}

// isAtext is the atext of RFC 5322 section 3.2.3.
func isAtext(c byte) bool { return isAlnum(c) || strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0 }

func isAlnum(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
