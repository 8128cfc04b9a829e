package preview

import (
	"bytes"
	"slices"
	"strings"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/css"
)

// sheet is what of the styles Gmail does not take.
type sheet struct {
	dropped found // Properties, at-rules and selectors.
	colors  found // Values for which Gmail drops the whole attribute or rule.
	nested  found // At-rules for which Gmail drops the whole block.
}

// readAttribute reads a style attribute.
func (s *sheet) readAttribute(text string) { s.read(text, true) }

// readBlock reads a style block.
func (s *sheet) readBlock(text string) { s.read(text, false) }

func (s *sheet) read(text string, attribute bool) {
	p := css.NewParser(parse.NewInputString(text), attribute)
	depth := 0 // Of at-rules.
	for {
		grammar, _, data := p.Next()
		switch grammar {
		case css.ErrorGrammar:
			if !p.HasParseError() {
				return // The end.
			}
		case css.AtRuleGrammar, css.BeginAtRuleGrammar:
			s.atRule(strings.ToLower(string(data)), depth)
			if grammar == css.BeginAtRuleGrammar {
				depth++
			}
		case css.EndAtRuleGrammar:
			depth--
		case css.BeginRulesetGrammar, css.QualifiedRuleGrammar:
			s.selector(p.Values())
		case css.DeclarationGrammar:
			s.declaration(strings.ToLower(string(data)), p.Values())
		case css.CustomPropertyGrammar:
			s.dropped.add(string(data))
		default:
		}
	}
}

// atRule knows that Gmail removes a block with an at-rule in an at-rule
// (github.com/hteumeuleu/caniemail/issues/144).
func (s *sheet) atRule(name string, depth int) {
	if slices.Contains(droppedRules, name) {
		s.dropped.add(name)
	}
	if depth > 0 {
		s.nested.add(name)
	}
}

// selector joins colons with the name behind them.
func (s *sheet) selector(tokens []css.Token) {
	colons := ""
	for _, t := range tokens {
		if t.TokenType == css.ColonToken {
			colons += ":"
			continue
		}
		if colons != "" {
			name := colons + strings.ToLower(strings.TrimSuffix(string(t.Data), "("))
			if slices.Contains(droppedSelectors, name) {
				s.dropped.add(name)
			}
		}
		colons = ""
	}
}

func (s *sheet) declaration(name string, value []css.Token) {
	switch {
	case slices.Contains(droppedProperties, name):
		s.dropped.add(name)
	case name == "display" && has(value, "grid", "inline-grid"): // css-display-grid
		s.dropped.add("display: grid")
	case strings.HasPrefix(name, "margin") && negative(value): // css-margin
		s.dropped.add("negative " + name)
	}
	for i, t := range value {
		if t.TokenType == css.FunctionToken && spaced(string(t.Data), value[i+1:]) {
			s.colors.add(string(t.Data) + "…)")
		}
	}
}

func has(value []css.Token, words ...string) bool {
	for _, t := range value {
		for _, word := range words {
			if bytes.EqualFold(t.Data, []byte(word)) {
				return true
			}
		}
	}
	return false
}

func negative(value []css.Token) bool {
	for _, t := range value {
		if len(t.Data) > 1 && t.Data[0] == '-' && (t.TokenType == css.DimensionToken || t.TokenType == css.NumberToken ||
			t.TokenType == css.PercentageToken) {
			return true
		}
	}
	return false
}

// spaced reports a color in the newer form, without commas: rgb(0 128 0 / 1).
// caniemail's css-rgb: Gmail drops the whole style attribute.
func spaced(function string, rest []css.Token) bool {
	switch strings.ToLower(function) {
	case "rgb(", "rgba(", "hsl(", "hsla(":
	case "hwb(", "lab(", "lch(", "oklab(", "oklch(", "color(": // css-modern-color
		return true
	default:
		return false
	}
	for _, t := range rest {
		switch t.TokenType {
		case css.CommaToken:
			return false
		case css.RightParenthesisToken:
			return true
		default:
		}
	}
	return false
}
