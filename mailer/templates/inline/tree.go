package inline

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// number is the attribute by which a tag is found again in the tree.
const number = "q7znumber"

// parseTree parses the source, and tells for each element which tag it came
// from, and for each tag how many elements came from it.
func parseTree(source string, tags []*tag) (root *html.Node, from map[*html.Node]*tag, err error) {
	var b strings.Builder
	last := 0
	for i, t := range tags {
		b.WriteString(source[last:t.nameEnd])
		b.WriteString(" " + number + `="` + strconv.Itoa(i) + `" `)
		last = t.nameEnd
	}
	b.WriteString(source[last:])
	if root, err = parseHTML(b.String()); err != nil {
		return nil, nil, err
	}
	from = make(map[*html.Node]*tag, len(tags))
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		for i, a := range n.Attr {
			if a.Key != number || a.Namespace != "" {
				continue
			}
			n.Attr = append(n.Attr[:i:i], n.Attr[i+1:]...)
			if k, err := strconv.Atoi(a.Val); err == nil && k < len(tags) && strings.EqualFold(tags[k].name, n.Data) {
				from[n] = tags[k]
				tags[k].elements++
			}
			break
		}
	}
	return root, from, nil
}

// parseHTML parses as a mail program does, without scripts.
func parseHTML(source string) (*html.Node, error) {
	root, err := html.ParseWithOptions(strings.NewReader(source), html.ParseOptionEnableScripting(false))
	if err != nil {
		return nil, &Error{Reason: "the HTML cannot be read: " + strings.TrimPrefix(err.Error(), "html: ")}
	}
	return root, nil
}

// element is one that rules are matched with.
type element struct {
	tag *tag // Nil where a style attribute can't be written.
	at  int  // Where its tag stands, as far as that is known.
	// node has the attributes that are known; open names those of which more
	// may be known at run time.
	node    *html.Node
	open    map[string]bool
	openAll bool

	style   string // The value of the attribute.
	styles  []style
	matches []match
	groups  []*group
}

// match says that a selector is about an element.
type match struct {
	selector *selector
	certain  bool
}

func newElement(n *html.Node, t *tag) *element {
	e := &element{node: n}
	for _, a := range n.Attr {
		if a.Key == "style" && a.Namespace == "" {
			e.style = a.Val
		}
	}
	if t == nil {
		return e
	}
	e.at = t.start
	if t.elements == 1 && !hasToken(t.name) {
		e.tag = t
	}
	known := *n
	known.Attr = nil
	e.node, e.open = &known, map[string]bool{}
	for _, a := range n.Attr {
		e.know(a, t.attribute(without(a.Key)))
	}
	return e
}

// know takes in an attribute, as its tag has it.
func (e *element) know(a html.Attribute, written *attribute) {
	name := without(a.Key)
	switch {
	case written == nil || written.value != a.Val: // Of another tag, as a second <body> brings them.
		e.node.Attr = append(e.node.Attr, a)
		if name == "style" {
			e.tag = nil
		}
	case name == "":
		e.openAll = true
	default:
		if !written.certain || hasToken(a.Val) {
			e.open[name] = true
		}
		if written.certain {
			e.node.Attr = append(e.node.Attr, html.Attribute{Key: a.Key, Val: settled(a.Val)})
		}
	}
}

// matches reports whether an element is what the compound asks for, for
// certain and possibly.
func (c *compound) matches(e *element) (certain, possible bool) {
	certain, possible = true, true
	for _, s := range c.simples {
		if s.Match(e.node) {
			continue
		}
		certain = false
		if s.attribute == "" || !e.openAll && !e.open[s.attribute] {
			return false, false
		}
	}
	return certain, possible
}
