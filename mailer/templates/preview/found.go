package preview

import (
	"fmt"
	"slices"
	"strings"
)

// found are things of one kind, each once and in order.
type found struct{ list []string }

func (f *found) add(thing string) {
	if !slices.Contains(f.list, thing) {
		f.list = append(f.list, thing)
	}
}

// String names the first few, each in short.
func (f *found) String() string {
	const most = 5
	var b strings.Builder
	for i, thing := range f.list[:min(len(f.list), most)] {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(brief(thing))
	}
	if more := len(f.list) - most; more > 0 {
		fmt.Fprintf(&b, " and %d more", more)
	}
	return b.String()
}

// brief is a thing in one short line, and in quotes where there is none of it.
func brief(thing string) string {
	const most = 60
	thing = strings.Join(strings.Fields(thing), " ")
	if thing == "" {
		return `""`
	}
	if runes := []rune(thing); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return thing
}
