package templates

import (
	"html"
	"net/url"
	"strings"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/templates/actions"
	"github.com/postroom/postroom/mailer/templates/assemble"
	"github.com/postroom/postroom/mailer/templates/matter"
)

// unsubscribe is how a reader leaves, as templates. Either may be nil.
type unsubscribe struct {
	url, mailto *link
	oneClick    bool
}

// link is an address that values may stand in. It is made and rendered as one of
// HTML, so that they are escaped for their places, and refused where a link's are.
type link struct{ *part }

const (
	linkBegin = `<a href="`
	linkEnd   = `">`
)

// unsubscribe makes what the front matter of a file says.
func (b *builder) unsubscribe(of *file) (u unsubscribe, err error) {
	front := of.front.Unsubscribe
	if u.url, err = b.link(of, front.URL, ""); err != nil {
		return u, err
	}
	u.oneClick = front.URL.Line > 0 && !strings.HasPrefix(strings.ToLower(front.URL.Text), "http:")
	u.mailto, err = b.link(of, front.Mailto, "mailto:")
	return u, err
}

// link makes one, with a scheme that may be left out.
func (b *builder) link(of *file, v matter.Value, scheme string) (*link, error) {
	if v.Line == 0 {
		return nil, nil //nolint:nilnil // There is none.
	}
	table := &actions.Table{}
	masked, err := table.Cut(of.shown, v.Line, v.Text)
	if err == nil {
		if len(masked) < len(scheme) || !strings.EqualFold(masked[:len(scheme)], scheme) {
			masked = scheme + masked
		}
		masked = linkBegin + html.EscapeString(masked) + linkEnd
		masked, err = assemble.Document(assemble.Parts{Table: table, Page: masked, Partial: none, Nothing: nothing})
	}
	if err != nil {
		return nil, err
	}
	p, err := b.parse(of, table.Restore(masked), endingHTML, nil)
	if err != nil {
		return nil, err
	}
	l := &link{p}
	if !strings.Contains(v.Text, "{{") { // It is what it will be.
		if _, err := l.render(nil); err != nil {
			return nil, of.fault(v.Line, "unsubscribe "+notALink)
		}
	}
	return l, nil
}

const notALink = "gives no https URL, no address and no mailto URL"

// render gives a URL that a header may hold; empty where there is none.
func (l *link) render(data map[string]any) (string, error) {
	if l == nil {
		return "", nil
	}
	out, err := l.part.render(data)
	if err != nil {
		return "", err
	}
	address := html.UnescapeString(strings.TrimSuffix(strings.TrimPrefix(out, linkBegin), linkEnd))
	u, err := url.Parse(address)
	if err != nil || strings.ContainsAny(address, "<> ,") {
		return "", l.fault("unsubscribe: " + notALink)
	}
	web := (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
	if !web && (u.Scheme != "mailto" || !strings.Contains(u.Opaque, "@")) {
		return "", l.fault("unsubscribe: " + notALink)
	}
	return address, nil
}

func (u unsubscribe) render(data map[string]any) (ways mailer.Unsubscribe, err error) {
	if ways.URL, err = u.url.render(data); err != nil {
		return ways, err
	}
	ways.Mailto, err = u.mailto.render(data)
	return ways, err
}
