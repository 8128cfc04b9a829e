package markdown

import (
	"bytes"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/postroom/postroom/mailer/templates/actions"
)

// HTML makes HTML of masked Markdown, whose actions are in the table; the table
// gets some more where an action stands twice in the HTML. An error is mostly
// an *actions.Error, which says where to change what.
func HTML(masked string, table *actions.Table) (string, error) {
	if err := checkLimits(masked); err != nil {
		return "", err
	}
	p := &page{table: table, masked: masked, source: []byte(masked)}
	p.lines = p.measure()
	md := p.goldmark()
	root := md.Parser().Parse(text.NewReader(p.source))
	if err := p.mend(root); err != nil {
		return "", err
	}
	var out bytes.Buffer
	out.Grow(len(masked) + len(masked)/2)
	if err := md.Renderer().Render(&out, p.source, root); err != nil {
		return "", err
	}
	if err := p.checkTokens(out.String()); err != nil {
		return "", err
	}
	return out.String(), nil
}

// page is one text on its way through.
type page struct {
	table *actions.Table
	// masked is the text, and source the same for goldmark.
	masked string
	source []byte
	// lines say, for each line of the source, how far the text that follows it
	// is indented.
	lines []int
	// opened are the Opens that stand between blocks, by region.
	opened map[string]*control
	// heads are the tables' heads, to read further rows with.
	heads map[ast.Node]head
	// copies are the second tokens of actions that stand twice in the HTML.
	copies []string
}

// goldmark is its parser and renderer, with what knows of actions.
func (p *page) goldmark() goldmark.Markdown {
	blocks := append(parser.DefaultBlockParsers(),
		util.Prioritized(controlParser{p}, 50),
	)
	for i := range blocks {
		switch blocks[i].Value {
		case parser.NewListParser(): // The one there is.
			blocks[i].Value = listParser{parser.NewListParser(), p}
		case parser.NewListItemParser():
			blocks[i].Value = itemParser{parser.NewListItemParser(), p}
		}
	}
	inlines := append(parser.DefaultInlineParsers(),
		util.Prioritized(bareParser{extension.NewLinkifyParser(), p}, 999),
	)
	// By an attribute, which every mail reader knows.
	aligned := extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)
	paragraphs := append(parser.DefaultParagraphTransformers(),
		util.Prioritized(rowParser{extension.NewTableParagraphTransformer(), p}, 200),
	)
	return goldmark.New(
		goldmark.WithParser(parser.NewParser(
			parser.WithBlockParsers(blocks...),
			parser.WithInlineParsers(inlines...),
			parser.WithParagraphTransformers(paragraphs...),
			parser.WithASTTransformers(util.Prioritized(extension.NewTableASTTransformer(), 0)),
		)),
		goldmark.WithRendererOptions(html.WithUnsafe(), renderer.WithNodeRenderers(
			util.Prioritized(tableRenderer{extension.NewTableHTMLRenderer(aligned)}, 500),
			util.Prioritized(controlRenderer{}, 500),
		)),
		goldmark.WithExtensions(extension.Strikethrough),
	)
}

// mend gives what stands between blocks its right place, once all is parsed.
func (p *page) mend(root ast.Node) error {
	if err := p.linkActions(root); err != nil {
		return err
	}
	if err := p.checkPlaces(root); err != nil {
		return err
	}
	for _, parent := range p.split(root) {
		parts, err := p.parts(parent)
		if err != nil {
			return err
		}
		if err := mendLists(parts); err != nil {
			return err
		}
		if err := mendTables(parts); err != nil {
			return err
		}
	}
	p.mendDefinitions(root)
	return nil
}
