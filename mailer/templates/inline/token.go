package inline

import (
	"regexp"
	"strings"
)

// tokenStart is how a token begins. No source has it by itself.
const tokenStart = "q7zaction"

var tokenPattern = regexp.MustCompile(tokenStart + `\d{6}z`)

func hasToken(text string) bool { return strings.Contains(text, tokenStart) }

// without removes the tokens.
func without(text string) string {
	if !hasToken(text) {
		return text
	}
	return tokenPattern.ReplaceAllString(text, "")
}

// settled is a value without what stands between its first token and its last:
// that may be under a condition.
func settled(value string) string {
	if !hasToken(value) {
		return value
	}
	tokens := tokenPattern.FindAllStringIndex(value, -1)
	if len(tokens) < 2 {
		return value
	}
	return value[:tokens[0][1]] + value[tokens[len(tokens)-1][0]:]
}
