package actions

import (
	"strconv"
	"strings"
)

// Block gives the two actions that stand around what a Call prints, where that is
// put in the call's place: {{template "button" .}} becomes {{block "NAME" .}} and
// {{end}}. A call without an argument passes that of nothing, a function that
// gives nil.
func (t *Table) Block(call Action, name, nothing string) (open, end string, err error) {
	inner := strings.TrimSuffix(strings.TrimPrefix(call.Text, left), right)
	argument := afterName(inner, "template")
	if strings.Trim(argument, space) == "" {
		argument = " " + nothing
	}
	begin := Action{
		Text: left + "block " + strconv.Quote(name) + argument + right, File: call.File, Line: call.Line,
		Kind: Open, Keyword: "block", Name: name,
	}
	if !t.add(&begin) {
		return "", "", tooMany(call)
	}
	t.actions[len(t.actions)-1].Region = begin.Token
	last := Action{Text: "{{end}}", File: call.File, Line: call.Line, Kind: End, Keyword: "end", Region: begin.Token}
	if !t.add(&last) {
		return "", "", tooMany(call)
	}
	return begin.Token, last.Token, nil
}

// Rename gives a block another name: two of one name can't stand in a template.
func (t *Table) Rename(token, name string) {
	i, ok := t.index(token)
	if !ok || t.actions[i].Keyword != "block" {
		return
	}
	a := &t.actions[i]
	inner := strings.TrimSuffix(strings.TrimPrefix(a.Text, left), right)
	a.Text, a.Name = left+"block "+strconv.Quote(name)+afterName(inner, "block")+right, name
}

// Decide makes an if one that is always true, or never.
func (t *Table) Decide(token string, is bool) {
	if i, ok := t.index(token); ok && t.actions[i].Keyword == "if" {
		t.actions[i].Text = left + "if " + strconv.FormatBool(is) + right
	}
}

// afterName is what follows keyword and name.
func afterName(inner, keyword string) string {
	inner = strings.TrimLeft(strings.TrimPrefix(strings.TrimLeft(inner, space), keyword), space)
	return strings.TrimPrefix(inner, namePattern.FindString(inner))
}

// Print gives an action that prints an expression of the loader's own.
func (t *Table) Print(expression string) (token string, err error) {
	a := Action{Text: left + expression + right}
	if !t.add(&a) {
		return "", tooMany(a)
	}
	return a.Token, nil
}
