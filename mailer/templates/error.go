package templates

import (
	"fmt"
	"strings"
)

// Error says what is wrong with a template, or with the data for it. No value
// of the data is in it, so that it may be logged, kept and shown.
type Error struct {
	// Template is the template's name; empty where a file gives none.
	Template string
	// File is the file with its directory, and Line the line in it, from 1.
	// Where no file is to blame they are empty and 0.
	File string
	Line int
	// Caller is the file and line, as "welcome.md:14", that called the partial in
	// which this is, and behind ", from " who called that one; empty where it is in
	// none, or wrong whoever calls it.
	Caller string
	// Variable is the variable as the template writes it, without the dot:
	// "name", "user.name" or "$item.title". It may be empty.
	Variable string
	// Reason says what is wrong with the variable, or else with the file.
	Reason string
	// Err is the cause, for errors.Is: mailer.ErrNoTemplate, or why a file
	// could not be read; or all that is wrong with data that is not as declared,
	// which has DataFaults. It is nil for everything else.
	Err error
}

// Error returns the place, the variable and the reason in one line, such as
// `templates/welcome.html:3: variable "name" is missing`, and the caller if there
// is one.
func (e *Error) Error() string {
	var b strings.Builder
	switch {
	case e.File == "":
		fmt.Fprintf(&b, "template %q: ", e.Template)
	case e.Line == 0:
		b.WriteString(e.File + ": ")
	default:
		fmt.Fprintf(&b, "%s:%d: ", e.File, e.Line)
	}
	if e.Variable != "" {
		fmt.Fprintf(&b, "variable %q ", e.Variable)
	}
	b.WriteString(e.Reason)
	if e.Caller != "" {
		b.WriteString(" (called from " + e.Caller + ")")
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// refusal is how a function that a template calls says no. Its place is found
// by explain.
type refusal struct {
	// variable is the one to blame; empty where it is the function's argument.
	variable string
	// argument is the one to blame, from 1; 0 for none of them.
	argument int
	reason   string
}

func (r *refusal) Error() string { return r.reason }

// refuseArgument blames one of the arguments, from 1.
func refuseArgument(argument int, format string, args ...any) error {
	return &refusal{argument: argument, reason: fmt.Sprintf(format, args...)}
}

func refuse(format string, args ...any) error {
	return &refusal{reason: fmt.Sprintf(format, args...)}
}
