package markdown

import (
	"strings"

	"github.com/yuin/goldmark/ast"

	"github.com/postroom/postroom/mailer/templates/actions"
)

// mendDefinitions takes the <p> from around definitions that have a paragraph to
// themselves: they are taken out of the page, and it would stay, empty.
func (p *page) mendDefinitions(root ast.Node) {
	for _, paragraph := range find[*ast.Paragraph](root) {
		if !p.defines(string(paragraph.Lines().Value(p.source))) {
			continue
		}
		bare := ast.NewTextBlock()
		move(paragraph.FirstChild(), paragraph.LastChild(), bare)
		paragraph.Parent().ReplaceChild(paragraph.Parent(), paragraph, bare)
	}
}

// defines reports whether there is nothing outside of definitions.
func (p *page) defines(masked string) bool {
	open, outside := "", 0
	for at, token := range actions.Tokens(masked) {
		a, _ := p.table.Action(token)
		switch {
		case open == "" && (a.Keyword != "define" || strings.TrimSpace(masked[outside:at]) != ""):
			return false
		case open == "":
			open = a.Region
		case a.Kind == actions.End && a.Region == open:
			open, outside = "", at+actions.TokenLength
		}
	}
	return open == "" && outside > 0 && strings.TrimSpace(masked[outside:]) == ""
}
