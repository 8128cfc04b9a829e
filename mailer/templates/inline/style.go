package inline

import "strings"

// style is a declaration that the author wrote into a style attribute.
type style struct {
	*declaration
	lifted bool // It needs "!important" to beat what stays in the sheet.
}

// readStyle reads the style attribute of an element.
func readStyle(source string, e *element) ([]style, error) {
	words := lex(e.style)
	if _, reason := broken(e.style, words); reason != "" {
		return nil, at(source, e.at, "in a style attribute: %s", reason)
	}
	var styles []style
	for len(words) > 0 {
		end, even, _ := nextSemicolon(words)
		if !even {
			return nil, at(source, e.at, "in a style attribute: a bracket is not closed or not opened: %s", short(e.style))
		}
		if one := trim(words[:end]); len(one) > 0 {
			d, reason := readDeclaration(e.style, one, even)
			if reason != "" && hasToken(e.style[one[0].start:one[len(one)-1].end]) {
				d = &declaration{data: true, unknown: true, family: everything} // Whatever an action makes of it.
			}
			if d != nil && (!d.hack || d.data) {
				styles = append(styles, style{declaration: d})
			}
		}
		words = words[min(end+1, len(words)):]
	}
	return styles, nil
}

// checkConditions refuses style attributes that may be there or not.
func checkConditions(source string, tags []*tag) error {
	for _, t := range tags {
		if a := t.attribute("style"); a != nil && !a.certain && strings.Contains(a.name, "style") {
			return at(source, a.nameStart, "the style attribute of <%s> stands between two actions, under a condition: "+
				"put the condition into the attribute, as in style=\"{{if …}}color: red{{end}}\", "+
				"or the attribute before the first action of the tag", without(t.name))
		}
	}
	return nil
}
