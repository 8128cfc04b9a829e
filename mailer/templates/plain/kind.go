package plain

import "strings"

// Kind is what the action behind a token does, as far as its place matters.
type Kind int

// The kinds of actions.
const (
	// Output prints: {{.name}}, {{template "button" .}}.
	Output Kind = iota
	// Open begins what an End ends: if, range, with, define, block.
	Open
	// Else is a branch between the two: else, else if, else with.
	Else
	// End ends it.
	End
	// Quiet prints nothing and stands alone: {{$x := .y}}, break, a comment.
	// It stays where it is, also where nothing is shown.
	Quiet
)

const (
	tokenStart  = "q7zaction"
	tokenLength = len(tokenStart) + len("000000z")
)

// cutToken splits s around its first token. Where there is none, before is all
// of s and token is empty.
func cutToken(s string) (before, token, after string) {
	for from := 0; ; {
		i := strings.Index(s[from:], tokenStart)
		if i < 0 {
			return s, "", ""
		}
		i += from
		if isToken(s[i:]) {
			return s[:i], s[i : i+tokenLength], s[i+tokenLength:]
		}
		from = i + 1
	}
}

// isToken reports whether s, which begins as a token does, goes on as one.
func isToken(s string) bool {
	if len(s) < tokenLength || s[tokenLength-1] != 'z' {
		return false
	}
	for _, c := range []byte(s[len(tokenStart) : tokenLength-1]) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// withoutTokens is s with its tokens cut out.
func withoutTokens(s string) string {
	before, token, after := cutToken(s)
	if token == "" {
		return s
	}
	return before + withoutTokens(after)
}
