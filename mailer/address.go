package mailer

import (
	"net/mail"
	"strings"
)

const (
	// maxAddress and maxLocal are RFC 5321 section 4.5.3.1, less the two angle
	// brackets of a path; maxLabel is RFC 1035 section 2.3.4.
	maxAddress = 254
	maxLocal   = 64
	maxLabel   = 63
	// maxQuoted is the longest name written as a quoted string: a line of it
	// could not be folded everywhere.
	maxQuoted = 64
)

// addressFault says why a can't be written. It is stricter than RFC 5322 where
// Gmail is: no comments, no quoted specials, no address literals, ASCII only (an
// internationalised domain in its xn-- form). Dots in odd places of the local
// part pass, since mailboxes with them exist.
func addressFault(a Address) string {
	if why := textFault(a.Name); why != "" {
		return "the name " + why
	}
	if a.Address == "" {
		return "has no address"
	}
	local, domain, found := strings.Cut(a.Address, "@")
	if !found || len(a.Address) > maxAddress || !isLocal(local) || !isDomain(domain) {
		return "is no address of the form local@domain in ASCII"
	}
	return ""
}

func isLocal(s string) bool {
	if s == "" || len(s) > maxLocal {
		return false
	}
	for i := range len(s) {
		if s[i] != '.' && !isAtext(s[i]) {
			return false
		}
	}
	return true
}

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

func isAlnum(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// isAtext is the atext of RFC 5322 section 3.2.3.
func isAtext(c byte) bool {
	return isAlnum(c) || strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0
}

// formatAddresses gives the value of an address field.
func formatAddresses(addresses []Address) string {
	if len(addresses) == 1 {
		return formatAddress(addresses[0])
	}
	var b strings.Builder
	for i, a := range addresses {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(formatAddress(a))
	}
	return b.String()
}

func formatAddress(a Address) string {
	if isPlain(a.Name) && len(a.Name) <= maxQuoted {
		return a.String()
	}
	return encodeWords(a.Name) + " " + (&mail.Address{Address: a.Address}).String()
}
