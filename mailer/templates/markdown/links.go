package markdown

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"

	"github.com/postroom/postroom/mailer/templates/actions"
)

// linkActions makes ordinary links of those without a text of their own that
// have actions in them. These come out twice, in the link and in its text, and
// so can only be such that print.
func (p *page) linkActions(root ast.Node) error {
	for _, link := range find[*ast.AutoLink](root) {
		found := false
		for _, token := range actions.Tokens(string(link.Label(p.source))) {
			found = true
			if a, ok := p.table.Action(token); ok && a.Kind != actions.Output {
				return a.Fault("%s can't stand in a link without a text, where it would come out twice: write [text](link)", a.Short())
			}
		}
		if !found {
			continue
		}
		if err := p.linkTwice(link); err != nil {
			return err
		}
	}
	return nil
}

// linkTwice puts an ordinary link in the place of one without a text.
func (p *page) linkTwice(link *ast.AutoLink) error {
	shown, err := p.copyTokens(link.Label(p.source))
	if err != nil {
		return err
	}
	full := ast.NewLink()
	full.Destination = link.URL(p.source)
	if link.AutoLinkType == ast.AutoLinkEmail && !bytes.HasPrefix(bytes.ToLower(full.Destination), []byte("mailto:")) {
		full.Destination = append([]byte("mailto:"), full.Destination...)
	}
	content := ast.NewString(util.EscapeHTML(shown))
	content.SetCode(true) // Written as it is.
	full.AppendChild(full, content)
	link.Parent().ReplaceChild(link.Parent(), link, full)
	return nil
}

// copyTokens is a text with second tokens for its actions.
func (p *page) copyTokens(label []byte) ([]byte, error) {
	copied := bytes.Clone(label)
	for at, token := range actions.Tokens(string(label)) {
		again, err := p.table.Copy(token)
		if err != nil {
			return nil, err
		}
		p.copies = append(p.copies, again)
		copy(copied[at:], again) // All tokens have one length.
	}
	return copied, nil
}
