package inline

import "strings"

// span is where an attribute stands: its name, and its value without quotes.
type span struct {
	nameStart, nameEnd   int
	valueStart, valueEnd int
	quote                byte // Or 0.
	hasValue             bool
}

func (s span) shift(by int) span {
	s.nameStart, s.nameEnd = s.nameStart+by, s.nameEnd+by
	s.valueStart, s.valueEnd = s.valueStart+by, s.valueEnd+by
	return s
}

const space = " \n\r\t\f"

// readSpans finds the attributes in the text of a start tag, as the HTML
// standard reads them (13.2.5.32 and on), and the end of the tag's name. Of
// two attributes of one name the second does not count.
func readSpans(text string) (nameEnd int, spans []span) {
	nameEnd = len(text)
	if i := strings.IndexAny(text, space+"/>"); i >= 0 {
		nameEnd = i
	}
	seen := map[string]bool{}
	for i := nameEnd; ; {
		i += len(text[i:]) - len(strings.TrimLeft(text[i:], space))
		if i >= len(text) || text[i] == '>' {
			return nameEnd, spans
		}
		if text[i] == '/' {
			i++
			continue
		}
		var s span
		s, i = readSpan(text, i)
		if name := strings.ToLower(text[s.nameStart:s.nameEnd]); !seen[name] {
			seen[name] = true
			spans = append(spans, s)
		}
	}
}

// readSpan reads the attribute at i, and returns where it ends.
func readSpan(text string, i int) (span, int) {
	s := span{nameStart: i}
	i++ // Whatever it is, an equals sign too.
	for i < len(text) && !strings.ContainsRune(space+"/>=", rune(text[i])) {
		i++
	}
	s.nameEnd, s.valueStart, s.valueEnd = i, i, i
	next := i + len(text[i:]) - len(strings.TrimLeft(text[i:], space))
	if next >= len(text) || text[next] != '=' {
		return s, i
	}
	i = next + 1
	i += len(text[i:]) - len(strings.TrimLeft(text[i:], space))
	if i >= len(text) {
		return s, i
	}
	s.hasValue, s.valueStart = true, i
	switch quote := text[i]; quote {
	case '>':
		s.valueEnd = i
		return s, i
	case '"', '\'':
		s.quote, s.valueStart = quote, i+1
		end := strings.IndexByte(text[i+1:], quote)
		if end < 0 {
			s.valueEnd = len(text)
			return s, len(text)
		}
		s.valueEnd = i + 1 + end
		return s, s.valueEnd + 1
	default:
		for i < len(text) && !strings.ContainsRune(space+">", rune(text[i])) {
			i++
		}
		s.valueEnd = i
		return s, i
	}
}
