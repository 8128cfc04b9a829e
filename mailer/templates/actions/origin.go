package actions

import (
	"iter"
	"sort"
	"strings"
)

// Restored is a text whose actions are back in their places.
type Restored struct {
	// Text is the template's source.
	Text  string
	spans []span
}

// span is where an action stands in the text.
type span struct {
	begin, end int
	action     Action
}

// Origin is where something in a restored text comes from.
type Origin struct {
	Action Action
	// File and Line are the action's, or, where it goes over several lines,
	// those of the line that was asked for.
	File string
	Line int
}

// At returns the origin of the byte at an offset, if an action stands there.
func (r Restored) At(offset int) (Origin, bool) {
	i := sort.Search(len(r.spans), func(i int) bool { return r.spans[i].end > offset })
	if offset < 0 || i == len(r.spans) || r.spans[i].begin > offset {
		return Origin{}, false
	}
	s := r.spans[i]
	within := strings.Count(r.Text[s.begin:offset], "\n")
	return Origin{Action: s.action, File: s.action.File, Line: s.action.Line + within}, true
}

// Origin returns where an error of text/template or html/template comes from,
// which names a line, from 1, and mostly a column of it, in bytes from 0. Where
// no action stands at the column, or it is negative since the error has none,
// it is the first action after that, or else the last, in the same line.
func (r Restored) Origin(line, column int) (Origin, bool) {
	begin, end, ok := r.line(line)
	if !ok {
		return Origin{}, false
	}
	offset := min(begin+max(column, 0), end)
	if origin, ok := r.At(offset); ok {
		return origin, true
	}
	i := sort.Search(len(r.spans), func(i int) bool { return r.spans[i].begin >= offset })
	if i < len(r.spans) && r.spans[i].begin < end {
		return r.At(r.spans[i].begin)
	}
	if i > 0 && r.spans[i-1].end > begin {
		return r.At(r.spans[i-1].end - 1)
	}
	return Origin{}, false
}

// In goes over the actions that stand in a line, from 1, or have a part in it.
func (r Restored) In(line int) iter.Seq[Action] {
	return func(yield func(Action) bool) {
		begin, end, ok := r.line(line)
		for _, s := range r.spans {
			if ok && s.end > begin && s.begin < end && !yield(s.action) {
				return
			}
		}
	}
}

// line is where a line begins and ends. ok is false where there is none of that
// number.
func (r Restored) line(number int) (begin, end int, ok bool) {
	for range number - 1 {
		next := strings.IndexByte(r.Text[begin:], '\n')
		if next < 0 {
			return 0, 0, false
		}
		begin += next + 1
	}
	end = len(r.Text)
	if next := strings.IndexByte(r.Text[begin:], '\n'); next >= 0 {
		end = begin + next
	}
	return begin, end, true
}
