package redact

import (
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Address returns one address as the mode lets it be seen. A display name is
// dropped, except by Full, which returns s as it is. Where s is no address, all
// of it is hidden; an empty s stays empty.
func (m Mode) Address(s string) string {
	if s == "" || m == Full {
		return s
	}
	if m == None {
		return hidden
	}
	parsed, err := mail.ParseAddress(s)
	if err == nil {
		s = parsed.Address
	}
	at := strings.LastIndexByte(s, '@')
	if at < 0 || strings.ContainsFunc(s[at+1:], isNotDomain) {
		return hidden
	}
	if err != nil {
		// What stands before the @ may be more than a local part.
		return hidden + s[at:]
	}
	return initial(s[:at]) + hidden + s[at:]
}

// Addresses returns a new list with each address as Address returns it.
func (m Mode) Addresses(list []string) []string {
	if list == nil {
		return nil
	}
	shown := make([]string, len(list))
	for i, s := range list {
		shown[i] = m.Address(s)
	}
	return shown
}

// initial is the first character of a local part where that is a letter or a
// digit.
func initial(local string) string {
	r, n := utf8.DecodeRuneInString(local)
	if isNotAlphanumeric(r) {
		return ""
	}
	return local[:n]
}

func isNotAlphanumeric(r rune) bool {
	return r == utf8.RuneError || !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// isNotDomain is true for what stands in no domain: neither in a host name in
// any script nor in a literal such as [192.0.2.1].
func isNotDomain(r rune) bool { return !inHostName(r) && !strings.ContainsRune("[:]", r) }

func inHostName(r rune) bool {
	return r == '.' || r == '-' || r == '_' || !isNotAlphanumeric(r) || unicode.IsMark(r)
}
