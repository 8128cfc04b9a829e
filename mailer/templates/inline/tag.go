package inline

import (
	"errors"
	"strings"

	"golang.org/x/net/html"
)

// tag is a start tag, and where it stands in the source.
type tag struct {
	name                string
	start, nameEnd, end int
	// textEnd is where the text behind it ends, if it is a style tag; after is
	// the end of its end tag.
	textEnd, after int
	attributes     []attribute
	// elements counts what the parser made of it: tags that are nested wrongly
	// give several or none.
	elements int
}

// attribute is one of a tag, with what the tokens around it leave certain.
type attribute struct {
	name, value string // As the parser has them, with entities resolved.
	span
	// certain is false where a token is part of the name, or where it stands
	// between two tokens and may be under a condition.
	certain bool
}

// attribute returns the one of that name, certain or not, or nil.
func (t *tag) attribute(name string) *attribute {
	for i := range t.attributes {
		if without(t.attributes[i].name) == name {
			return &t.attributes[i]
		}
	}
	return nil
}

var errUneven = errors.New("tokenizer and span reader differ")

// readTags finds the start tags of a document.
func readTags(source string) ([]*tag, error) {
	var tags []*tag
	var style *tag // Whose text or end tag is next.
	z := html.NewTokenizer(strings.NewReader(source))
	for offset := 0; ; {
		kind := z.Next()
		raw := len(z.Raw())
		if kind == html.ErrorToken {
			return tags, nil // The end: a string can't fail to be read.
		}
		switch {
		case kind == html.StartTagToken || kind == html.SelfClosingTagToken:
			t, err := readTag(z, source, offset, raw)
			if err != nil {
				return nil, at(source, offset, "the tag cannot be read: %v", err)
			}
			tags, style = append(tags, t), nil
			if t.name == "noscript" {
				z.NextIsNotRawText() // Mail has no scripts.
			}
			if t.name == "style" {
				style = t
			}
		case style != nil && kind == html.TextToken:
			style.textEnd, style.after = offset+raw, offset+raw
		case style != nil && kind == html.EndTagToken:
			style.after, style = offset+raw, nil
		}
		offset += raw
	}
}

func readTag(z *html.Tokenizer, source string, offset, length int) (*tag, error) {
	text := source[offset : offset+length]
	name, more := z.TagName()
	t := &tag{name: string(name), start: offset, end: offset + length, textEnd: offset + length, after: offset + length}
	nameEnd, spans := readSpans(text)
	t.nameEnd = offset + nameEnd
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		if len(key) == 0 {
			continue
		}
		if len(t.attributes) == len(spans) {
			return nil, errUneven
		}
		s := spans[len(t.attributes)].shift(offset)
		t.attributes = append(t.attributes, attribute{name: string(key), value: string(value), span: s})
	}
	if len(t.attributes) != len(spans) {
		return nil, errUneven
	}
	t.weigh()
	return t, nil
}

// weigh says which attributes are certain.
func (t *tag) weigh() {
	first, last := -1, -1
	for i, a := range t.attributes {
		if hasToken(a.name) {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	for i := range t.attributes {
		t.attributes[i].certain = i < first || i > last
	}
}
