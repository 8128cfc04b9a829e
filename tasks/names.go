package tasks

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// names are those that an object may have, and behind each the names of what
// it holds. With nil any name is right, once.
type names map[string]names

// payloadNames are the names of Email, and of what is in it.
var payloadNames = map[string]names{
	"v": nil, "id": nil, "account": nil, "from": nil, "reply_to": nil, "to": nil, "cc": nil, "bcc": nil,
	"subject": nil, "text": nil, "html": nil, "template": nil, "locale": nil, "data": nil, "headers": nil,
	"attachments": {"name": nil, "type": nil, "cid": nil, "blob": nil, "path": nil},
	"unsubscribe": {"url": nil, "mailto": nil},
	"thread":      {"id": nil, "in_reply_to": nil, "references": nil},
	"enqueued_at": nil, "expires_at": nil, "on_unknown": nil,
}

// notInPayload is where a mail says what people look for in its payload.
var notInPayload = map[string]string{
	"lane":       "give --lane, or OnLane in Go",
	"at":         "give --at, or At in Go",
	"in":         "give --in, or In in Go",
	"expires_in": "give expires_at, --expires-in, or ExpiresIn in Go",
}

// maxNamed is how many wrong names are told of at once.
const maxNamed = 20

// wrongNames finds names that are unknown or repeated in an object that
// encoding/json has read. It takes a name in any case, and of two the last: a
// mail could go to somebody else than whom another program reads in it.
func wrongNames(b []byte, allowed names) problems {
	w := nameWalk{b: b}
	w.value(allowed)
	return w.wrong
}

// nameWalk walks once over JSON that is known to be right. It lies on the
// stack, and so does its path: a worker walks over each mail.
type nameWalk struct {
	b     []byte
	i     int
	path  [maxPath]step
	depth int
	wrong problems
}

// maxPath is how far down a problem's place is told.
const maxPath = 8

// step is one down: into an object by name, or into a list.
type step struct {
	name  []byte
	index int
}

func (w *nameWalk) value(allowed names) {
	switch w.next() {
	case '{':
		w.object(allowed)
	case '[':
		w.list(allowed)
	case '"':
		w.text()
	default:
		for w.i < len(w.b) && !isBetween(w.b[w.i]) && w.b[w.i] != ']' && w.b[w.i] != '}' {
			w.i++
		}
	}
}

// next goes to what comes next.
func (w *nameWalk) next() byte {
	for isBetween(w.b[w.i]) {
		w.i++
	}
	return w.b[w.i]
}

// isBetween is for what stands between values and names.
func isBetween(c byte) bool {
	return c == ',' || c == ':' || c == ' ' || c == '\n' || c == '\r' || c == '\t'
}

func (w *nameWalk) object(allowed names) {
	var seen nameSet
	for w.i++; w.next() != '}'; {
		name := w.name()
		w.down(step{name: name})
		below, known := allowed[string(name)]
		switch {
		case allowed != nil && !known:
			w.say("unknown field"+hint(string(name), allowed, w.depth == 1), "has an unknown field")
		case !seen.add(name):
			w.say("is there twice", "has a name that is there twice")
		}
		w.value(below)
		w.depth--
	}
	w.i++
}

func (w *nameWalk) list(allowed names) {
	index := 0
	for w.i++; w.next() != ']'; index++ {
		w.down(step{index: index})
		w.value(allowed)
		w.depth--
	}
	w.i++
}

func (w *nameWalk) down(s step) {
	if w.depth < maxPath {
		w.path[w.depth] = s
	}
	w.depth++
}

// text goes over a string and returns what is between its quotes.
func (w *nameWalk) text() []byte {
	start := w.i + 1
	for end := start; ; end++ {
		end += bytes.IndexByte(w.b[end:], '"')
		escapes := 0
		for w.b[end-1-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			w.i = end + 1
			return w.b[start:end]
		}
	}
}

// name is the next name as encoding/json reads it.
func (w *nameWalk) name() []byte {
	start := w.i
	name := w.text()
	if bytes.IndexByte(name, '\\') < 0 && utf8.Valid(name) {
		return name
	}
	var read string
	_ = json.Unmarshal(w.b[start:w.i], &read) // It was read before.
	return []byte(read)
}

// say notes what is wrong with the name at the end of the path: as reason, or,
// where that name or one above it may be content, as reasonAbove of what is
// above.
func (w *nameWalk) say(reason, reasonAbove string) {
	if len(w.wrong) == maxNamed {
		return
	}
	if field, whole := w.field(); whole {
		w.wrong.addf(field, "%s", reason)
	} else {
		w.wrong.addf(cmp.Or(field, "payload"), "%s", reasonAbove)
	}
}

// field is the payload's name for the path, as far as it may be told, and
// whether that is all of it.
func (w *nameWalk) field() (field string, whole bool) {
	for _, s := range w.path[:min(w.depth, maxPath)] {
		switch {
		case s.name == nil:
			field += fmt.Sprintf("[%d]", s.index)
		case !fieldPattern.MatchString(string(s.name)): //nolint:mirror // A copy: else every name would be on the heap.
			return field, false
		case field == "":
			field = string(s.name)
		default:
			field += "." + string(s.name)
		}
	}
	return field, w.depth <= maxPath
}

// hint is what may have been meant by an unknown name.
func hint(name string, allowed names, top bool) string {
	if where, ok := notInPayload[name]; ok && top {
		return "; " + where
	}
	plain := strings.NewReplacer("_", "", "-", "")
	for known := range allowed {
		if strings.EqualFold(plain.Replace(known), plain.Replace(name)) {
			return "; write " + known
		}
	}
	return ""
}

// nameSet holds an object's names: those of a payload without an allocation.
type nameSet struct {
	few  [24][]byte
	n    int
	many map[string]bool
}

// add reports whether the name is new.
func (s *nameSet) add(name []byte) bool {
	if s.many == nil {
		if slices.ContainsFunc(s.few[:s.n], func(known []byte) bool { return bytes.Equal(known, name) }) {
			return false
		}
		if s.n < len(s.few) {
			s.few[s.n] = name
			s.n++
			return true
		}
		s.many = make(map[string]bool, 2*s.n)
		for _, known := range &s.few {
			s.many[string(known)] = true
		}
	}
	known := s.many[string(name)]
	s.many[string(name)] = true
	return !known
}
