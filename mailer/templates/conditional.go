package templates

import (
	htmltemplate "html/template"
	"regexp"
	"strconv"

	"github.com/postroom/postroom/mailer/templates/actions"
)

// Outlook reads conditional comments, and html/template removes all. So where one
// begins and ends stands an action that prints just that; what is between the two
// is HTML like any other, with its values escaped for their places.
//
//	<!--[if mso]> … <![endif]-->               for Outlook alone
//	<!--[if !mso]><!-- --> … <!-- <![endif]-->   for all others; also <!-->, <!---->, -->
//	<![if !mso]> … <![endif]>                  the same
var conditional = regexp.MustCompile(`(?i)<!--\[if [^\]]*\]>(?:\s*(?:<!-*\s*-*>|-->))?|<!--\s*<!\[endif\]\s*-->|<!\[endif\]\s*-->|<!\[(?:if [^\]]*|endif)\]>`)

// condition is the function that prints one of them, by number.
const condition = "_postroom_condition"

// conditions are a file's, in order.
type conditions []htmltemplate.HTML

// cutConditions puts actions in the place of all in a masked document.
func cutConditions(table *actions.Table, masked string) (c conditions, without string, failed error) {
	masked = conditional.ReplaceAllStringFunc(masked, func(comment string) string {
		c = append(c, htmltemplate.HTML(comment)) //nolint:gosec // It is the author's own, and matches a pattern.
		token, err := table.Print(condition + " " + strconv.Itoa(len(c)-1))
		if err != nil {
			failed = err
		}
		return token
	})
	return c, masked, failed
}

// at is the function. A number that is none is an author's own call.
func (c conditions) at(i int) (htmltemplate.HTML, error) {
	if i < 0 || i >= len(c) {
		return "", refuse("is not for templates to call")
	}
	return c[i], nil
}
