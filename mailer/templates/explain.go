package templates

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"text/template"
	"text/template/parse"
)

// text/template says where and why it stopped in its error's text alone, and
// may quote values of the data in it. So that none slips through, only what
// these patterns know is taken over, and everything else becomes a reason of
// our own. The place always comes first:
//
//	template: FILE:LINE:COLUMN: executing "NAME" at <EXPRESSION>: REASON
var (
	placePattern   = regexp.MustCompile(`^template: [^:]*:(\d+):(\d+): executing "((?:[^"\\]|\\.)*)" at <`)
	missingPattern = regexp.MustCompile(`(?s)^(.*?)>: (?:` +
		`(map has no entry for key "|nil data; no entry for key "|nil pointer evaluating interface \{\}\.|can't evaluate field )` +
		`([\pL_][\pL\pN_]*))`)
	// parensPattern is an expression in one pair of parentheses.
	parensPattern = regexp.MustCompile(`^\(([^()]*)\)$`)
	// variablePattern is what a template has set.
	variablePattern = regexp.MustCompile(`\$[\pL_][\pL\pN_]*`)
	// pathPattern is an expression that is only a variable.
	pathPattern = regexp.MustCompile(`^(?:\$[\pL\pN_]*)?(?:\.[\pL_][\pL\pN_]*)*$`)
)

// explain turns what Execute returned into an *Error that quotes names only.
func (p *part) explain(err error) *Error {
	if errors.Is(err, errTooLarge) || errors.Is(err, errTooLong) {
		return p.fault(err.Error())
	}
	e := p.fault("cannot be rendered with this data")
	exec, ok := errors.AsType[template.ExecError](err)
	if !ok {
		return e
	}
	text := exec.Error()
	at := placePattern.FindStringSubmatchIndex(text)
	if at == nil {
		return e
	}
	e = p.faultAt(place(text[at[2]:at[3]]), place(text[at[4]:at[5]]), e.Reason)
	rest := text[at[1]:]
	if cause := errors.Unwrap(exec.Err); cause != nil {
		explainCall(e, strings.TrimSuffix(rest, cause.Error()), cause)
	} else {
		explainMissing(e, rest)
		p.explainUndeclared(e, text[at[6]:at[7]])
	}
	return e
}

// explainCall is for a function that returned an error. rest is the expression
// and the function's name, without the error itself.
func explainCall(e *Error, rest string, cause error) {
	expression, function, _ := strings.Cut(strings.TrimSuffix(rest, ": "), ">: error calling ")
	var r *refusal
	switch {
	case !errors.As(cause, &r):
		e.Reason = function + ": " + builtinReason(cause.Error())
	case r.variable != "":
		e.blame(r.variable, r.reason)
	case r.argument > 0:
		e.blameArgument(expression, function, r)
	case guards[function]:
		e.blame(strings.TrimPrefix(expression, function+" "), r.reason)
	default:
		e.Reason = function + ": " + r.reason
	}
}

// blameArgument blames an argument of a call by what the template has there.
func (e *Error) blameArgument(expression, function string, r *refusal) {
	e.Reason = fmt.Sprintf("%s: its argument %d %s", function, r.argument, r.reason)
	source := "{{" + expression + "}}"
	for _, variable := range variablePattern.FindAllString(expression, -1) {
		source = "{{" + variable + " := 0}}" + source
	}
	tree := parse.New(templateName)
	tree.Mode = parse.SkipFuncCheck
	tree, err := tree.Parse(source, "", "", map[string]*parse.Tree{})
	if err != nil || len(tree.Root.Nodes) == 0 {
		return
	}
	action, ok := tree.Root.Nodes[len(tree.Root.Nodes)-1].(*parse.ActionNode)
	if ok && len(action.Pipe.Cmds[0].Args) > r.argument {
		e.blame(action.Pipe.Cmds[0].Args[r.argument].String(), r.reason)
	}
}

// builtinReason says in our words why index, slice or len failed: theirs may
// quote the value that they were given.
func builtinReason(text string) string {
	switch {
	case strings.Contains(text, "out of range"):
		return "out of range"
	case strings.Contains(text, "nil"):
		return "a value is null"
	default:
		return "cannot take these values"
	}
}

// explainMissing is for a variable that is not there. rest is the expression
// and the reason.
func explainMissing(e *Error, rest string) {
	m := missingPattern.FindStringSubmatch(rest)
	if m == nil {
		return
	}
	expression, kind, key := m[1], m[2], m[3]
	// The last element of that name: if an earlier one is what is missing,
	// then so is this one.
	i := strings.LastIndex(expression+".", "."+key+".")
	if i < 0 {
		e.blame("."+key, isMissing)
		return
	}
	parent := expression[:i]
	switch {
	case strings.HasPrefix(kind, "nil") && parent != "" && parent != "$":
		e.blame(parent, "is null")
	case strings.HasPrefix(kind, "can't"):
		e.blame(parent+"."+key, "is missing: what should hold it is no object")
	default:
		e.blame(parent+"."+key, isMissing)
	}
}

// blame sets variable and reason. An expression that is more than a variable
// goes into the reason.
func (e *Error) blame(expression, reason string) {
	expression = unguarded(expression)
	if !pathPattern.MatchString(expression) || expression == "$" {
		e.Reason = "{{" + expression + "}} " + reason
		return
	}
	e.Variable, e.Reason = strings.TrimPrefix(strings.TrimPrefix(expression, "$."), "."), reason
}

// unguarded is an expression as its author wrote it, without our guards.
func unguarded(expression string) string {
	for guard := range guards {
		expression = strings.ReplaceAll(expression, guard+" ", "")
	}
	if m := parensPattern.FindStringSubmatch(expression); m != nil {
		return m[1]
	}
	return expression
}
