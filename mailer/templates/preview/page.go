package preview

import (
	"errors"
	"io"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/postroom/postroom/mailer"
)

// page is what the warnings have to know of the HTML.
type page struct {
	noAlt      found // Images.
	schemeless found // Links, and images by an address that leads nowhere.
	insecure   found // Images by http.
	data       found // Images that stand in the HTML.
	noPart     found // Images by a cid that no part has.
	elements   found // That Gmail removes.
	inBody     bool  // A style block is in the body.
	styles     int   // Bytes of all style blocks.
	css        sheet
}

// readPage reads HTML as a browser does, save what is in comments: that is for
// Outlook.
func readPage(text string, files []mailer.Attachment) (*page, error) {
	root, err := html.Parse(strings.NewReader(text))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	p := &page{}
	parts := map[string]bool{}
	for _, f := range files {
		parts[f.ContentID] = f.ContentID != ""
	}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			p.element(n, parts)
		}
	}
	return p, nil
}

func (p *page) element(n *html.Node, parts map[string]bool) {
	if slices.Contains(droppedElements, n.Data) && (n.Namespace == "" || n.Data == "svg") && !isIcon(n) {
		p.elements.add("<" + n.Data + ">")
	}
	if n.Namespace != "" {
		return
	}
	if style, ok := attribute(n, "style"); ok {
		p.css.readAttribute(style)
	}
	switch n.DataAtom {
	case atom.Style:
		p.styleBlock(n)
	case atom.Img:
		p.image(n, parts)
	case atom.A, atom.Area:
		if href, ok := attribute(n, "href"); ok && schemeless(href) {
			p.schemeless.add(href)
		}
	default:
	}
}

// isIcon reports a link that is no style sheet: nobody misses it.
func isIcon(n *html.Node) bool {
	rel, _ := attribute(n, "rel")
	return n.DataAtom == atom.Link && !strings.EqualFold(strings.TrimSpace(rel), "stylesheet")
}

func (p *page) styleBlock(n *html.Node) {
	if n.FirstChild == nil {
		return
	}
	text := n.FirstChild.Data
	p.styles += len(text)
	for parent := n.Parent; parent != nil; parent = parent.Parent {
		p.inBody = p.inBody || parent.DataAtom == atom.Body
	}
	p.css.readBlock(text)
}

func (p *page) image(n *html.Node, parts map[string]bool) {
	src, _ := attribute(n, "src")
	if _, ok := attribute(n, "alt"); !ok {
		p.noAlt.add(src)
	}
	lower := strings.ToLower(strings.TrimSpace(src))
	switch {
	case strings.HasPrefix(lower, "cid:"):
		if !parts[strings.TrimSpace(src)[len("cid:"):]] {
			p.noPart.add(src)
		}
	case strings.HasPrefix(lower, "data:"):
		p.data.add(src)
	case strings.HasPrefix(lower, "http:"):
		p.insecure.add(src)
	case src != "" && schemeless(src):
		p.schemeless.add(src)
	}
}

// schemeless reports an address that leads nowhere from a mail, which has no
// address of its own to begin at. One within the mail ("#top") does.
func schemeless(address string) bool {
	address = strings.TrimSpace(address)
	if strings.HasPrefix(address, "#") {
		return false
	}
	for i, r := range address {
		switch {
		case r == ':' && i > 0:
			return false
		case 'a' <= r|' ' && r|' ' <= 'z', i > 0 && ('0' <= r && r <= '9' || strings.ContainsRune("+-.", r)): // RFC 3986 section 3.1
		default:
			return true
		}
	}
	return true
}

func attribute(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name && a.Namespace == "" {
			return a.Val, true
		}
	}
	return "", false
}
