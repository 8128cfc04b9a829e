package markdown

import (
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"

	"github.com/postroom/postroom/mailer/templates/actions"
)

// bareParser is goldmark's parser of links that stand in the text as they are.
// Where such a link begins and ends it would take tokens for letters and
// digits.
type bareParser struct {
	parser.InlineParser

	page *page
}

func (b bareParser) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	node := b.InlineParser.Parse(parent, block, pc)
	link, ok := node.(*ast.AutoLink)
	if !ok {
		return node
	}
	line, rest := block.Position()
	label := text.NewSegment(rest.Start-len(link.Label(block.Source())), rest.Start)
	before := b.page.beforeAddress(link, b.page.masked[label.Start:label.Stop])
	length := b.page.linkLength(b.page.masked[label.Start+before:rest.Stop], label.Len()-before)
	if before == 0 && length == label.Len() {
		return link
	}
	if before > 0 {
		ast.MergeOrAppendTextSegment(parent, label.WithStop(label.Start+before))
	}
	label = text.NewSegment(label.Start+before, label.Start+before+length)
	block.SetPosition(line, rest.WithStart(label.Stop))
	if !completePattern.Match(label.Value(block.Source())) {
		return ast.NewTextSegment(label)
	}
	fitting := ast.NewAutoLink(link.AutoLinkType, ast.NewTextSegment(label))
	fitting.Protocol = link.Protocol
	return fitting
}

var (
	// completePattern is what has a domain, of two names at least.
	completePattern = regexp.MustCompile(`(?:://|.@|^www\.)[^/]+\.[A-Za-z0-9]`)
	// restPattern is what may follow in a link.
	restPattern = regexp.MustCompile(`^[-A-Za-z0-9@:%_+.~#$!?&/=]*[-A-Za-z0-9@%+#$&/=]`)
)

// beforeAddress is how much of a mail address that goldmark has found stands
// before it: all up to the last control action in its name.
func (p *page) beforeAddress(link *ast.AutoLink, label string) (length int) {
	if link.AutoLinkType != ast.AutoLinkEmail {
		return 0
	}
	name, _, _ := strings.Cut(label, "@")
	for at, token := range actions.Tokens(name) {
		if a, ok := p.table.Action(token); ok && a.Kind != actions.Output {
			length = at + actions.TokenLength
		}
	}
	return length
}

// linkLength is the length of a link with which a line begins, where goldmark
// has found one. It is longer where that one ends within a token, and shorter
// where it goes over the end of a region that began before it.
func (p *page) linkLength(line string, found int) int {
	opened := map[string]bool{}
	for at := 0; ; {
		next, token, ok := firstToken(line[at:min(found+actions.TokenLength, len(line))])
		at += next
		if !ok || at >= found {
			return found
		}
		a, _ := p.table.Action(token)
		opened[a.Region] = opened[a.Region] || a.Kind == actions.Open
		if a.Region != "" && !opened[a.Region] {
			return len(strings.TrimRight(line[:at], "?!.,:*_~"))
		}
		if at += actions.TokenLength; at > found {
			found = at + len(restPattern.FindString(line[at:]))
		}
	}
}

func firstToken(masked string) (at int, token string, found bool) {
	for at, token := range actions.Tokens(masked) {
		return at, token, true
	}
	return 0, "", false
}
