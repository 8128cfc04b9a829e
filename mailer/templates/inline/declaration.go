package inline

import (
	"strings"

	"github.com/tdewolff/parse/v2/css"
)

// declaration is "name: value", and where it stands in its sheet or attribute.
type declaration struct {
	name  string // In lower case.
	label string // The name as it is written.
	value string // In one line, without "!important".
	kinds string // Of the words of the value.

	start, end int // With the semicolon, if there is one.
	valueEnd   int // Where "!important" would stand.
	important  bool
	hack       bool // Only some mail programs read it, and only where it is.
	data       bool // A token is in it.
	unknown    bool // A token is part of the name: it may be any property.
	family     string
}

// nextSemicolon finds the end of a declaration, and tells whether its brackets
// are even, and whether there is a block or an at-rule in it.
func nextSemicolon(words []word) (end int, even, nested bool) {
	level := 0
	for ; end < len(words); end++ {
		w := words[end]
		if level == 0 && w.kind == css.SemicolonToken {
			break
		}
		nested = nested || level == 0 && (w.kind == css.LeftBraceToken || w.kind == css.AtKeywordToken)
		level += depth(w)
	}
	return end, level == 0, nested
}

// readDeclaration reads the words of one declaration, whose brackets are even
// or not. It returns nil and a reason where they are none.
func readDeclaration(text string, words []word, even bool) (d *declaration, reason string) {
	words = trim(words)
	colon := -1
	for i, w := range words {
		if w.kind == css.ColonToken {
			colon = i
			break
		}
	}
	quote := short(text[words[0].start:words[len(words)-1].end])
	if !even {
		return nil, "a bracket is not closed or not opened: " + quote
	}
	if colon < 1 {
		return nil, "this is no declaration, it has no colon after a name: " + quote
	}
	name, value := trim(words[:colon]), trim(words[colon+1:])
	d = &declaration{start: words[0].start, end: words[len(words)-1].end, valueEnd: words[len(words)-1].end}
	d.data = hasToken(text[d.start:d.end])
	value = d.cutImportant(text, value)
	d.value = tidy(text, value)
	d.label = tidy(text, name)
	last := name[len(name)-1]
	if hasToken(d.label) && (last.kind == css.IdentToken || last.kind == css.CustomPropertyNameToken) {
		// Actions before the name are taken for a condition unless they touch it.
		d.label = text[last.start:last.end]
		d.unknown = hasToken(d.label)
	} else if len(name) > 1 || (last.kind != css.IdentToken && last.kind != css.CustomPropertyNameToken) {
		if name[0].kind != css.DelimToken {
			return nil, "this is no declaration, the name before the colon is none: " + quote
		}
		d.hack = true
	}
	if d.name = d.label; !strings.HasPrefix(d.label, "--") {
		d.name = strings.ToLower(d.label)
	}
	d.hack = d.hack || isHack(text, d.name, value)
	d.kinds = kindsOf(d)
	return d, ""
}

// cutImportant takes "!important" off the value.
func (d *declaration) cutImportant(text string, value []word) []word {
	if len(value) == 0 {
		return value
	}
	last := len(value) - 1
	if !strings.EqualFold(text[value[last].start:value[last].end], "important") {
		return value
	}
	for i := last - 1; i >= 0; i-- {
		if blank(value[i]) {
			continue
		}
		if text[value[i].start:value[i].end] == "!" {
			d.important = true
			return trim(value[:i])
		}
		break
	}
	return value
}

// isHack reports what browsers drop and old mail programs may read.
func isHack(text, name string, value []word) bool {
	if len(value) == 0 {
		return !strings.HasPrefix(name, "--") // Nothing to inline.
	}
	if strings.HasPrefix(name, "_") || strings.ContainsAny(name, `\*`) {
		return true
	}
	for _, w := range value {
		s := strings.ToLower(text[w.start:w.end])
		switch {
		case s == "!" || s == "progid" || s == "expression(":
			return true
		case w.kind != css.StringToken && w.kind != css.URLToken && strings.Contains(s, `\`):
			return true // \9 and its like.
		}
	}
	return false
}
