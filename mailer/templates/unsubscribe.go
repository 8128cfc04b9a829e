package templates

import (
	"errors"
	"fmt"
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
type link struct {
	*part

	web bool // It is a URL of the web, and else a mailto URL.
}

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
	l := &link{p, scheme == ""}
	if !strings.Contains(v.Text, "{{") { // It is what it will be.
		if fault, ok := errors.AsType[*Error](second(l.render(nil))); ok {
			return nil, of.fault(v.Line, fault.Reason)
		}
	}
	return l, nil
}

func second(_ string, err error) error { return err }

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
	if reason := l.wrong(address); reason != "" {
		return "", l.fault("unsubscribe " + reason)
	}
	return address, nil
}

// maxLink is the most bytes that a header has room for: it is not broken in two.
const maxLink = 900

// wrong says why an address can't be in the header.
func (l *link) wrong(address string) string {
	u, err := url.Parse(address)
	unfit := func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`<>"\,`, r) }
	switch {
	case err != nil || l.web && (u.Host == "" || u.Scheme != "https" && u.Scheme != "http"):
		return "gives no https URL"
	case !l.web && (u.Scheme != "mailto" || !strings.Contains(u.Opaque, "@")):
		return "gives no address and no mailto URL"
	case strings.ContainsFunc(address, unfit):
		return `gives an address with a space, a comma, or another character that no header may have in it: ` +
			`write it as in %20, and those of a domain in the xn-- form`
	case len(address) > maxLink:
		return fmt.Sprintf("gives an address of more than %d bytes", maxLink)
	}
	return ""
}

func (u unsubscribe) render(data map[string]any) (ways mailer.Unsubscribe, err error) {
	if ways.URL, err = u.url.render(data); err != nil {
		return ways, err
	}
	ways.Mailto, err = u.mailto.render(data)
	return ways, err
}
