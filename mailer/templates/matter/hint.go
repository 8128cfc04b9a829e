package matter

import (
	"regexp"
	"strings"
)

var (
	// linePattern is a line of YAML: its indentation, a name and a value.
	linePattern = regexp.MustCompile(`^([ \t]*)(?:- +)?([\pL\pN_?-]+)[ \t]*:(?:[ \t]+(.*))?$`)
	// mapPattern is how an object on one line begins.
	mapPattern = regexp.MustCompile(`^\{[ \t]*[\pL\pN_?-]+[ \t]*:`)
	// quotedPattern is a text in quotes, and maybe a remark.
	quotedPattern = regexp.MustCompile(`^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')[ \t]*(?:#.*)?$`)
	// gluedPattern is a line without the space that YAML wants behind a colon.
	gluedPattern = regexp.MustCompile(`^[ \t]*[\pL\pN_?-]+:[^ \t/]`)
)

// signs are those that mean something to YAML at the front of a text.
const signs = "[]{}\"'`@%&*!|>?-,#"

// hint is a word on what to do about a line that is no YAML, by what people meet
// first; empty where it could be anything.
func hint(front string, number int) string {
	lines := strings.Split(front, "\n")
	if number < 1 || number > len(lines) {
		return ""
	}
	line := strings.TrimRight(lines[number-1], " \t\r")
	indent := indentOf(line)
	m := linePattern.FindStringSubmatch(line)
	value := ""
	if len(m) > 0 {
		value = m[len(m)-1]
	}
	switch {
	case strings.Contains(indent, "\t"):
		return "; a tab stands at its front: indent with spaces"
	case len(m) == 0 && gluedPattern.MatchString(line):
		return "; a space stands behind the colon, as in subject: Hello"
	case strings.HasPrefix(value, "{{"):
		return `; a value that begins with {{ stands in quotes: subject: "{{.name}}, hello"`
	case isSpecial(value):
		return quoting(value)
	case len(m) > 0 && isAskew(lines, number-1):
		return "; look at its indentation: names beside one another begin in the same column, and only what belongs to a name stands deeper"
	default:
		return ""
	}
}

func indentOf(line string) string { return line[:len(line)-len(strings.TrimLeft(line, " \t"))] }

// isSpecial reports whether YAML would take a text without quotes for something else.
func isSpecial(text string) bool {
	return text != "" && !quotedPattern.MatchString(text) && !mapPattern.MatchString(text) &&
		(strings.ContainsRune(signs, rune(text[0])) || strings.Contains(text, ": ") || strings.HasSuffix(text, ":"))
}

// quoting is a hint which quotes a text needs.
func quoting(text string) string {
	if strings.ContainsRune(text, '"') {
		return `; put the text in quotes, all of it, and in single ones since it has double ones: subject: 'Say "hello", {{.name}}'`
	}
	return `; put the text in quotes, all of it: subject: "Order: {{.number}}"`
}

// isAskew reports whether a line, or the one behind it, begins elsewhere than the one
// before.
func isAskew(lines []string, at int) bool {
	own := indentOf(lines[at])
	for _, i := range []int{at - 1, at + 1} {
		if i >= 0 && i < len(lines) && linePattern.MatchString(strings.TrimRight(lines[i], " \t\r")) && indentOf(lines[i]) != own {
			return true
		}
	}
	return false
}
