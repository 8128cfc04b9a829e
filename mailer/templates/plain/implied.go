package plain

import "slices"

// implied is which open elements a start tag ends, and which keep it from
// looking further out.
type implied struct{ ends, stops []string }

var impliedBy = map[string]implied{
	"a":     {[]string{"a"}, []string{"td", "th", "table"}},
	"li":    {[]string{"li"}, []string{"ul", "ol", "menu", "table", "td", "th"}},
	"dt":    {[]string{"dt", "dd"}, []string{"dl", "table", "td", "th"}},
	"dd":    {[]string{"dt", "dd"}, []string{"dl", "table", "td", "th"}},
	"td":    {[]string{"td", "th"}, []string{"tr", "table"}},
	"th":    {[]string{"td", "th"}, []string{"tr", "table"}},
	"tr":    {[]string{"tr"}, []string{"table"}},
	"tbody": {[]string{"thead", "tbody", "tfoot"}, []string{"table"}},
	"thead": {[]string{"thead", "tbody", "tfoot"}, []string{"table"}},
	"tfoot": {[]string{"thead", "tbody", "tfoot"}, []string{"table"}},
}

// endParagraph are the start tags that end a <p>.
var endParagraph = []string{
	"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "header", "footer", "main", "nav", "aside",
	"address", "dl", "figure", "form", "fieldset", "details", "hr", "pre", "blockquote", "ul", "ol", "menu", "table",
	"center", "figcaption",
}

// inHead are the start tags that do not end a <head>.
var inHead = []string{"meta", "title", "style", "script", "link", "base", "noscript", "template", "object", "xml"}

var tablePart = []string{"table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption"}

// impliedEnds returns from where on a start tag closes what is open.
func (w *writer) impliedEnds(name string) int {
	last := len(w.open) - 1
	rule, ok := impliedBy[name]
	switch {
	case last >= 0 && w.open[last].name == "head" && !slices.Contains(inHead, name):
		return last
	case ok:
	case slices.Contains(endParagraph, name):
		rule = implied{[]string{"p"}, endParagraph}
	default:
		return len(w.open)
	}
	for i, e := range slices.Backward(w.open) {
		if slices.Contains(rule.ends, e.name) {
			return i
		}
		if slices.Contains(rule.stops, e.name) {
			break
		}
	}
	return len(w.open)
}

// find returns which open element an end tag closes, or -1. What is in a table
// closes nothing around it.
func (w *writer) find(name string) int {
	isPart := slices.Contains(tablePart, name)
	for i, e := range slices.Backward(w.open) {
		switch {
		case e.name == name:
			return i
		case e.name == "table", !isPart && (e.name == "td" || e.name == "th"):
			return -1
		}
	}
	return -1
}
