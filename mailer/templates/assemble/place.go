package assemble

import (
	"strings"

	"github.com/postroom/postroom/mailer/templates/actions"
)

const openTag, closeTag = "<!--", "-->"

// place is where a token stands, with the comment around it that it has between
// blocks of Markdown.
func place(masked string, at int) (begin, end int) {
	begin, end = at, at+actions.TokenLength
	if strings.HasSuffix(masked[:begin], openTag) && strings.HasPrefix(masked[end:], closeTag) {
		return begin - len(openTag), end + len(closeTag)
	}
	return begin, end
}

// end is the place of the End of a region, from an offset on; -1 where it is not
// there.
func (a *assembly) end(masked string, from int, region string) (begin, end int) {
	for at, token := range actions.Tokens(masked[from:]) {
		if action, _ := a.Table.Action(token); action.Kind == actions.End && action.Region == region {
			return place(masked, from+at)
		}
	}
	return -1, from
}
