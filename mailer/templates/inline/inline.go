package inline

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// What is refused: no mail is so large, and a mistake in a template should
// cost seconds at most.
const (
	MaxSize      = 4 << 20 // Bytes of a document, and of what comes of it.
	MaxSelectors = 5000

	maxMatches = 3_000_000 // Of selectors and elements.
	maxTries   = 50_000_000
	maxEntries = 2_000_000 // Declarations that may clash, over all elements.
)

// CSS returns masked HTML with its style blocks inlined. An error is an *Error,
// which names the line.
func CSS(source string) (string, error) {
	if len(source) > MaxSize {
		return "", &Error{Reason: fmt.Sprintf("the document has %d bytes, more than %d", len(source), MaxSize)}
	}
	tags, err := readTags(source)
	if err != nil {
		return "", err
	}
	if err := checkConditions(source, tags); err != nil {
		return "", err
	}
	if !slices.ContainsFunc(tags, func(t *tag) bool { return t.name == "style" }) {
		return source, nil
	}
	root, from, err := parseTree(source, tags)
	if err != nil {
		return "", err
	}
	sheets, err := findSheets(source, root, from)
	if err != nil {
		return "", err
	}
	opaque, animated := map[string]bool{}, map[string]bool{}
	rules, err := readRules(sheets, opaque, animated)
	if err != nil {
		return "", err
	}
	elements, err := matchRules(source, root, from, rules)
	if err != nil {
		return "", err
	}
	c := newCascade(rules, elements, opaque, animated)
	if err := c.group(elements); err != nil {
		return "", err
	}
	c.settle()
	edits := c.editSheets(sheets, rules)
	for _, e := range elements {
		edits = append(edits, c.editElement(e)...)
	}
	result, err := apply(source, edits)
	if err != nil {
		return "", err
	}
	if err := verify(source, result); err != nil {
		return "", err
	}
	return result, nil
}

// readRules parses the sheets into the rules of the document, in their order,
// and collects the properties that are set elsewhere in them.
func readRules(sheets []*sheet, opaque, animated map[string]bool) ([]*rule, error) {
	var rules []*rule
	selectors := 0
	for _, s := range sheets {
		p := parser{sheet: s, text: s.text, words: lex(s.text), lenient: s.frozen, opaque: opaque, animated: animated}
		if err := p.parse(); err != nil {
			return nil, err
		}
		rules = append(rules, p.rules...)
		for _, r := range p.rules {
			selectors += len(r.selectors)
		}
		if selectors > MaxSelectors {
			return nil, at(s.source, s.offset, "there are more than %d selectors in the style blocks", MaxSelectors)
		}
	}
	for i, r := range rules {
		r.order = i
	}
	return rules, nil
}

// matchRules returns the elements that rules are about, with these rules from
// the weakest to the strongest, and with their own style.
func matchRules(source string, root *html.Node, from map[*html.Node]*tag, rules []*rule) ([]*element, error) {
	m := newMatcher(rules, from)
	if err := m.walk(root); err != nil {
		return nil, err
	}
	for _, e := range m.elements {
		slices.SortStableFunc(e.matches, func(a, b match) int { return compareSelectors(a.selector, b.selector) })
		var err error
		if e.styles, err = readStyle(source, e); err != nil {
			return nil, err
		}
	}
	return m.elements, nil
}

// edit puts text in the place of source[start:end].
type edit struct {
	start, end int
	text       string
}

func apply(source string, edits []edit) (string, error) {
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Compare(a.start, b.start) })
	size := len(source)
	for _, e := range edits {
		size += len(e.text) - (e.end - e.start)
	}
	if size > MaxSize {
		return "", &Error{Reason: fmt.Sprintf("inlined, the document would have %d bytes, more than %d", size, MaxSize)}
	}
	var b strings.Builder
	b.Grow(size)
	last := 0
	for _, e := range edits {
		b.WriteString(source[last:e.start])
		b.WriteString(e.text)
		last = e.end
	}
	b.WriteString(source[last:])
	return b.String(), nil
}
