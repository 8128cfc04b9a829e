package actions

import "fmt"

// Error says what is wrong with a source, and where.
type Error struct {
	File   string
	Line   int
	Reason string
}

// Error returns place and reason in one line.
func (e *Error) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason) }

// Fault is an error at the place of an action.
func (a Action) Fault(format string, args ...any) *Error {
	return &Error{File: a.File, Line: a.Line, Reason: fmt.Sprintf(format, args...)}
}

// Short is the action's text for an error: on one line, and not endless.
func (a Action) Short() string {
	const most = 60
	text := oneLine(a.Text)
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…}}"
	}
	return text
}
