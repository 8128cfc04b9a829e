package mailertest

import (
	"errors"
	"fmt"
	"net/mail"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"time"
)

// matchFunc reports whether a search finds a mail.
type matchFunc func(sent) bool

// parseQuery reads a search as far as the fake knows Gmail's operators: in:,
// after: and before: (seconds since 1970, or a date), from:, to:, cc: and bcc:,
// each with a value that may be quoted; braces around terms of which one is
// enough. What it does not know is an error, and not a word to be found in
// bodies.
func parseQuery(q string) (matchFunc, error) {
	terms, rest, err := parseTerms(q)
	if err == nil && rest != "" {
		err = fmt.Errorf("the search has a brace too many, at %q", rest)
	}
	return all(terms), err
}

// parseTerms reads terms up to a closing brace or the end.
func parseTerms(q string) (terms []matchFunc, rest string, err error) {
	for {
		q = strings.TrimLeft(q, " \t")
		if q == "" || q[0] == '}' {
			return terms, q, nil
		}
		var term matchFunc
		if q[0] == '{' {
			var alternatives []matchFunc
			if alternatives, q, err = parseTerms(q[1:]); err != nil {
				return nil, "", err
			}
			if q == "" {
				return nil, "", errors.New("the search lacks a closing brace")
			}
			term, q = one(alternatives), q[1:]
		} else if term, q, err = parseTerm(q); err != nil {
			return nil, "", err
		}
		terms = append(terms, term)
	}
}

// parseTerm reads one operator and its value.
func parseTerm(q string) (term matchFunc, rest string, err error) {
	operator, value, found := strings.Cut(q, ":")
	if !found {
		return nil, "", fmt.Errorf("the search has words without an operator, at %q", q)
	}
	if quoted, isQuoted := strings.CutPrefix(value, `"`); isQuoted {
		if value, rest, found = strings.Cut(quoted, `"`); !found {
			return nil, "", fmt.Errorf("the search lacks a closing quote, at %q", q)
		}
	} else if end := strings.IndexAny(value, " \t{}"); end >= 0 {
		value, rest = value[:end], value[end:]
	}
	term, err = matching(strings.ToLower(operator), value)
	return term, rest, err
}

// matching is what an operator asks of a mail.
func matching(operator, value string) (matchFunc, error) {
	switch operator {
	case "in":
		in := strings.EqualFold(value, "sent") || strings.EqualFold(value, "anywhere")
		return func(sent) bool { return in }, nil
	case "after", "before":
		at, err := parseTime(value)
		return func(m sent) bool { return m.At.Before(at) == (operator == "before") }, err
	case "from", "to", "cc", "bcc":
		name := textproto.CanonicalMIMEHeaderKey(operator)
		return func(m sent) bool {
			return slices.ContainsFunc(m.header[name], func(list string) bool { return names(list, value) })
		}, nil
	default:
		return nil, fmt.Errorf("the search has an operator that the fake does not know: %q", operator)
	}
}

// names reports whether an address stands in a list of them.
func names(list, address string) bool {
	parsed, err := mail.ParseAddressList(list)
	return err == nil && slices.ContainsFunc(parsed, func(a *mail.Address) bool { return strings.EqualFold(a.Address, address) })
}

// pacific is how many seconds the zone of the dates in a search is east of UTC.
const pacific = -8 * 60 * 60

func parseTime(value string) (time.Time, error) {
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
		return time.Unix(seconds, 0), nil
	}
	at, err := time.ParseInLocation("2006/1/2", value, time.FixedZone("PST", pacific))
	if err != nil {
		return at, fmt.Errorf("the search has %q, which is neither seconds nor a date", value)
	}
	return at, nil
}

func all(terms []matchFunc) matchFunc {
	return func(m sent) bool {
		return !slices.ContainsFunc(terms, func(match matchFunc) bool { return !match(m) })
	}
}

func one(terms []matchFunc) matchFunc {
	return func(m sent) bool {
		return slices.ContainsFunc(terms, func(match matchFunc) bool { return match(m) })
	}
}
