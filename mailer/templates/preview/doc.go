// Package preview shows what a template would send, without sending it: the
// composed message, and warnings of what readers would not see as it was meant.
//
// # Warnings
//
// A warning is one line, and its wording holds. A mail with warnings can be sent:
// they are about mail programs, and much of what they say was found out by
// people who tried, since Gmail documents little of it. Each limit and list
// names its source where it stands (gmail.go, limits.go), and docs/templates.md
// has them for users.
//
// What Gmail leaves out without harm is no warning: dark mode, :hover, and rules
// for other mail programs.
package preview
