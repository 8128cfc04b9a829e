package preview

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/postroom/postroom/mailer"
)

// The warnings, in the order in which they are given. docs/templates.md lists
// them.
const (
	noText       = "no text part: some readers show only that, and filters miss it"
	longSubject  = "the subject has %d characters: Gmail shows some %d of them on a desktop, telephones 33 to 48"
	clipped      = "the HTML has %d bytes: Gmail clips it at %d, and shows the rest behind a link"
	noOneClick   = "no unsubscribe: bulk mail needs an https address by which its reader leaves with one click (RFC 8058)"
	noAlt        = `image without alt: %s: say what it shows, or alt="" where it only decorates`
	noScheme     = "address without a scheme: %s: it leads nowhere from a mail; begin it with https://"
	insecure     = "image by http: %s: many readers load images over https only"
	dataImage    = "image in a data: address: Gmail does not show it; attach it and show it by cid:"
	noPart       = "image that the mail does not have: %s"
	removed      = "Gmail removes %s"
	dropped      = "Gmail drops these styles: %s"
	droppedColor = "Gmail drops the whole style attribute or rule with %s in it: write colors with commas, or as #rrggbb"
	nestedRule   = "Gmail drops a whole <style> with an at-rule inside another: %s"
	styleInBody  = "Gmail drops a <style> in the body: put it into the head"
	manyStyles   = "the <style> blocks have %d bytes: Gmail drops the one that goes beyond %d"
	notReadable  = "the HTML cannot be read: %v"
)

// warnings are what to look at before the mail is sent.
func warnings(l *mailer.Letter, bulk bool) []string {
	list := []string{} // JSON has a list, never null.
	add := func(is bool, format string, values ...any) {
		if is {
			list = append(list, fmt.Sprintf(format, values...))
		}
	}
	add(strings.TrimSpace(l.Text) == "", noText)
	characters := utf8.RuneCountInString(l.Field("Subject"))
	add(characters > shownSubject, longSubject, characters, shownSubject)
	add(bulk && l.Header.Get("List-Unsubscribe-Post") == "", noOneClick)
	if l.HTML == "" {
		return list
	}
	// As it is sent: its lines end with CRLF.
	size := len(l.HTML) + strings.Count(l.HTML, "\n")
	add(size > clippedFrom, clipped, size, clippedFrom)
	p, err := readPage(l.HTML, l.Files)
	if err != nil {
		return append(list, fmt.Sprintf(notReadable, err))
	}
	some := func(what found, format string) { add(len(what.list) > 0, format, &what) }
	some(p.noAlt, noAlt)
	some(p.schemeless, noScheme)
	some(p.insecure, insecure)
	add(len(p.data.list) > 0, dataImage)
	some(p.noPart, noPart)
	some(p.elements, removed)
	some(p.css.dropped, dropped)
	some(p.css.colors, droppedColor)
	some(p.css.nested, nestedRule)
	add(p.inBody, styleInBody)
	add(p.styles > maxStyles, manyStyles, p.styles, maxStyles)
	return list
}
