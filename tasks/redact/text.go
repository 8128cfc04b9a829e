package redact

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text returns s with everything in it that could be an address as the mode
// lets it be seen; what is around stays. An address in a URL counts too, with
// its @ written as %40. It hides rather too much than too little: in
// "user=ada@example.org" the local part is "user=ada", since = may stand in one
// (RFC 5322 section 3.2.3).
func (m Mode) Text(s string) string {
	if m == Full {
		return s
	}
	var b strings.Builder
	written := 0
	for i := 0; i < len(s); {
		end := i + runLength(s[i:])
		if end == i {
			_, n := utf8.DecodeRuneInString(s[i:])
			i += n
			continue
		}
		begin := quotedStart(s, written, i)
		at, n := lastAt(s[begin:end])
		if at > 0 {
			at += begin
			domainEnd := at + n + domainLength(s[at+n:end])
			b.WriteString(s[written:begin])
			b.WriteString(m.found(s[begin:at], s[at:domainEnd]))
			written = domainEnd
		}
		i = end
	}
	if written == 0 {
		return s
	}
	b.WriteString(s[written:])
	return b.String()
}

// found returns what is shown of an address in a text. Punctuation before its
// first letter, such as a quotation mark, is the text's.
func (m Mode) found(local, domain string) string {
	first := strings.IndexFunc(local, func(r rune) bool { return !isNotAlphanumeric(r) })
	if first < 0 || strings.Contains(strings.TrimLeft(local[:first], "@"), "@") {
		first = 0 // A sign that stands before another @ is an address's own.
	}
	if m == None {
		return local[:first] + hidden
	}
	return local[:first] + initial(local[first:]) + hidden + domain
}

// runLength is the length of what s begins with that may stand in an address
// without quotes, its @ included.
func runLength(s string) int {
	n := strings.IndexFunc(s, func(r rune) bool { return r != '@' && !isAtext(r) })
	if n < 0 {
		return len(s)
	}
	return n
}

// isAtext is RFC 5322's atext with the dot and, as RFC 6531 has it, all that is
// not ASCII.
func isAtext(r rune) bool {
	switch {
	case r >= utf8.RuneSelf:
		return !unicode.IsSpace(r)
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
		return true
	default:
		return strings.ContainsRune("!#$%&'*+-/=?^_`{|}~.", r)
	}
}

// maxQuoted is how far back a quoted string is looked for, in bytes: 16 times
// what a local part may have (RFC 5321 section 4.5.3.1.1), and no more, so that
// no text takes time by the square of its length.
const maxQuoted = 1024

// quotedStart returns where an address begins whose run begins at i: further
// left where a quoted string, "ada lovelace"@example.org, stands before its @.
// It does not go behind limit.
func quotedStart(s string, limit, i int) int {
	if i == limit || s[i-1] != '"' || s[i] != '@' && s[i] != '.' {
		return i
	}
	limit = max(limit, i-maxQuoted)
	for open := i - 2; open >= limit; open-- {
		if s[open] == '"' && !escaped(s[limit:open]) {
			return open
		}
	}
	return i
}

// escaped reports whether the character behind s is taken literally (RFC 5322
// section 3.2.4): an odd number of backslashes stands before it.
func escaped(s string) bool {
	return (len(s)-len(strings.TrimRight(s, `\`)))%2 == 1
}

// lastAt returns where the last @ of s is and how long it is; -1 where there is
// none.
func lastAt(s string) (at, length int) {
	plain, inURL := strings.LastIndexByte(s, '@'), strings.LastIndex(s, "%40")
	if inURL > plain {
		return inURL, len("%40")
	}
	return plain, len("@")
}

// domainLength is the length of the domain that s begins with. A dot or dash at
// its end belongs to the text around.
func domainLength(s string) int {
	n := strings.IndexFunc(s, func(r rune) bool { return !inHostName(r) })
	if n < 0 {
		n = len(s)
	}
	return len(strings.TrimRight(s[:n], ".-_"))
}
