package templates

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

var (
	// openedPattern is what may stand before a call: an expression begins here.
	openedPattern = regexp.MustCompile(`(?:^\{\{|[|(=]|[{ \t\r\n](?:if|with|range))[ \t\r\n]*$`)
	// closedPattern is what may stand behind a value.
	closedPattern = regexp.MustCompile(`^[ \t\r\n]*(?:\}\}|[|)])`)
	fieldsPattern = regexp.MustCompile(`^(?:\.[\pL_][\pL\pN_]*)*`)
)

// builtins are the functions of text/template that functions does not have.
var builtins = []string{"and", "call", "html", "index", "js", "len", "not", "or", "print", "println", "slice", "urlquery"}

// meant is what somebody meant who wrote, at an offset of an action, a function that
// there is not: mostly a variable, or one of nearly that name.
func (p *part) meant(action string, at int, name string) string {
	behind := action[at+len(name):]
	fields := fieldsPattern.FindString(behind)
	hint := ""
	isCall := openedPattern.MatchString(action[:at]) && !closedPattern.MatchString(behind[len(fields):])
	if !isCall || fields != "" {
		hint = ": a variable has a dot, " + dotted(action, name+fields)
	}
	var like []string
	for _, one := range slices.Concat(slices.Sorted(maps.Keys(p.functions())), builtins) {
		const third = 3 // Of a name may be otherwise.
		if !strings.HasPrefix(one, "_") && !slices.Contains(like, one) && distance(name, one) <= max(len(name)/third, 1) {
			like = append(like, one)
		}
	}
	if len(like) == 0 {
		return hint
	}
	return hint + "; there is the function " + nearest(name, like)
}

// dotted is a variable as it is written, with its braces where it stands alone.
func dotted(action, name string) string {
	if strings.TrimSpace(strings.Trim(action, "{}")) == name {
		return "{{." + name + "}}"
	}
	return "." + name
}
