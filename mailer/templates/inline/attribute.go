package inline

import (
	"slices"
	"strings"
)

// editElement writes what is inlined into an element's style attribute.
func (c *cascade) editElement(e *element) []edit {
	if e.tag == nil {
		return nil
	}
	normal, important := c.inlined(e)
	value, changed := c.compose(e, normal, important)
	if !changed {
		return nil
	}
	edits := []edit{writeAttribute(e.tag, "style", value)}
	if width := c.width(e, append(normal, important...)); width != "" {
		edits = append(edits, edit{e.tag.nameEnd, e.tag.nameEnd, ` width="` + width + `"`})
	}
	return edits
}

// inlined returns what the rules say of an element, the strongest last.
func (c *cascade) inlined(e *element) (normal, important []*declaration) {
	held := map[string]bool{}
	for _, g := range e.groups {
		held[g.family] = g.held
	}
	for _, m := range e.matches {
		if !m.certain || m.selector.rule.sheet.frozen {
			continue
		}
		for _, d := range m.selector.rule.declarations {
			switch {
			case d.hack || c.stay[d.family] || held[d.family]:
			case d.important:
				important = append(important, d)
			default:
				normal = append(normal, d)
			}
		}
	}
	return normal, important
}

// compose builds the value: what is inlined, the author's own, what was
// important, and what of the author's has to be important now.
func (c *cascade) compose(e *element, normal, important []*declaration) (value string, changed bool) {
	all := slices.Clone(normal)
	for _, s := range e.styles {
		if !s.important {
			all = append(all, s.declaration)
		}
	}
	all = append(all, important...)
	dropReplaced(all)
	var before, behind strings.Builder
	for i, d := range all {
		switch {
		case d == nil || i >= len(normal) && i < len(all)-len(important):
		case i < len(normal):
			before.WriteString(d.label + ": " + d.value + "; ")
		default:
			behind.WriteString(" " + d.label + ": " + d.value + ";")
		}
	}
	own, repeated := c.lift(e)
	behind.WriteString(repeated)
	if before.Len() == 0 && behind.Len() == 0 && own == e.style {
		return "", false
	}
	if trimmed := strings.TrimRight(own, space); behind.Len() > 0 && trimmed != "" && !strings.HasSuffix(trimmed, ";") {
		own = trimmed + ";"
	}
	if before.Len() > 0 {
		own = strings.TrimLeft(own, space)
	}
	return strings.TrimSpace(strings.TrimSpace(before.String()+own) + behind.String()), true
}

// dropReplaced sets those to nil that a later one makes needless.
func dropReplaced(all []*declaration) {
	latest := map[string]*declaration{}
	for i := len(all) - 1; i >= 0; i-- {
		d := all[i]
		if later := latest[d.name]; later != nil && surelyReplaces(later, d) {
			all[i] = nil
		} else if later == nil || !d.data {
			latest[d.name] = d
		}
	}
}

// lift gives the author's own style the importance that it needs. Declarations
// are repeated, since Outlook passes over important ones; but a token can't be
// repeated, so that such a family becomes important where it is.
func (c *cascade) lift(e *element) (own, repeated string) {
	own = e.style
	inPlace := map[string]bool{}
	families := map[string]bool{}
	for _, s := range e.styles {
		if s.lifted && !c.stay[s.family] {
			families[s.family] = true
			inPlace[s.family] = inPlace[s.family] || s.data
		}
	}
	var b strings.Builder
	for _, important := range []bool{false, true} {
		for _, s := range e.styles {
			if s.important == important && families[s.family] && !inPlace[s.family] && (s.lifted || important) {
				b.WriteString(" " + s.label + ": " + s.value + " !important;")
			}
		}
	}
	for _, s := range slices.Backward(e.styles) {
		if s.lifted && inPlace[s.family] && families[s.family] {
			own = own[:s.valueEnd] + " !important" + own[s.valueEnd:]
		}
	}
	return own, b.String()
}

// writeAttribute sets an attribute, in the quotes that it has.
func writeAttribute(t *tag, name, value string) edit {
	quote := byte('"')
	a := t.attribute(name)
	if a != nil && a.quote != 0 {
		quote = a.quote
	}
	value = strings.ReplaceAll(value, "&", "&amp;")
	if quote == '"' {
		value = strings.ReplaceAll(value, `"`, "&quot;")
	} else {
		value = strings.ReplaceAll(value, "'", "&#39;")
	}
	value = string(quote) + value + string(quote)
	if a == nil {
		return edit{t.nameEnd, t.nameEnd, " " + name + "=" + value}
	}
	start, end := a.valueStart, a.valueEnd
	switch {
	case !a.hasValue:
		return edit{a.nameEnd, a.nameEnd, "=" + value}
	case a.quote != 0:
		start, end = start-1, end+1
	}
	return edit{start, end, value}
}
