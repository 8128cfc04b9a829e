package actions

import (
	"errors"
	"strings"
)

const (
	left, right               = "{{", "}}"
	openComment, closeComment = "/*", "*/"
	// marker is what trims, with the white space that makes it one.
	marker = 2
)

// piece is an action as it was found, with the text in front of it. The last
// piece of a file is text alone.
type piece struct {
	text string
	// inner is what stands between braces and markers.
	inner  string
	action bool
	// before and after are whether markers trim the text on each side.
	before, after bool
	line          int
}

// lex cuts a source into pieces, in the way of text/template's lexer. Where it
// fails, line says where.
func lex(source string, line int) (pieces []piece, failed int, err error) {
	for {
		at := strings.Index(source, left)
		if at < 0 {
			return append(pieces, piece{text: source, line: line}), 0, nil
		}
		p := piece{text: source[:at], action: true, line: line + strings.Count(source[:at], "\n")}
		end, err := p.read(source[at:])
		if err != nil {
			return nil, p.line, err
		}
		pieces = append(pieces, p)
		line = p.line + strings.Count(source[at:at+end], "\n")
		source = source[at+end:]
	}
}

// read reads one action, with which source begins, and returns its length.
func (p *piece) read(source string) (length int, err error) {
	at := len(left)
	if rest := source[at:]; len(rest) >= marker && rest[0] == '-' && isSpace(rest[1]) {
		p.before = true
		at += marker
	}
	begin := at
	if strings.HasPrefix(source[at:], openComment) {
		at, err = skipComment(source, at)
	} else {
		at, err = skipAction(source, at)
	}
	if err != nil {
		return 0, err
	}
	p.inner = source[begin:at]
	if _, p.after = closes(source[at:]); p.after {
		at += marker
	}
	return at + len(right), nil
}

// closes reports whether the action ends here, and whether it trims.
func closes(rest string) (ends, trims bool) {
	if len(rest) >= marker && isSpace(rest[0]) && rest[1] == '-' && strings.HasPrefix(rest[marker:], right) {
		return true, true
	}
	return strings.HasPrefix(rest, right), false
}

func skipComment(source string, at int) (end int, err error) {
	length := strings.Index(source[at+len(openComment):], closeComment)
	if length < 0 {
		return 0, errors.New("a comment is not closed: it ends with */}}")
	}
	end = at + len(openComment) + length + len(closeComment)
	if ends, _ := closes(source[end:]); !ends {
		return 0, errors.New("a comment ends before its action does: write {{/* … */}}")
	}
	return end, nil
}

// errOpen is for an action that goes on to the file's end, to the next action or to a
// brace alone, none of which can stand in one.
var errOpen = errors.New("an action is not closed: it ends with }}")

// skipAction returns where the action ends: at braces that stand in no string.
func skipAction(source string, at int) (end int, err error) {
	for at < len(source) {
		if ends, _ := closes(source[at:]); ends {
			return at, nil
		}
		switch quote := source[at]; quote {
		case '"', '\'', '`':
			if at, err = skipQuoted(source, at+1, quote); err != nil {
				return 0, err
			}
		case '}':
			return 0, errOpen
		case '{':
			if strings.HasPrefix(source[at:], left) {
				return 0, errOpen
			}
			at++
		default:
			at++
		}
	}
	return 0, errOpen
}

// skipQuoted returns where a string or character that began before at is over.
func skipQuoted(source string, at int, quote byte) (end int, err error) {
	rest := source[at:]
	for ; at < len(source); at++ {
		switch c := source[at]; {
		case c == quote:
			return at + 1, nil
		case quote == '`': // A raw string takes all, lines too.
		case c == '\n':
			return 0, unclosed(quote, rest)
		case c == '\\':
			at++ // What is escaped ends nothing, but the end of the line does.
			if at < len(source) && source[at] == '\n' {
				return 0, unclosed(quote, rest)
			}
		}
	}
	return 0, unclosed(quote, rest)
}

// unclosed is for a quote that nothing ends. Where no action ends in its line either,
// it may be the action that was left open, as in <a href="{{.url">.
func unclosed(quote byte, rest string) error {
	if line, _, _ := strings.Cut(rest, "\n"); !strings.Contains(line, right) {
		return errors.New("an action, or a " + string(quote) + " in it, is not closed: an action ends with }}")
	}
	return errors.New("an action has a " + string(quote) + " that is not closed")
}

func isSpace(c byte) bool { return strings.IndexByte(space, c) >= 0 }
