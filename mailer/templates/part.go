package templates

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	texttemplate "text/template"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/postroom/postroom/mailer/templates/actions"
	"github.com/postroom/postroom/mailer/templates/cldr"
	"github.com/postroom/postroom/mailer/templates/matter"
)

// part is the subject, HTML or text of a template in one locale, parsed and
// guarded.
type part struct {
	name   string // The template's.
	shown  string // The file, as errors name it.
	ending ending
	// language is that of the text, and formats how it writes numbers and dates: nil
	// where that is not known. formatting tells that the part does.
	locale     string
	language   language.Tag
	formats    *cldr.Formats
	formatting bool
	regional   *regional
	// data is what the template declares; nil for nothing.
	data *matter.Data
	// restored is what was parsed, of one file or of several.
	restored actions.Restored
	comments conditions
	// tidy lays out what was rendered; nil for what is laid out already.
	tidy     func(string) string
	compiled interface {
		Execute(w io.Writer, data any) error
	}
}

// compile parses the part. All its errors come now, html/template's own as well,
// which looks at contexts only when a template first runs.
func (p *part) compile() *Error {
	if p.ending == endingHTML {
		return p.parseHTML(p.restored.Text)
	}
	return p.parseText(p.restored.Text)
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
	t, err := texttemplate.New(templateName).Option("missingkey=error").Funcs(p.functions()).Parse(text)
	if err != nil {
		return p.parseFault(err)
	}
	for _, one := range t.Templates() {
		if fault := p.checkCalls(one.Tree); fault != nil {
			return fault
		}
		guardTree(one.Tree)
	}
	p.compiled = t
	return nil
}

// render gives the output for data that values has made.
func (p *part) render(data map[string]any) (string, error) {
	out := &output{}
	size := len(p.restored.Text)
	out.text.Grow(size + size/4)
	if err := p.compiled.Execute(out, data); err != nil {
		return "", p.explain(err)
	}
	// Source and data are UTF-8; only slice, which counts bytes, can cut a
	// character in two. What is left of it goes.
	text := strings.ToValidUTF8(out.text.String(), "")
	if p.tidy != nil {
		text = p.tidy(text)
	}
	return text, nil
}

// fault is an error of the part as a whole.
func (p *part) fault(reason string) *Error {
	return &Error{Template: p.name, File: p.shown, Reason: reason}
}

// faultAt is an error at a line and a column of what was parsed, where it says
// them: it is told by the file and line that this comes from.
func (p *part) faultAt(line, column int, reason string) *Error {
	e := p.fault(reason)
	if origin, ok := p.restored.Origin(line, column); ok && origin.File != "" {
		e.File, e.Line, e.Caller = origin.File, origin.Line, caller(origin.Action)
	}
	return e
}

// caller is who called the partial that an action stands in, and who called that.
func caller(a actions.Action) string {
	var places []string
	for call := a.Caller; call != nil; call = call.Caller {
		places = append(places, fmt.Sprintf("%s:%d", call.File, call.Line))
	}
	return strings.Join(places, ", from ")
}

// parsePattern is where text/template's parser puts the line and the reason,
// which quotes the template alone.
var parsePattern = regexp.MustCompile(`(?s)^template: [^:]*:(\d+)(?::(\d+))?: (.*)$`)

func (p *part) parseFault(err error) *Error {
	m := parsePattern.FindStringSubmatch(err.Error())
	if m == nil {
		return p.fault("cannot be parsed")
	}
	return p.parseFaultAt(place(m[1]), place(m[2]), unguarded(m[3]))
}

// templateName is what parsers call every part: their errors begin with it.
const templateName = "template"

// place is a line or a column of an error, -1 where it says none.
func place(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return -1
	}
	return n
}
