package inline

import (
	"slices"
	"strings"
)

// editSheets takes out of the style blocks what was inlined.
func (c *cascade) editSheets(sheets []*sheet, rules []*rule) []edit {
	bySheet := map[*sheet][]edit{}
	for _, r := range rules {
		if !r.sheet.frozen {
			bySheet[r.sheet] = append(bySheet[r.sheet], c.editRule(r)...)
		}
	}
	var edits []edit
	for _, s := range sheets {
		changes := bySheet[s]
		if len(changes) == 0 {
			continue
		}
		if rest, _ := apply(s.text, slices.Clone(changes)); (s.inHead || s.inBody) && isEmpty(rest) {
			edits = append(edits, s.remove())
			continue
		}
		for _, e := range changes {
			edits = append(edits, edit{s.offset + e.start, s.offset + e.end, e.text})
		}
	}
	return edits
}

func isEmpty(text string) bool { return tidy(text, lex(text)) == "" }

// remove takes a style block out. In the head it goes with its line; in the
// body, line breaks may be text.
func (s *sheet) remove() edit {
	if s.inHead {
		return wholeLine(s.source, s.tag.start, s.tag.after)
	}
	return edit{start: s.tag.start, end: s.tag.after}
}

// wholeLine widens a removal to the line, if nothing else is in it.
func wholeLine(text string, start, end int) edit {
	from := len(strings.TrimRight(text[:start], " \t"))
	to := len(text) - len(strings.TrimLeft(text[end:], " \t\r"))
	if (from == 0 || text[from-1] == '\n') && to < len(text) && text[to] == '\n' {
		return edit{start: from, end: to + 1}
	}
	return edit{start: start, end: end}
}

// fate is what becomes of a declaration under one of its rule's selectors.
type fate struct{ stays, raised bool }

func (c *cascade) fates(s *selector) []fate {
	fates := make([]fate, len(s.rule.declarations))
	for i, d := range s.rule.declarations {
		left := !s.matched || s.kept || d.hack || c.stay[d.family]
		fates[i] = fate{
			stays:  left || s.stays[i],
			raised: s.raised[i] && !d.important && !d.hack && !c.stay[d.family],
		}
	}
	return fates
}

// editRule writes a rule anew: once for each fate that its selectors have.
func (c *cascade) editRule(r *rule) []edit {
	var fates [][]fate
	var selectors [][]string
	for _, s := range r.selectors {
		f := c.fates(s)
		if s.matched && !s.kept && !slices.ContainsFunc(f, func(f fate) bool { return f.stays }) {
			continue
		}
		if i := slices.IndexFunc(fates, func(other []fate) bool { return slices.Equal(f, other) }); i >= 0 {
			selectors[i] = append(selectors[i], s.text)
			continue
		}
		fates, selectors = append(fates, f), append(selectors, []string{s.text})
	}
	text := r.sheet.text
	if len(fates) == 0 {
		return []edit{wholeLine(text, r.start, r.end)}
	}
	if len(fates) == 1 && len(selectors[0]) == len(r.selectors) {
		return r.editBody(fates[0]) // The selectors are as they were.
	}
	written := make([]string, len(fates))
	for i, f := range fates {
		body, _ := apply(text[:r.bodyEnd], r.editBody(f))
		written[i] = strings.Join(selectors[i], ", ") + " {" + body[r.bodyStart:] + "}"
	}
	line := text[strings.LastIndexByte(text[:r.start], '\n')+1 : r.start]
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	return []edit{{r.start, r.end, strings.Join(written, "\n"+indent)}}
}

func (r *rule) editBody(fates []fate) []edit {
	var edits []edit
	text := r.sheet.text
	for i, d := range r.declarations {
		switch f := fates[i]; {
		case !f.stays:
			e := wholeLine(text[:r.bodyEnd], d.start, d.end)
			if e.start == d.start { // Other things in this line.
				e.end = len(text[:r.bodyEnd]) - len(strings.TrimLeft(text[d.end:r.bodyEnd], " \t"))
			}
			edits = append(edits, e)
		case f.raised:
			edits = append(edits, edit{d.valueEnd, d.valueEnd, " !important"})
		}
	}
	return edits
}
