package inline

import (
	"strings"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/css"
)

// word is a token of CSS ("token" means an action here), and where it stands.
type word struct {
	kind       css.TokenType
	start, end int
}

// lex splits CSS into words, which follow one another without a gap.
func lex(text string) []word {
	lexer := css.NewLexer(parse.NewInputString(text))
	var words []word
	for at := 0; ; {
		kind, data := lexer.Next()
		if kind == css.ErrorToken || len(data) == 0 {
			return words
		}
		words = append(words, word{kind, at, at + len(data)})
		at += len(data)
	}
}

// broken says what is wrong with the words by themselves, and where.
func broken(text string, words []word) (offset int, reason string) {
	for _, w := range words {
		s := text[w.start:w.end]
		switch w.kind {
		case css.CommentToken:
			if len(s) < 4 || !strings.HasSuffix(s, "*/") {
				return w.start, "a comment is not closed: there is no */ to this /*"
			}
		case css.StringToken:
			if len(s) < 2 || s[len(s)-1] != s[0] {
				return w.start, "a string is not closed: " + short(s)
			}
		case css.BadStringToken:
			return w.start, "a string has a line break in it: " + short(s)
		case css.BadURLToken:
			return w.start, "this url() has a quote, a space or a bracket in it; put it in quotes: " + short(s)
		case css.URLToken:
			if !strings.HasSuffix(s, ")") {
				return w.start, "a url( is not closed"
			}
		default:
		}
	}
	return 0, ""
}

// depth counts brackets: how much deeper w goes.
func depth(w word) int {
	switch w.kind {
	case css.LeftBraceToken, css.LeftBracketToken, css.LeftParenthesisToken, css.FunctionToken:
		return 1
	case css.RightBraceToken, css.RightBracketToken, css.RightParenthesisToken:
		return -1
	default:
		return 0
	}
}

func blank(w word) bool { return w.kind == css.WhitespaceToken || w.kind == css.CommentToken }

// trim removes space and comments at both ends.
func trim(words []word) []word {
	for len(words) > 0 && blank(words[0]) {
		words = words[1:]
	}
	for len(words) > 0 && blank(words[len(words)-1]) {
		words = words[:len(words)-1]
	}
	return words
}

// tidy writes words in one line, without comments, and strings in single
// quotes, which need no escape in most attributes.
func tidy(text string, words []word) string {
	var b strings.Builder
	gap := false
	for _, w := range words {
		if blank(w) {
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap = false
		s := text[w.start:w.end]
		if w.kind == css.StringToken && s[0] == '"' && !strings.ContainsAny(s, `'\`) {
			s = "'" + s[1:len(s)-1] + "'"
		}
		b.WriteString(s)
	}
	return b.String()
}
