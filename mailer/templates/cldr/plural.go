package cldr

import (
	"slices"
	"strconv"
	"strings"
)

// Other is the plural that every language has.
const Other = "other"

// Plurals are CLDR's names of the plurals, of which each language has some.
func Plurals() []string { return []string{"zero", "one", "two", "few", "many", Other} }

// IsPlural reports whether it is the name of one.
func IsPlural(name string) bool { return slices.Contains(Plurals(), name) }

// Plural is the one that a number takes, with the decimal places that it is
// written with: in English 1 is "one", and 1.0 is not.
func (f *Formats) Plural(n Number) string {
	for _, name := range Plurals() {
		if rule := f.table.Plurals[name]; rule != "" && n.fits(rule) {
			return name
		}
	}
	return Other
}

// fits reports whether a rule of UTS 35 is true of the number, such as
// "v = 0 and i % 10 = 2..4 and i % 100 != 12..14 or n = 0".
func (n Number) fits(rule string) bool {
	for one := range strings.SplitSeq(rule, " or ") {
		all := true
		for relation := range strings.SplitSeq(one, " and ") {
			all = all && n.holds(relation)
		}
		if all {
			return true
		}
	}
	return false
}

// holds reports whether one relation is true, such as "i % 10 = 2..4,9".
func (n Number) holds(relation string) bool {
	left, right, equals := strings.Cut(relation, " = ")
	if !equals {
		left, right, _ = strings.Cut(relation, " != ")
	}
	letter, modulus, _ := strings.Cut(left, " % ")
	value, isWhole := n.operand(letter)
	if modulus != "" {
		value = tail(value, len(modulus)-1)
	}
	found := false
	for span := range strings.SplitSeq(right, ",") {
		from, to, isRange := strings.Cut(span, "..")
		if !isRange {
			to = from
		}
		found = found || isWhole && !less(value, from) && !less(to, value)
	}
	return found == equals
}

// operand is one of UTS 35: n and i the number and its whole part, v and w how
// many decimals are written and how many of them count, f and t those decimals.
// Only n may be no whole number. There are no compact numbers here, so that c and
// e are 0.
func (n Number) operand(letter string) (value string, isWhole bool) {
	counting := strings.TrimRight(n.fraction, "0")
	switch letter {
	case "n":
		return n.whole, counting == ""
	case "i":
		return n.whole, true
	case "v":
		return size(n.fraction), true
	case "w":
		return size(counting), true
	case "f":
		return strings.TrimLeft(n.fraction, "0"), true
	case "t":
		return strings.TrimLeft(counting, "0"), true
	default:
		return "", true
	}
}

// Values are digits without zeros in front, so that no number is too large.

func size(digits string) string { return strings.TrimLeft(strconv.Itoa(len(digits)), "0") }

// tail is what remains of a division by a 1 with that many zeros, as all of the
// rules have it.
func tail(value string, zeros int) string {
	return strings.TrimLeft(value[max(0, len(value)-zeros):], "0")
}

func less(a, b string) bool {
	b = strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return a < b
}
