package actions

import (
	"fmt"
	"regexp"
	"strings"
)

// singlePattern is an action whose author took one brace for two. It is no CSS, no
// script and no JSON: in none of them a brace ends behind a name with a dot before it.
// Behind a backslash, in Markdown, it is text.
var singlePattern = regexp.MustCompile(`(?:^|[^\\])(\{[ \t]*((?:\.[\pL_][\pL\pN_]*)+)[ \t]*\})`)

// single finds text that would reach the mail as it is: Hello {.name}.
func single(file string, pieces []piece) *Error {
	for _, p := range pieces {
		m := singlePattern.FindStringSubmatchIndex(p.text)
		if m == nil {
			continue
		}
		line := p.line + strings.Count(p.text[:m[2]], "\n")
		if p.action { // Whose line it is.
			line -= strings.Count(p.text, "\n")
		}
		braces, name := p.text[m[2]:m[3]], p.text[m[4]:m[5]]
		return &Error{file, line, fmt.Sprintf(`%s has one brace in the place of two: write {{%s}}, or {{%q}} for the text itself`, braces, name, braces)}
	}
	return nil
}
