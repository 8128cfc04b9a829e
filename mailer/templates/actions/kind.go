package actions

import (
	"regexp"
	"strconv"
	"strings"
)

// keywords are text/template's, which no function may be named after.
var keywords = map[string]Kind{
	"if": Open, "range": Open, "with": Open, "block": Open, "define": Open,
	"else": Else, "end": End, "template": Call, "break": Break, "continue": Continue,
}

var (
	wordPattern   = regexp.MustCompile(`^[\pL\pN_]+`)
	assignPattern = regexp.MustCompile(`^\$[\pL\pN_]*[ \t\r\n]*:?=`)
	namePattern   = regexp.MustCompile("^(?:\"(?:[^\"\\\\\n]|\\\\.)*\"|`[^`]*`)")
)

// space is what text/template takes for white space.
const space = " \t\r\n"

// classify tells kind, keyword and name by what stands between the braces.
func classify(inner string) (kind Kind, keyword, name string) {
	inner = strings.TrimLeft(inner, space)
	word := wordPattern.FindString(inner)
	kind, ok := keywords[word]
	switch {
	case ok:
		keyword = word
	case strings.HasPrefix(inner, openComment):
		kind = Comment
	case assignPattern.MatchString(inner):
		kind = Assign
	default:
		kind = Output
	}
	switch keyword {
	case "template", "block", "define":
		quoted := namePattern.FindString(strings.TrimLeft(inner[len(word):], space))
		name, _ = strconv.Unquote(quoted) // What is no string is for text/template to refuse.
	}
	return kind, keyword, name
}
