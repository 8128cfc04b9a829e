package assemble

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/postroom/postroom/mailer/templates/actions"
)

// checkUsed refuses what was written and is nowhere in the document: the page in a
// layout that does not call it, and what the page defines for nobody.
func (a *assembly) checkUsed(layout string, ofPage map[string]*body) error {
	byLine := func(x, y *body) int { return cmp.Compare(x.define.Line, y.define.Line) }
	for _, one := range slices.SortedFunc(maps.Values(ofPage), byLine) {
		if !one.used {
			return a.unused(one.define)
		}
	}
	content := a.bodies[Content]
	// A page may have nothing but definitions, for a layout with nothing but blocks.
	if a.Layout == "" || content.used || strings.TrimSpace(content.masked) == "" {
		return nil
	}
	for _, token := range actions.Tokens(layout) {
		if action, _ := a.Table.Action(token); contentPattern.MatchString(action.Text) {
			return action.Fault(`%s is no variable: the template's body comes with {{template "content" .}}`, action.Short())
		}
	}
	return &actions.Error{File: a.LayoutFile, Reason: `leaves the template's body out: ` +
		`write {{template "content" .}} where that belongs`}
}

// contentPattern is what other languages of templates have for the call.
var contentPattern = regexp.MustCompile(`^{{\s*\.?(?:[Cc]ontent|[Bb]ody)\s*}}$`)

func (a *assembly) unused(define actions.Action) error {
	switch {
	case a.Layout == "":
		return define.Fault("%s: nothing calls it, and there is no layout around this file", define.Short())
	case define.Name == Content:
		return define.Fault("%s: the file's text is that by itself, without define and its end", define.Short())
	}
	there := "none"
	if len(a.fillable) > 0 {
		slices.Sort(a.fillable)
		there = strings.Join(slices.Compact(a.fillable), ", ")
	}
	return define.Fault("%s: nothing calls it; the layout's blocks are: %s", define.Short(), there)
}
