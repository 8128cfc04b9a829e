package gmail

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText is how many bytes of what Gmail said are shown.
const maxText = 300

var (
	// mailbox is an address in a text. Its domain helps whoever reads the log,
	// its local part is nobody's business.
	mailbox = regexp.MustCompile(`(?:"[^"]*"|[^\s<>"'(),:;@\[\]]+)@([^\s<>"'(),:;@\[\]]*)`)
	// credential is what Google's tokens and secrets look like.
	credential = regexp.MustCompile(`(?i:bearer\s+|ya29\.|GOCSPX-)\S+|\b1(?://|(?i:%2F%2F))\S+`)
)

// shorten makes a text from outside fit to be shown: on one line, short, and
// without addresses and tokens.
func shorten(s string) string {
	// Long before the limit, so that masking finds what it would have cut.
	s = cut(s, 4*maxText)
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "�"), func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r)
	}), " ")
	s = credential.ReplaceAllString(s, "[secret]")
	s = mailbox.ReplaceAllString(s, "***@$1")
	if len(s) > maxText {
		s = cut(s, maxText-len("…")) + "…"
	}
	return s
}

// cut ends a text after at most n bytes, between runes.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
