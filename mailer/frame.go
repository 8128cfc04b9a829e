package mailer

import (
	"encoding/base64"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Frame is the HTML for a frame in which a person looks at the mail: its inline
// images stand in it as data: URLs, and what would lead the frame elsewhere, or
// have a browser call somebody before anything is clicked (link, base, meta
// http-equiv), is left out. Links open in a tab of their own. All else is as it goes out, scripts too: the frame
// has to be sandboxed, and its Content-Security-Policy FramePolicy.
func (l *Letter) Frame() string {
	images := map[string]string{}
	for _, f := range l.Files {
		if f.ContentID != "" {
			images[f.ContentID] = "data:" + f.Type + ";base64," + base64.StdEncoding.EncodeToString(f.Content)
		}
	}
	var b strings.Builder
	b.Grow(len(l.HTML))
	for z := html.NewTokenizer(strings.NewReader(l.HTML)); ; {
		kind := z.Next()
		switch kind {
		case html.ErrorToken:
			return b.String()
		case html.StartTagToken, html.SelfClosingTagToken:
			raw := string(z.Raw())
			t := z.Token()
			switch {
			case leadsAway(t):
			case showImages(&t, images), opensBeside(&t):
				b.WriteString(t.String())
			default:
				b.WriteString(raw)
			}
		default:
			b.Write(z.Raw())
		}
	}
}

// FramePolicy is the Content-Security-Policy of a Frame: no script runs, nothing
// is loaded but what stands in the mail itself, and it is nobody's origin.
const FramePolicy = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; " +
	"base-uri 'none'; form-action 'none'"

func leadsAway(t html.Token) bool {
	switch t.DataAtom {
	case atom.Link, atom.Base:
		return true
	case atom.Meta:
		for _, a := range t.Attr {
			if a.Key == "http-equiv" {
				return true
			}
		}
	default:
	}
	return false
}

// showImages puts an image in the place of each address of one, and reports
// whether there was any.
func showImages(t *html.Token, images map[string]string) bool {
	changed := false
	for i, a := range t.Attr {
		id, ok := strings.CutPrefix(a.Val, "cid:")
		if image := images[id]; ok && image != "" && (a.Key == "src" || a.Key == "background") {
			t.Attr[i].Val, changed = image, true
		}
	}
	return changed
}

// within reports an address within the mail.
func within(a html.Attribute) bool { return a.Key == "href" && strings.HasPrefix(a.Val, "#") }

// opensBeside has a link open in a tab of its own, and reports whether it is one.
func opensBeside(t *html.Token) bool {
	if t.DataAtom != atom.A && t.DataAtom != atom.Area || slices.ContainsFunc(t.Attr, within) {
		return false
	}
	t.Attr = slices.DeleteFunc(t.Attr, func(a html.Attribute) bool { return a.Key == "target" || a.Key == "rel" || a.Key == "ping" })
	t.Attr = append(t.Attr, html.Attribute{Key: "target", Val: "_blank"}, html.Attribute{Key: "rel", Val: "noopener noreferrer"})
	return true
}
