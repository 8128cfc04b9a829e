package actions

import (
	"fmt"
	"iter"
	"strings"
)

const (
	prefix = "q7zaction"
	digits = 6
	// TokenLength is the length of every token, in bytes.
	TokenLength = len(prefix) + digits + len("z")
	// TokenPattern is a regular expression for one.
	TokenPattern = prefix + `\d{6}z`
	// most is how many actions a table can hold.
	most = 999_999
)

func token(number int) string { return fmt.Sprintf("%s%0*dz", prefix, digits, number) }

// Tokens goes over the tokens of a masked text, each with its offset.
func Tokens(masked string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for at := 0; ; {
			next := strings.Index(masked[at:], prefix)
			if next < 0 {
				return
			}
			at += next
			if !isToken(masked[at:]) {
				at += len(prefix)
				continue
			}
			if !yield(at, masked[at:at+TokenLength]) {
				return
			}
			at += TokenLength
		}
	}
}

// isToken reports whether text, which begins with the prefix, begins with a
// whole token.
func isToken(text string) bool {
	return len(text) >= TokenLength && text[TokenLength-1] == 'z' &&
		strings.Trim(text[len(prefix):TokenLength-1], "0123456789") == ""
}
