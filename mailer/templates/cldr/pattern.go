package cldr

import (
	"strings"
)

// pattern is one of UTS 35 for numbers, such as "#,##0.00 ¤;-#,##0.00 ¤".
type pattern struct {
	prefix, suffix string
	// minusPrefix and minusSuffix are those of a number below zero.
	minusPrefix, minusSuffix string
	// group is how many digits stand behind the last group sign, and groups how
	// many between two; 0 for no groups.
	group, groups int
}

// signs are what a pattern's letters stand for.
const (
	minusSign    = "-"
	percentSign  = "%"
	currencySign = "¤"
	numberSigns  = "#,0."
)

func parsePattern(text string) pattern {
	plus, minus, both := strings.Cut(text, ";")
	var p pattern
	var body string
	p.prefix, body, p.suffix = apart(plus)
	if both {
		p.minusPrefix, _, p.minusSuffix = apart(minus)
	} else {
		p.minusPrefix, p.minusSuffix = minusSign+p.prefix, p.suffix
	}
	whole, _, _ := strings.Cut(body, ".")
	parts := strings.Split(whole, ",")
	if last := len(parts) - 1; last > 0 {
		p.group = len(parts[last])
		p.groups = p.group
		if last > 1 {
			p.groups = len(parts[last-1])
		}
	}
	return p
}

// apart is what stands before the number, the number, and what stands behind it.
func apart(text string) (before, number, after string) {
	start := strings.IndexAny(text, numberSigns)
	end := strings.LastIndexAny(text, numberSigns) + 1
	return text[:start], text[start:end], text[end:]
}

// grouped puts a group sign between digits, where there are enough of them.
func (p pattern) grouped(digits, sign string, from int) string {
	if p.group == 0 || len(digits) < p.group+from {
		return digits
	}
	last := len(digits) - p.group
	first := last % p.groups
	if first == 0 {
		first = p.groups
	}
	var b strings.Builder
	b.WriteString(digits[:first])
	for at := first; at < last; at += p.groups {
		b.WriteString(sign)
		b.WriteString(digits[at : at+p.groups])
	}
	b.WriteString(sign)
	b.WriteString(digits[last:])
	return b.String()
}
