package cldr

import "iter"

// piece is a part of a date's pattern: text, or letters of one kind.
type piece struct{ literal, letters string }

// pieces takes a pattern apart. Text with letters in it is quoted, and two quotes
// are one.
func pieces(pattern string) iter.Seq[piece] {
	return func(yield func(piece) bool) {
		runes := []rune(pattern)
		for i := 0; i < len(runes); {
			next, one := i+1, piece{literal: string(runes[i])}
			switch {
			case runes[i] == '\'':
				next, one = quoted(runes, i+1)
			case isLetter(runes[i]):
				for next < len(runes) && runes[next] == runes[i] {
					next++
				}
				one = piece{letters: string(runes[i:next])}
			}
			if !yield(one) {
				return
			}
			i = next
		}
	}
}

// quoted is the text up to the next quote, and where it goes on behind that.
func quoted(runes []rune, start int) (next int, one piece) {
	end := start
	for end < len(runes) && runes[end] != '\'' {
		end++
	}
	text := string(runes[start:end])
	if text == "" {
		text = "'"
	}
	return end + 1, piece{literal: text}
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }
