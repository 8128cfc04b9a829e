package cldr

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
)

// Number is a decimal number with the digits that it was written with: no float
// comes between, so that none is lost or made up.
type Number struct {
	negative bool
	whole    string // Without zeros in front; empty below 1.
	fraction string
}

var (
	numberPattern = regexp.MustCompile(`^(-?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$`)
	errNumber     = errors.New("is no number")
)

// maxExponent is how far the mark of a number may be moved: a float's range.
const maxExponent = 400

// ParseNumber reads a number as JSON and Go write it.
func ParseNumber(s string) (Number, error) {
	m := numberPattern.FindStringSubmatch(s)
	if len(m) == 0 || m[2]+m[3] == "" {
		return Number{}, errNumber
	}
	n := Number{negative: m[1] != "", whole: m[2], fraction: m[3]}
	if m[4] != "" {
		exponent, err := strconv.Atoi(m[4])
		if err != nil || exponent > maxExponent || exponent < -maxExponent {
			return Number{}, errNumber
		}
		n = n.shift(exponent)
	}
	n.whole = strings.TrimLeft(n.whole, "0")
	return n, nil
}

// shift moves the mark to the right, or to the left.
func (n Number) shift(by int) Number {
	if by > 0 {
		n.fraction += strings.Repeat("0", max(0, by-len(n.fraction)))
		n.whole, n.fraction = n.whole+n.fraction[:by], n.fraction[by:]
	} else {
		n.whole = strings.Repeat("0", max(0, -by-len(n.whole))) + n.whole
		at := len(n.whole) + by
		n.whole, n.fraction = n.whole[:at], n.whole[at:]+n.fraction
	}
	n.whole = strings.TrimLeft(n.whole, "0")
	return n
}

// round keeps that many places, and rounds a half away from zero, as people do.
func (n Number) round(places int) Number {
	if missing := places - len(n.fraction); missing >= 0 {
		n.fraction += strings.Repeat("0", missing)
		return n
	}
	up := n.fraction[places] >= '5'
	n.fraction = n.fraction[:places]
	if !up {
		return n
	}
	digits := []byte("0" + n.whole + n.fraction)
	i := len(digits) - 1
	for ; digits[i] == '9'; i-- {
		digits[i] = '0'
	}
	digits[i]++
	n.whole = strings.TrimLeft(string(digits[:len(digits)-places]), "0")
	n.fraction = string(digits[len(digits)-places:])
	return n
}

// isZero reports whether no digit is another.
func (n Number) isZero() bool { return n.whole == "" && strings.Trim(n.fraction, "0") == "" }

// String is the number in digits.
func (n Number) String() string {
	s := n.whole
	if s == "" {
		s = "0"
	}
	if n.fraction != "" {
		s += "." + n.fraction
	}
	if n.negative && !n.isZero() {
		s = minusSign + s
	}
	return s
}
