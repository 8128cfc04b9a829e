package templates

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// decimal is a number of the data that is not whole, or too large for int64:
// as it was written, so that no digit is lost. It is never zero, so that "if"
// may ask for its text. Numbers that are whole are int64.
type decimal string

var (
	_ fmt.Formatter  = decimal("")
	_ json.Marshaler = decimal("")
	_ fmt.Formatter  = whole(0)
)

// maxExact is the largest float64 below which every whole number has its own.
const maxExact = 1 << 53

var errNumber = errors.New("is a number that is malformed or too large")

// number is the template's form of a JSON number.
func number(n json.Number) (any, error) {
	if i, err := strconv.ParseInt(string(n), 10, 64); err == nil {
		return i, nil
	}
	f, err := strconv.ParseFloat(string(n), 64)
	if err != nil || !json.Valid([]byte(n)) {
		return nil, errNumber
	}
	// 20.0 and 1e3 are as whole as 20 and 1000.
	if f == math.Trunc(f) && math.Abs(f) <= maxExact {
		return int64(f), nil
	}
	return decimal(n), nil
}

func (d decimal) float() float64 {
	f, _ := strconv.ParseFloat(string(d), 64) // number has parsed it.
	return f
}

// MarshalJSON makes it a number in JSON within a script, not a string.
func (d decimal) MarshalJSON() ([]byte, error) { return []byte(d), nil }

// Format prints it as it was written, or as printf's verbs for floats say.
func (d decimal) Format(f fmt.State, verb rune) {
	switch verb {
	case 'e', 'E', 'f', 'F', 'g', 'G':
		printTo(f, fmt.FormatString(f, verb), d.float())
	case 's', 'v':
		printTo(f, fmt.FormatString(f, 's'), string(d))
	default:
		printTo(f, "%s", badVerb)
	}
}

// whole is an int64 that printf may print like any number.
type whole int64

// Format takes the verbs for floats too: whether a price is 20 or 19.99 is for
// the data to say.
func (w whole) Format(f fmt.State, verb rune) {
	switch verb {
	case 'e', 'E', 'f', 'F', 'g', 'G':
		printTo(f, fmt.FormatString(f, verb), float64(w))
	case 's':
		printTo(f, fmt.FormatString(f, 'd'), int64(w))
	default:
		printTo(f, fmt.FormatString(f, verb), int64(w))
	}
}

// badVerb is fmt's mark of a format that does not fit its values.
const badVerb = "%!"

func printTo(f fmt.State, format string, v any) {
	_, _ = fmt.Fprintf(f, format, v) // fmt's own buffer takes all.
}

// printf is fmt.Sprintf that takes int64 and decimal as one kind of number and
// does not let a format that does not fit its values into a mail.
func printf(format string, args ...any) (string, error) {
	mayMark := strings.Contains(format, "%"+badVerb)
	for i, arg := range args {
		switch arg := arg.(type) {
		case int:
			args[i] = whole(arg)
		case int64:
			args[i] = whole(arg)
		case string:
			mayMark = mayMark || strings.Contains(arg, badVerb)
		}
	}
	s := fmt.Sprintf(format, args...)
	if !mayMark && strings.Contains(s, badVerb) {
		return "", refuse("the format does not fit its values")
	}
	return s, nil
}
