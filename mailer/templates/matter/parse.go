package matter

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Error says what is wrong with front matter, and in which line of the file.
type Error struct {
	Line   int
	Reason string
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// maxSize is the most bytes of front matter that are read.
const maxSize = 64 << 10

// firstLine is that of the file in which front matter begins: the fence is line 1.
const firstLine = 2

// Parse reads front matter, as Split gives it. Its error is an *Error.
func Parse(front string) (Matter, error) {
	if len(front) > maxSize {
		return Matter{}, &Error{firstLine, fmt.Sprintf("the front matter is larger than %d kB", maxSize>>10)}
	}
	if line := tooDeep(front); line > 0 {
		return Matter{}, &Error{lineOf(line), fmt.Sprintf("the front matter has more than %d brackets or lists open within one another", maxOpen)}
	}
	file, err := parser.ParseBytes([]byte(front), 0)
	if err != nil {
		return Matter{}, syntax(err, front)
	}
	var m Matter
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if err := checkNodes(doc.Body); err != nil {
			return Matter{}, err
		}
		if err := m.read(doc.Body); err != nil {
			return Matter{}, err
		}
	}
	return m, nil
}

// maxOpen is the most brackets, or lists in one line, within one another: for some
// thousands the parser takes minutes.
const maxOpen = 32

// tooDeep is the line in which there are more, whatever else is in it; 0 for none.
func tooDeep(front string) int {
	open, line := 0, 0
	for one := range strings.Lines(front) {
		line++
		for i := range len(one) {
			switch one[i] {
			case '[', '{':
				open++
			case ']', '}':
				open = max(open-1, 0)
			}
			if open > maxOpen {
				return line
			}
		}
		if strings.Count(one, "- ")+strings.Count(one, "? ") > maxOpen && strings.Trim(one[:2*maxOpen], "-? ") == "" {
			return line
		}
	}
	return 0
}

// checkNodes refuses what makes much of little: aliases of aliases.
func checkNodes(root ast.Node) error {
	var visit visitor
	ast.Walk(&visit, root)
	return visit.err
}

type visitor struct{ err error }

func (v *visitor) Visit(n ast.Node) ast.Visitor {
	switch n.(type) {
	case *ast.AliasNode, *ast.AnchorNode, *ast.TagNode, *ast.MergeKeyNode:
		if v.err == nil {
			v.err = at(n, "YAML's anchors, aliases and tags are not read: write it out, or put a text that begins with &, * or ! in quotes")
		}
		return nil
	default:
		return v
	}
}

// syntax is what the parser says, with a word on what to do about it.
func syntax(err error, front string) error {
	broken, ok := errors.AsType[yaml.Error](err)
	if !ok {
		return &Error{firstLine, "the front matter is no YAML: " + err.Error()}
	}
	line := broken.GetToken().Position.Line
	return &Error{lineOf(line), "the front matter is no YAML: " + broken.GetMessage() + hint(front, line)}
}

// lineOf is a line of the front matter as one of the file.
func lineOf(line int) int { return line + firstLine - 1 }

func at(n ast.Node, format string, args ...any) error {
	return &Error{lineOf(n.GetToken().Position.Line), fmt.Sprintf(format, args...)}
}

// read takes in what stands at the top.
func (m *Matter) read(n ast.Node) error {
	top, err := fields(n, "the front matter")
	if err != nil {
		return err
	}
	for _, f := range top {
		switch f.name {
		case "subject":
			m.Subject, err = whole(f)
		case "preheader":
			m.Preheader, err = whole(f)
		case "lang":
			m.Lang, err = lang(f)
		case "layout":
			m.Layout, err = text(f)
		case "unsubscribe":
			m.Unsubscribe, err = unsubscribe(f)
		case "data":
			m.Data, err = declaration(f.value)
		default:
			err = at(f.key, "%q is not known: there are data, lang, layout, preheader, subject and unsubscribe", f.name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// text is a value that is one, whatever YAML takes it for: a subject may be 2026.
func text(f field) (Value, error) {
	if _, null := f.value.(*ast.NullNode); null {
		return Value{}, at(f.value, "%s must be a text; one that begins with # stands in quotes", f.name)
	}
	scalar, ok := f.value.(ast.ScalarNode)
	if !ok {
		return Value{}, at(f.value, "%s must be a text", f.name)
	}
	s, line := f.value.GetToken().Value, f.value.GetToken().Position.Line
	if block, ok := scalar.(*ast.LiteralNode); ok { // It begins behind its | or >.
		s, line = block.Value.Value, line+1
	}
	return Value{strings.TrimSpace(s), lineOf(line)}, nil
}
