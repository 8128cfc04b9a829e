package templates

import (
	"regexp"
	"slices"
	"strings"
	"text/template/parse"

	"github.com/postroom/postroom/mailer/templates/actions"
)

// text/template's parser names a line and no column. The first line of a body is
// in the middle of one of its layout's, so that the line alone is not enough.

var (
	unknownFunction = regexp.MustCompile(`^function "([^"]+)" not defined$`)
	unknownVariable = regexp.MustCompile(`^undefined variable "(\$[^"]*)"$`)
	// setPattern is what an action sets, behind what parts it from the next.
	setPattern = regexp.MustCompile(`(\$[\pL\pN_]+)[ \t\r\n]*(?:,[ \t\r\n]*\$[\pL\pN_]+[ \t\r\n]*)?:=`)
	// quotedPattern is what stands in quotes.
	quotedPattern = regexp.MustCompile("\"(?:[^\"\\\\\n]|\\\\.)*\"|'(?:[^'\\\\\n]|\\\\.)*'|`[^`]*`")
)

// parseFaultAt is what the parser said of a line, by the action that it said it of.
func (p *part) parseFaultAt(line, column int, reason string) *Error {
	function, variable := unknownFunction.FindStringSubmatch(reason), unknownVariable.FindStringSubmatch(reason)
	for a := range p.restored.In(line) {
		at := -1
		switch {
		case a.Kind == actions.Comment || a.File == "":
		case len(function) > 0:
			at = find(a.Text, function[1])
		case len(variable) > 0 && !slices.Contains(sets(a.Text), variable[1]):
			at = find(a.Text, variable[1])
		case len(variable) == 0 && (isBroken(a) || isAstray(a, reason)):
			at = 0
		}
		if at < 0 {
			continue
		}
		if len(function) > 0 {
			reason += p.meant(a.Text, at, function[1])
		}
		e := p.fault(reason)
		e.File, e.Line = a.File, a.Line+strings.Count(a.Text[:at], "\n")
		return e
	}
	e := p.faultAt(line, column, reason)
	e.Caller = "" // It is wrong whoever calls it.
	return e
}

// find is where a name stands in an action: not in quotes, and not as a part of
// another; -1 for nowhere.
func find(action, name string) int {
	if !strings.Contains(action, name) {
		return -1 // As most of a long line.
	}
	bare := quotedPattern.ReplaceAllStringFunc(action, func(quoted string) string { return strings.Repeat(" ", len(quoted)) })
	pattern := regexp.MustCompile(`(?:^|[^\pL\pN_.$])(` + regexp.QuoteMeta(name) + `)(?:[^\pL\pN_]|$)`)
	if m := pattern.FindStringSubmatchIndex(bare); m != nil {
		return m[2]
	}
	return -1
}

// sets are the variables that an action sets.
func sets(action string) []string {
	return variablePattern.FindAllString(strings.Join(setPattern.FindAllString(action, -1), " "), -1)
}

// isBroken reports whether an action alone is refused, too.
func isBroken(a actions.Action) bool {
	before, after := "", ""
	switch a.Kind {
	case actions.Open:
		after = "{{end}}"
	case actions.Else:
		before, after = "{{if true}}", "{{end}}"
	case actions.End:
		before = "{{if true}}"
	case actions.Break, actions.Continue:
		before, after = "{{range .}}", "{{end}}"
	default:
	}
	for _, variable := range variablePattern.FindAllString(a.Text, -1) {
		before = "{{" + variable + " := 0}}" + before
	}
	tree := parse.New(templateName)
	tree.Mode = parse.SkipFuncCheck
	_, err := tree.Parse(before+a.Text+after, "", "", map[string]*parse.Tree{})
	return err != nil
}

// isAstray reports whether an action is one that has to stand within a range.
func isAstray(a actions.Action, reason string) bool {
	return (a.Kind == actions.Break || a.Kind == actions.Continue) && strings.HasPrefix(reason, "{{"+a.Keyword+"}} outside ")
}
