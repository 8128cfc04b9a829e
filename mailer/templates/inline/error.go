package inline

import (
	"fmt"
	"strings"
)

// Error says what is wrong with a document, and in which line of it.
type Error struct {
	// Line counts from 1. It is 0 where the document as a whole is to blame.
	Line int
	// Reason is one sentence without its full stop.
	Reason string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Reason
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Reason)
}

// at blames the line in which the byte at offset stands.
func at(source string, offset int, format string, args ...any) *Error {
	return &Error{Line: 1 + strings.Count(source[:min(offset, len(source))], "\n"), Reason: fmt.Sprintf(format, args...)}
}

// short is a piece of the source as an error quotes it: in one line, and not
// too long.
func short(text string) string {
	const most = 60
	text = strings.ToValidUTF8(strings.Join(strings.Fields(text), " "), "\uFFFD")
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
