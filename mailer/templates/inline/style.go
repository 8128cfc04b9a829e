package inline

import (
	"strings"

	"github.com/tdewolff/parse/v2/css"
)

// style is a declaration that the author wrote into a style attribute.
type style struct {
	*declaration
	lifted bool // It needs "!important" to beat what stays in the sheet.
}

// readStyle reads the style attribute of an element, if it has one.
func readStyle(source string, t *tag) ([]style, error) {
	a := t.attribute("style")
	if a == nil {
		return nil, nil
	}
	words := lex(a.value)
	if _, reason := broken(a.value, words); reason != "" {
		return nil, at(source, a.nameStart, "in a style attribute: %s", reason)
	}
	var styles []style
	for start, end, level := 0, 0, 0; start < len(words); end++ {
		if end < len(words) {
			level += depth(words[end])
			if level != 0 || words[end].kind != css.SemicolonToken {
				continue
			}
		} else if level != 0 {
			return nil, at(source, a.nameStart, "in a style attribute: a bracket is not closed or not opened: %s", short(a.value))
		}
		if one := trim(words[start:end]); len(one) > 0 {
			d, reason := readDeclaration(a.value, one)
			if reason != "" && hasToken(a.value[one[0].start:one[len(one)-1].end]) {
				d = &declaration{data: true, unknown: true} // Whatever an action makes of it.
			}
			if d != nil && (!d.hack || d.data) {
				styles = append(styles, style{declaration: d})
			}
		}
		start = end + 1
	}
	return styles, nil
}

// checkConditions refuses style attributes that may be there or not.
func checkConditions(source string, tags []*tag) error {
	for _, t := range tags {
		if a := t.attribute("style"); a != nil && !a.certain && strings.Contains(a.name, "style") {
			return at(source, a.nameStart, "the style attribute of <%s> stands between two actions, under a condition: put the condition into "+
				"the attribute, as in style=\"{{if …}}color: red{{end}}\", or the attribute before the first action of the tag", without(t.name))
		}
	}
	return nil
}
