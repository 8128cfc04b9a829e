package matter

import (
	"strings"
)

// Matter is what front matter says. The zero Matter says nothing.
type Matter struct {
	// Subject and Preheader are templates for text.
	Subject, Preheader Value
	// Lang is the language of the text, by BCP 47.
	Lang Value
	// Layout is the name of one; "none" is none.
	Layout Value
	// Unsubscribe says how a reader leaves the list.
	Unsubscribe Unsubscribe
	// Data is nil where nothing is declared.
	Data *Data
}

// Unsubscribe are templates for a URL and for an address or a mailto URL. Either
// may be missing.
type Unsubscribe struct{ URL, Mailto Value }

// Value is a text, and the line of the file in which it begins. Line is 0 for a
// value that is not there.
type Value struct {
	Text string
	Line int
}

const fence = "---"

// Split takes front matter and body apart. The body begins in the line of that
// number; where there is no front matter it is the whole text. ok is false where
// front matter has no end.
func Split(text string) (front, body string, line int, ok bool) {
	first, rest, _ := strings.Cut(text, "\n")
	if strings.TrimRight(first, " \t\r") != fence {
		return "", text, 1, true
	}
	line = 1
	for at := 0; at < len(rest); {
		one, _, found := strings.Cut(rest[at:], "\n")
		line++
		if strings.TrimRight(one, " \t\r") == fence {
			return rest[:at], strings.TrimPrefix(rest[at+len(one):], "\n"), line + 1, true
		}
		at += len(one)
		if found {
			at++
		}
	}
	return "", text, 1, false
}
