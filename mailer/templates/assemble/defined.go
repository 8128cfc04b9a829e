package assemble

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/postroom/postroom/mailer/templates/actions"
)

// definedPattern is {{if defined "foot"}}, which asks whether a block is filled.
var definedPattern = regexp.MustCompile("^{{\\s*if\\s+(not\\s+)?defined\\s+(\"[^\"]*\"|`[^`]*`)\\s*}}$")

// decide answers an action that asks so: that is known before there is any data.
func (a *assembly) decide(action actions.Action) {
	m := definedPattern.FindStringSubmatch(action.Text)
	if action.Keyword != "if" || m == nil {
		return
	}
	name, _ := strconv.Unquote(m[2])
	known := a.bodies[name]
	is := known != nil && strings.TrimSpace(known.masked) != ""
	a.Table.Decide(action.Token, is == (m[1] == ""))
}
