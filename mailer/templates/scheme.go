package templates

import (
	"strings"

	"golang.org/x/net/html"

	"github.com/postroom/postroom/mailer/templates/actions"
)

// html/template looks at each value of an address alone: {{.a}}:{{.b}} would be
// javascript:alert(1) of two values that are harmless. So a scheme stands in the
// template as a whole, or comes with a value as a whole.

// checkSchemes refuses links in whose scheme a value has a part. The document is
// masked, without Outlook's comments. Its error is an *actions.Error.
func checkSchemes(table *actions.Table, masked string) error {
	z := html.NewTokenizer(strings.NewReader(masked))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return nil // The end; what is too large for the parser others say.
		}
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		name, more := z.TagName()
		if string(name) == "noscript" {
			z.NextIsNotRawText() // No mail program runs scripts.
		}
		for more {
			var key, value []byte
			key, value, more = z.TagAttr()
			if !isLink(string(key)) {
				continue
			}
			if err := checkScheme(table, string(value)); err != nil {
				return err
			}
		}
	}
}

// linkAttributes are those that a click or a look follows.
var linkAttributes = map[string]bool{
	"href": true, "src": true, "action": true, "formaction": true, "background": true, "cite": true, "data": true, "poster": true,
}

// isLink knows v:href too, as html/template does.
func isLink(attribute string) bool {
	return linkAttributes[attribute[strings.LastIndexByte(attribute, ':')+1:]]
}

// scheme is what is known of an address, up to some place in it.
type scheme struct {
	text string // What the template gives of it.
	over bool   // It is complete, or there is none.
	// value is the last action that gives a part of it, if any does.
	value *actions.Action
}

// branches are those of an action, of which one is taken.
type branches struct {
	before scheme
	after  []scheme
	all    bool // One is surely taken.
}

// checkScheme goes through an address, and the branches that it may have.
func checkScheme(table *actions.Table, address string) error {
	var now scheme
	var open []*branches
	done := 0
	for at, token := range actions.Tokens(address) {
		if err := now.add(address[done:at]); err != nil {
			return err
		}
		done = at + actions.TokenLength
		action, _ := table.Action(token)
		switch {
		case action.Kind == actions.Output:
			if err := now.print(action); err != nil {
				return err
			}
		case action.Kind == actions.Open:
			open = append(open, &branches{before: now, all: action.Keyword == "block"})
		case len(open) > 0 && (action.Kind == actions.Else || action.Kind == actions.End):
			last := open[len(open)-1]
			last.after = append(last.after, now)
			if action.Kind == actions.Else {
				now, last.all = last.before, action.Short() == "{{else}}"
				continue
			}
			now, open = last.joined(), open[:len(open)-1]
		default: // The others neither print nor part ways.
		}
	}
	return now.add(address[done:])
}

// joined is what is known behind the branches.
func (b *branches) joined() scheme {
	if !b.all {
		b.after = append(b.after, b.before)
	}
	now := scheme{over: true}
	for _, one := range b.after {
		if !one.over && (now.over || one.value != nil) {
			now = one
		}
	}
	return now
}

// add goes on with text.
func (s *scheme) add(text string) error {
	end := strings.IndexAny(text, ":/?#")
	switch {
	case s.over:
		return nil
	case end < 0:
		s.text += text
		return nil
	}
	s.over = true
	if s.value != nil && text[end] == ':' {
		return s.value.Fault("%s", schemeReason)
	}
	return nil
}

// print goes on with a value.
func (s *scheme) print(value actions.Action) error {
	if s.over {
		return nil
	}
	s.value = &value
	if isPartOfBad(s.text) {
		return value.Fault("%s", schemeReason)
	}
	return nil
}

const schemeReason = `an address has a value in its scheme, so that the data could make it javascript: of two parts: ` +
	`write the scheme out, as in href="https://{{.host}}/", or take the address from one value`

// isPartOfBad reports whether one of the schemes that run scripts begins so.
func isPartOfBad(text string) bool {
	text = strings.ToLower(strings.Map(func(r rune) rune {
		if r <= ' ' {
			return -1 // Browsers leave it out.
		}
		return r
	}, text))
	for _, bad := range []string{"javascript", "vbscript", "data"} {
		if text != "" && strings.HasPrefix(bad, text) {
			return true
		}
	}
	return false
}
