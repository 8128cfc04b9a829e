package markdown

import "github.com/postroom/postroom/mailer/templates/actions"

// checkTokens holds that what came in went out, and nothing else.
func (p *page) checkTokens(html string) error {
	count := map[string]int{}
	for _, token := range actions.Tokens(html) {
		count[token]++
	}
	for _, token := range p.copies {
		count[token]--
	}
	for _, token := range actions.Tokens(p.masked) {
		count[token]--
		if a, ok := p.table.Action(token); ok && count[token] < 0 {
			return a.Fault("%s would not come into the HTML: it stands in a cell for which the table's head has no column, "+
				"behind the language of a block of code, or in a picture's text", a.Short())
		}
	}
	for token, n := range count {
		if a, ok := p.table.Action(token); ok && n > 0 {
			return a.Fault("%s would come into the HTML more than once", a.Short())
		}
	}
	return nil
}
