package images

import (
	"errors"
	"fmt"
	"html"
	"io"
	"regexp"
	"strings"

	nethtml "golang.org/x/net/html"

	"github.com/postroom/postroom/mailer"
)

// Error says what is wrong with an image.
type Error struct {
	// Address is what the source has for it.
	Address string
	Reason  string
}

func (e *Error) Error() string { return fmt.Sprintf("image %.100q %s", e.Address, e.Reason) }

// attributes have an image's address, by element.
var attributes = map[string]map[string]bool{
	"img":   {"src": true, "srcset": true},
	"input": {"src": true},
	"body":  {"background": true},
	"table": {"background": true},
	"td":    {"background": true},
	"th":    {"background": true},
	"tr":    {"background": true},
	// Outlook's own, within its comments.
	"v:fill": {"src": true}, "v:image": {"src": true}, "v:imagedata": {"src": true},
}

// attributePattern goes over a tag attribute by attribute. The value is in one
// of three groups.
var attributePattern = regexp.MustCompile(`([^\s"'>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?`)

// Embed has masked HTML refer to the images that it names by file, and returns
// these, each once. A path begins at folder, which the HTML's own file is in, or
// else at the top. Its error is an *Error.
func (s *Store) Embed(masked, folder string) (string, []mailer.Attachment, error) {
	e := embedding{store: s, folder: folder}
	var b strings.Builder
	b.Grow(len(masked))
	z := nethtml.NewTokenizer(strings.NewReader(masked))
	inStyle := false
	for e.err == nil {
		kind := z.Next()
		piece := string(z.Raw())
		switch kind {
		case nethtml.ErrorToken:
			b.WriteString(piece)
			if !errors.Is(z.Err(), io.EOF) {
				return masked, nil, nil // It is too large for the parser: others say so.
			}
			return b.String(), e.images, nil
		case nethtml.StartTagToken, nethtml.SelfClosingTagToken:
			name, _ := z.TagName()
			piece = e.tag(piece, attributes[string(name)])
			inStyle = string(name) == "style"
			if string(name) == "noscript" {
				z.NextIsNotRawText() // No mail program runs scripts.
			}
		case nethtml.TextToken:
			if inStyle {
				e.style(piece)
			}
		case nethtml.CommentToken:
			if !strings.HasPrefix(piece, "<!--[if") { // Others do not reach the mail.
				break
			}
			piece = tagPattern.ReplaceAllStringFunc(piece, func(tag string) string {
				name := strings.ToLower(namePattern.FindString(tag[1:]))
				return e.tag(tag, attributes[name])
			})
		default: // End tags and the doctype.
		}
		b.WriteString(piece)
	}
	return masked, nil, e.err
}

// tagPattern finds tags in a comment: those for Outlook alone. namePattern is what
// such a one begins with.
var (
	tagPattern  = regexp.MustCompile(`<[A-Za-z](?:[^<>"']|"[^"]*"|'[^']*')*>`)
	namePattern = regexp.MustCompile(`^[^\s/>]+`)
)

// embedding gathers the images of one source.
type embedding struct {
	store  *Store
	folder string
	images []mailer.Attachment
	err    error
}

// tag rewrites those attributes of a tag that have an image's address.
func (e *embedding) tag(raw string, of map[string]bool) string {
	var b strings.Builder
	done := 0
	for _, m := range attributePattern.FindAllStringSubmatchIndex(raw, -1) {
		name := strings.ToLower(raw[m[2]:m[3]])
		if name == "style" {
			e.style(html.UnescapeString(raw[m[0]:m[1]]))
		}
		for i := 4; i < len(m) && of[name]; i += 2 {
			if m[i] < 0 {
				continue
			}
			if to := e.address(name, html.UnescapeString(raw[m[i]:m[i+1]])); to != "" {
				b.WriteString(raw[done:m[i]] + to)
				done = m[i+1]
			}
		}
	}
	b.WriteString(raw[done:])
	return b.String()
}

// address is what stands in an address's place; empty where it stays.
func (e *embedding) address(attribute, address string) string {
	file, ok, reason := e.store.local(address, e.folder)
	switch {
	case !ok || e.err != nil:
		return ""
	case attribute == "srcset":
		reason = "stands in srcset, which Gmail and Outlook leave out: give src alone, and the width"
	}
	if reason != "" {
		e.err = &Error{address, reason}
		return ""
	}
	image, err := e.store.image(file)
	if err != nil {
		e.err = &Error{address, err.Error()}
		return ""
	}
	e.add(image)
	return "cid:" + image.ContentID
}

func (e *embedding) add(image mailer.Attachment) {
	for _, one := range e.images {
		if one.ContentID == image.ContentID {
			return
		}
	}
	e.images = append(e.images, image)
}
