package plain

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	nonJoiner = '\u200c'
	joiner    = '\u200d'
)

// collapse makes one space of each run of white space, and drops what is not
// visible. With atSpace, a space at the beginning would be one too many.
func collapse(s string, atSpace bool) string {
	var b strings.Builder
	b.Grow(len(s))
	space, last := false, ' '
	for i, r := range s {
		switch {
		case isSpace(r):
			space, last = true, ' '
			continue
		case isInvisible(r), isJoiner(r) && !joins(last, s[i+utf8.RuneLen(r):]):
			continue
		}
		if space && (!atSpace || b.Len() > 0) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		space, last = false, r
	}
	if space && (!atSpace || b.Len() > 0) {
		b.WriteByte(' ')
	}
	return b.String()
}

// isSpace counts among white space what HTML does, and the no-break space and
// the figure space, which pad preheaders.
func isSpace(r rune) bool {
	switch r {
	case ' ', '\t', '\n', '\r', '\f', '\u00a0', '\u2007':
		return true
	}
	return false
}

// isInvisible reports whether r takes no place: control characters, the soft
// hyphen, and what pads preheaders. Marks of direction are kept.
func isInvisible(r rune) bool {
	switch r {
	case '\u00ad', '\u034f', '\u200b', '\u2060', '\ufeff':
		return true
	}
	return unicode.IsControl(r)
}

func isJoiner(r rune) bool { return r == joiner || r == nonJoiner }

// joins reports whether a joiner has something to join: letters of Persian and
// Indic scripts, or the parts of an emoji. In a preheader it has not.
func joins(last rune, rest string) bool {
	next, _ := utf8.DecodeRuneInString(rest)
	return !isSpace(last) && rest != "" && !isSpace(next) && !isInvisible(next) && !isJoiner(next) && !isJoiner(last)
}

// keepSpace drops what is not visible from preformatted text, for strings.Map.
func keepSpace(r rune) rune {
	switch {
	case r == '\n', r == '\t':
		return r
	case isSpace(r):
		return ' '
	case isInvisible(r):
		return -1
	}
	return r
}

// printable drops control characters, for strings.Map.
func printable(r rune) rune {
	if unicode.IsControl(r) {
		return -1
	}
	return r
}

// digit drops what is no digit, for strings.Map.
func digit(r rune) rune {
	if r < '0' || r > '9' {
		return -1
	}
	return r
}
