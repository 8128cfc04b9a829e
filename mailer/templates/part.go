package templates

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	texttemplate "text/template"
	"text/template/parse"
	"unicode/utf8"
)

// part is one file, parsed and guarded: the subject, HTML or text of a
// template in one locale.
type part struct {
	source
	// shown is the file as errors name it.
	shown string
	// size is that of the source, as a first guess at the output's.
	size     int
	compiled interface {
		Execute(w io.Writer, data any) error
	}
}

// parsePart parses a file. All its errors come now, html/template's own as
// well, which looks at contexts only when a template first runs.
func parsePart(s source, shown, text string) (*part, *Error) {
	text = strings.TrimPrefix(text, "\uFEFF")
	p := &part{source: s, shown: shown, size: len(text)}
	if line, reason := checkText(text); reason != "" {
		return nil, p.fault(line, reason)
	}
	compile := p.parseText
	if s.ending == endingHTML {
		compile = p.parseHTML
	}
	if fault := compile(text); fault != nil {
		return nil, fault
	}
	return p, nil
}

// checkText says what is wrong with a file before it is parsed, and in which
// line, if it is in one.
func checkText(text string) (line int, reason string) {
	switch {
	case len(text) > MaxOutput:
		return 0, fmt.Sprintf("is larger than %d MB", MaxOutput>>20)
	case strings.TrimSpace(text) == "":
		return 0, "is empty"
	}
	for one := range strings.Lines(text) {
		line++
		if !utf8.ValidString(one) {
			return line, "is not UTF-8"
		}
		if strings.ContainsRune(one, 0) {
			return line, "has a NUL character in it"
		}
	}
	return 0, ""
}

func (p *part) parseText(text string) *Error {
	t, err := texttemplate.New(p.file).Option("missingkey=error").Funcs(functions()).Parse(text)
	if err != nil {
		return p.parseFault(err)
	}
	trees := map[string]*parse.Tree{}
	for _, one := range t.Templates() {
		trees[one.Name()] = one.Tree
	}
	p.compiled = t
	return p.guard(text, trees)
}

// guard checks what trees call and puts the guards into them.
func (p *part) guard(text string, trees map[string]*parse.Tree) *Error {
	if line, err := checkCalls(text, trees); err != nil {
		return p.fault(line, err.Error())
	}
	for _, tree := range trees {
		guardTree(tree)
	}
	return nil
}

// render gives the output for data that values has made.
func (p *part) render(data map[string]any) (string, error) {
	out := &output{}
	out.text.Grow(p.size + p.size/4)
	if err := p.compiled.Execute(out, data); err != nil {
		return "", p.explain(err)
	}
	// Source and data are UTF-8; only slice, which counts bytes, can cut a
	// character in two. What is left of it goes.
	return strings.ToValidUTF8(out.text.String(), ""), nil
}

// fault is an error of this file.
func (p *part) fault(line int, reason string) *Error {
	return &Error{Template: p.template, File: p.shown, Line: line, Reason: reason}
}

// parsePattern is where text/template's parser puts the line and the reason,
// which quotes the template alone.
var parsePattern = regexp.MustCompile(`(?s)^template: [^:]*:(\d+)(?::\d+)?: (.*)$`)

func (p *part) parseFault(err error) *Error {
	m := parsePattern.FindStringSubmatch(err.Error())
	if m == nil {
		return p.fault(0, "cannot be parsed")
	}
	line, _ := strconv.Atoi(m[1]) // The pattern takes digits only.
	return p.fault(line, plain(m[2]))
}
