package plain

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// maxOpen is how deep elements are followed. Those within deeper ones have no
// layout, and text.
const maxOpen = 500

// element is one that is open.
type element struct {
	name   string
	shut   string // The marks at its end.
	hidden bool
	branch int // How many actions were open where it began.
}

// void are the elements that have no content, and no end tag.
var void = []string{
	"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
}

// marks returns what is written where an element begins, and where it ends.
func (w *writer) marks(name string, attrs []html.Attribute) (open, shut string) {
	const line, blank = string(line), string(blank)
	switch name {
	case "div", "dt", "caption", "center", "figcaption", "legend", "summary":
		return line, line
	case "p", "h3", "h4", "h5", "h6", "section", "article", "header", "footer", "main", "nav", "aside", "address",
		"dl", "figure", "form", "fieldset", "details", "body":
		return blank, blank
	case "h1":
		return blank + string(heading) + "+", string(heading) + "=" + blank
	case "h2":
		return blank + string(heading) + "+", string(heading) + "-" + blank
	case "br":
		return string(newline), ""
	case "hr":
		return blank + strings.Repeat("-", 40) + blank, ""
	case "pre":
		return blank + string(pre), string(preEnd) + blank
	case "blockquote":
		return blank + string(quote), string(quoteEnd) + blank
	case "dd":
		return line + string(indent), string(inEnd) + line
	case "a":
		return "", string(linkEnd)
	case "ul", "ol", "menu":
		return w.listMarks(name, attrs)
	case "li":
		return line + string(item), string(itemEnd) + line
	case "table":
		return blank + string(table), string(tableEnd) + blank
	case "tr":
		return string(row), string(rowEnd)
	case "td":
		return string(cell), ""
	case "th":
		return string(headCell), ""
	default:
		return "", ""
	}
}

// listMarks keeps a list within another's item close to its text.
func (w *writer) listMarks(name string, attrs []html.Attribute) (open, shut string) {
	around := string(blank)
	if slices.ContainsFunc(w.open, func(e element) bool { return e.name == "li" }) {
		around = string(line)
	}
	if name != "ol" {
		return around + string(bullets), string(listEnd) + around
	}
	first := ""
	if start, ok := attribute(attrs, "start"); ok {
		first = strings.Map(digit, withoutTokens(start))
	}
	return around + string(numbers) + first + string(said), string(listEnd) + around
}

func (w *writer) push(e element) {
	w.open = append(w.open, e)
	if e.hidden {
		w.hiding++
	}
	if e.name == "pre" {
		w.pre++
	}
}

// close closes the open elements from i on.
func (w *writer) close(i int) {
	for len(w.open) > i {
		e := w.open[len(w.open)-1]
		w.open = w.open[:len(w.open)-1]
		w.mark(e.shut)
		if e.hidden {
			w.hiding--
		}
		if e.name == "pre" {
			w.pre--
		}
	}
}
