package templates

import (
	"errors"
	"strings"

	"github.com/postroom/postroom/mailer/templates/actions"
	"github.com/postroom/postroom/mailer/templates/matter"
)

// file is one file of a set, read.
type file struct {
	source

	// shown is the file as errors name it.
	shown string
	// front is its front matter. The body begins in the line of that number.
	front matter.Matter
	body  string
	line  int
}

// readFile takes a file's text apart.
func readFile(s source, shown, text string) (*file, *Error) {
	text = strings.TrimPrefix(text, "\uFEFF")
	f := &file{source: s, shown: shown, body: text, line: 1}
	if line, reason := checkText(text); reason != "" {
		return nil, f.fault(line, reason)
	}
	if s.role != page || s.ending != endingMarkdown && s.ending != endingHTML {
		return f, nil
	}
	front, body, line, ok := matter.Split(text)
	if !ok {
		return nil, f.fault(1, "front matter has no end: a line of three dashes, as the first one")
	}
	f.body, f.line = body, line
	var err error
	if f.front, err = matter.Parse(front); err != nil {
		if wrong, ok := errors.AsType[*matter.Error](err); ok {
			return nil, f.fault(wrong.Line, wrong.Reason)
		}
		return nil, f.fault(0, err.Error())
	}
	return f, nil
}

// fault is an error of this file.
func (f *file) fault(line int, reason string) *Error {
	return &Error{Template: f.template(), File: f.shown, Line: line, Reason: reason}
}

// template is the name of the template that the file belongs to, if it is one's
// own.
func (f *file) template() string {
	if f.role == page {
		return f.name
	}
	return ""
}

// cut gives the body with its actions cut out.
func (f *file) cut(table *actions.Table) (masked string, err error) {
	if f.ending == endingMarkdown {
		masked, err = table.CutLines(f.shown, f.line, f.body)
	} else {
		masked, err = table.Cut(f.shown, f.line, f.body)
	}
	return masked, err
}

// lineOf is the line in which an address of the body stands first, as one if it
// does; 0 where it stands otherwise, such as encoded.
func (f *file) lineOf(address string) int {
	found := -1
	for at := 0; ; {
		next := strings.Index(f.body[at:], address)
		if next < 0 || address == "" {
			break
		}
		at += next
		if at > 0 && strings.IndexByte(`"'=(<`, f.body[at-1]) >= 0 {
			found = at
			break
		}
		if found < 0 {
			found = at
		}
		at += len(address)
	}
	if found < 0 {
		return 0
	}
	return f.line + strings.Count(f.body[:found], "\n")
}
