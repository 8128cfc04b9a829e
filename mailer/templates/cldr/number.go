package cldr

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// AsWritten is, for places, all that a number was written with.
const AsWritten = -1

// Number writes a number with that many decimal places.
func (f *Formats) Number(n Number, places int) string {
	return f.write(f.number, n, places, f.table.Decimal, f.table.Group, "")
}

// Percent writes 0.25 as 25 %.
func (f *Formats) Percent(n Number, places int) string {
	return f.write(f.percent, n.shift(2), places, f.table.Decimal, f.table.Group, "") //nolint:mnd // Of a hundred.
}

// Money writes an amount of a currency, by its code of ISO 4217 in any case.
// Without places it has those of the currency. It reports whether there is such
// a currency.
func (f *Formats) Money(n Number, code string, places int) (string, bool) {
	code = strings.ToUpper(code)
	own, ok := currencies()[code]
	if !ok {
		return "", false
	}
	if places == AsWritten {
		places = own
	}
	sign := code
	if symbol := f.table.Symbols[code]; symbol != "" {
		sign = symbol
	}
	p := f.money
	if form := f.table.Forms[code]; form != "" {
		p = parsePattern(form)
	}
	return f.write(p, n, places, f.table.MoneyDecimal, f.table.MoneyGroup, sign), true
}

// IsCurrency reports whether there is a currency of that code.
func IsCurrency(code string) bool {
	_, ok := currencies()[strings.ToUpper(code)]
	return ok
}

// write puts a number into a pattern.
func (f *Formats) write(p pattern, n Number, places int, decimal, group, sign string) string {
	if places != AsWritten {
		n = n.round(places)
	}
	whole := n.whole
	if whole == "" {
		whole = "0"
	}
	body := p.grouped(whole, groupMark, f.table.GroupFrom)
	if n.fraction != "" {
		body += decimalMark + n.fraction
	}
	prefix, suffix := p.prefix, p.suffix
	if n.negative && !n.isZero() {
		prefix, suffix = p.minusPrefix, p.minusSuffix
	}
	before, after := f.affix(prefix, sign), f.affix(suffix, sign)
	if strings.HasSuffix(prefix, currencySign) && apartFrom(utf8.DecodeLastRuneInString(sign)) {
		before += noBreak
	}
	if strings.HasPrefix(suffix, currencySign) && apartFrom(utf8.DecodeRuneInString(sign)) {
		after = noBreak + after
	}
	body = strings.ReplaceAll(f.inDigits(body), groupMark, group)
	return before + strings.ReplaceAll(body, decimalMark, decimal) + after
}

const noBreak = "\u00A0"

// The marks stand in a number until its digits are those of the locale.
const (
	groupMark   = "\x00"
	decimalMark = "\x01"
)

// apartFrom reports whether CLDR has a space between such a character of a
// currency's sign and a digit.
func apartFrom(r rune, _ int) bool {
	return !unicode.IsSymbol(r) && !unicode.Is(unicode.Z, r)
}

// affix is what stands before or behind a number.
func (f *Formats) affix(text, sign string) string {
	if text == "" || text == currencySign {
		return strings.ReplaceAll(text, currencySign, sign)
	}
	return strings.NewReplacer(minusSign, f.table.Minus, percentSign, f.table.Percent, currencySign, sign, "'", "").Replace(text)
}

// inDigits writes digits as the locale does.
func (f *Formats) inDigits(text string) string {
	if f.digits[0] == '0' {
		return text
	}
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return f.digits[r-'0']
		}
		return r
	}, text)
}

// padded is a whole number with at least that many digits.
func (f *Formats) padded(n, least int) string { return f.inDigits(fmt.Sprintf("%0*d", least, n)) }
