package actions

import (
	"slices"
	"strings"
)

// Cut cuts the actions out of the text of a file whose first line has the
// number line, and returns the text with tokens in their places. What trim
// markers trim goes too. Each End and Else is matched with its Open. The error
// is an *Error; it leaves the table as it was.
func (t *Table) Cut(file string, line int, text string) (masked string, err error) {
	return t.cut(file, line, text, func([]piece) {})
}

// CutLines is Cut for Markdown, where lines make blocks: on a line of control
// actions alone (see [Kind.Controls]) trim markers trim nothing, so that
//
//	{{- range .items}}
//	- {{.}}
//	{{- end}}
//
// is three lines still.
func (t *Table) CutLines(file string, line int, text string) (masked string, err error) {
	return t.cut(file, line, text, keepLines)
}

func (t *Table) cut(file string, line int, text string, prepare func([]piece)) (string, error) {
	if before, _, found := strings.Cut(strings.ToLower(text), prefix); found {
		return "", &Error{file, line + strings.Count(before, "\n"), `has "` + prefix + `" in it, a word that stands for actions while a template is read`}
	}
	pieces, failed, err := lex(text, line)
	if err != nil {
		return "", &Error{file, failed, err.Error()}
	}
	if fault := single(file, pieces); fault != nil {
		return "", fault
	}
	prepare(pieces)
	trim(pieces)
	before := len(t.actions)
	masked, fault := t.mask(file, pieces)
	if fault == nil {
		fault = match(t.actions[before:])
	}
	if fault != nil {
		t.actions = slices.Delete(t.actions, before, len(t.actions))
		return "", fault
	}
	return masked, nil
}

// trim removes the white space that markers ask for.
func trim(pieces []piece) {
	for i := range pieces {
		if pieces[i].before {
			pieces[i].text = strings.TrimRight(pieces[i].text, space)
		}
		if pieces[i].after {
			pieces[i+1].text = strings.TrimLeft(pieces[i+1].text, space)
		}
	}
}

// mask puts tokens in the place of actions, which the table gets.
func (t *Table) mask(file string, pieces []piece) (string, *Error) {
	var b strings.Builder
	for i, p := range pieces {
		b.WriteString(p.text)
		if !p.action {
			break
		}
		if strings.HasSuffix(p.text, openTag) && strings.HasPrefix(pieces[i+1].text, closeTag) {
			// The author's own comment, which stays one: nothing stands beside the
			// token in those that Restore takes away.
			empty := Action{Text: "{{/**/}}", File: file, Line: p.line, Kind: Comment}
			if !t.add(&empty) {
				return "", tooMany(empty)
			}
			b.WriteString(empty.Token)
		}
		a := Action{Text: p.unmarked(), File: file, Line: p.line}
		a.Kind, a.Keyword, a.Name = classify(p.inner)
		if !t.add(&a) {
			return "", tooMany(a)
		}
		b.WriteString(a.Token)
	}
	return b.String(), nil
}

// unmarked is the action without its trim markers. A space stands in for each,
// so that what was no marker becomes none: {{- - 1}}.
func (p *piece) unmarked() string {
	inner := p.inner
	if !strings.HasPrefix(inner, openComment) {
		if p.before {
			inner = " " + inner
		}
		if p.after {
			inner += " "
		}
	}
	return left + inner + right
}
