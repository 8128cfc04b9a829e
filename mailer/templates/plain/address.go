package plain

import (
	"strings"
	"unicode"
)

// readable makes an address that a reader can use, or nothing where a reader
// can't: of an anchor, or a script.
func readable(raw string) string {
	address := escape(strings.TrimSpace(raw))
	scheme, rest, ok := strings.Cut(address, ":")
	if !ok {
		scheme = ""
	}
	switch scheme = strings.ToLower(scheme); {
	case address == "", address[0] == '#', scheme == "javascript", scheme == "vbscript", scheme == "data":
		return ""
	case scheme == "mailto":
		rest, _, _ = strings.Cut(rest, "?")
		return strings.ReplaceAll(rest, "%40", "@")
	case scheme == "tel", scheme == "sms":
		return rest
	}
	return address
}

// escape leaves no character in an address that would end it in a text, and
// escapes the values that are marked for it.
func escape(raw string) string {
	if strings.IndexFunc(raw, func(r rune) bool { return r <= ' ' || r == '<' || r == '>' || r == '"' || r >= 0x7f }) < 0 {
		return raw
	}
	var b strings.Builder
	all := false
	for _, r := range raw {
		switch {
		case r == value:
			all = true
		case r == valueIn:
			all = false
		case unicode.IsControl(r):
		case r == '<', r == '>', r == '"', unicode.IsSpace(r), all && !unreserved(r):
			percent(&b, string(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// unreserved are the characters that mean nothing in an address (RFC 3986,
// section 2.3).
func unreserved(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-._~", r)
}

func percent(b *strings.Builder, s string) {
	const digits = "0123456789ABCDEF"
	for _, c := range []byte(s) {
		b.WriteByte('%')
		b.WriteByte(digits[c>>4])
		b.WriteByte(digits[c&15])
	}
}

// sameAddress reports whether a link's text says its address.
func sameAddress(label, address string) bool {
	if strings.EqualFold(bare(label), bare(address)) {
		return true
	}
	if strings.ContainsFunc(address, unicode.IsLetter) || strings.ContainsFunc(label, unicode.IsLetter) {
		return false
	}
	digits := strings.Map(digit, address) // A telephone's, which people write with spaces.
	return len(digits) >= 3 && digits == strings.Map(digit, label)
}

// bare is an address without what people leave out when they write one.
func bare(address string) string {
	address = strings.TrimSpace(address)
	for _, scheme := range []string{"https://", "http://", "mailto:"} {
		if len(address) > len(scheme) && strings.EqualFold(address[:len(scheme)], scheme) {
			address = address[len(scheme):]
			break
		}
	}
	return strings.TrimSuffix(strings.TrimPrefix(address, "www."), "/")
}
