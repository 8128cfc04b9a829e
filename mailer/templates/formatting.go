package templates

import (
	"strconv"
	"strings"
	"text/template"
	"time"

	"github.com/postroom/postroom/mailer/templates/cldr"
)

// formatters are the functions that write values as the mail's locale does. Each
// takes the value first.
func (p *part) formatters() template.FuncMap {
	w := writer{p.formats}
	return template.FuncMap{
		"number": w.number, "percent": w.percent, "money": w.money, "plural": w.plural,
		"date": w.date, "time": w.time, "datetime": w.dateTime,
	}
}

// writer has the functions. A part that calls one is not made without formats.
type writer struct{ *cldr.Formats }

func (w writer) number(v any, places ...any) (string, error) {
	n, most, err := decimals(v, places)
	if err != nil {
		return "", err
	}
	return w.Number(n, most), nil
}

func (w writer) percent(v any, places ...any) (string, error) {
	n, most, err := decimals(v, places)
	if err != nil {
		return "", err
	}
	return w.Percent(n, most), nil
}

func (w writer) money(v, currency any, places ...any) (string, error) {
	n, most, err := decimals(v, places)
	if err != nil {
		return "", err
	}
	code, ok := currency.(string)
	if ok {
		var text string
		if text, ok = w.Money(n, code, most); ok {
			return text, nil
		}
	}
	return "", refuseArgument(2, noCurrency) //nolint:mnd // The second.
}

const noCurrency = "is no currency of ISO 4217 such as EUR"

// decimals are a number, and the places that are wanted of it.
func decimals(v any, places []any) (n cldr.Number, most int, err error) {
	if n, err = quantity(v); err != nil {
		return n, 0, err
	}
	switch len(places) {
	case 0:
		return n, cldr.AsWritten, nil
	case 1:
		i, _, whole := split(places[0])
		if whole && i >= 0 && i <= mostPlaces {
			return n, int(i), nil
		}
	default:
	}
	return n, 0, refuse(placesRule)
}

// mostPlaces is how many decimals are written at most.
const mostPlaces = 20

const placesRule = "takes a number and how many decimals it shall have, 0 to 20"

// quantity is a value as a number with all its digits.
func quantity(v any) (cldr.Number, error) {
	var text string
	switch v := v.(type) {
	case int:
		text = strconv.Itoa(v)
	case int64:
		text = strconv.FormatInt(v, 10)
	case float64: // Written in the template.
		text = strconv.FormatFloat(v, 'f', -1, 64)
	case decimal:
		text = string(v)
	default:
		return cldr.Number{}, refuseArgument(1, "is %s, where a number is needed", kind(v))
	}
	n, err := cldr.ParseNumber(text)
	if err != nil {
		return n, refuseArgument(1, "is a number that is malformed or too large")
	}
	return n, nil
}

// exactly begins the name of a plural that is one number, as in "=0".
const exactly = "="

// plural is the text for a number: for it exactly, else for its plural, else
// "other". A # in it is the number.
func (w writer) plural(v any, pairs ...any) (string, error) {
	n, err := quantity(v)
	if err != nil {
		return "", err
	}
	texts := make(map[string]string, len(pairs)/2) //nolint:mnd // Pairs.
	for i := 0; i+1 < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		text, isText := pairs[i+1].(string)
		if !ok || !isText {
			return "", refuse(pluralRule)
		}
		if !isPlural(name) {
			return "", refuse("has a name of a plural that there is not: " + pluralNames)
		}
		texts[name] = text
	}
	if _, ok := texts[cldr.Other]; !ok || len(pairs)%2 != 0 {
		return "", refuse(pluralRule)
	}
	for _, name := range []string{exactly + n.String(), w.Plural(n), cldr.Other} {
		if text, ok := texts[name]; ok {
			return strings.ReplaceAll(text, "#", w.Number(n, cldr.AsWritten)), nil
		}
	}
	return "", refuse(pluralRule)
}

const (
	pluralRule  = `takes a number, then names and texts in turn, "other" among them, as in plural .n "one" "# day" "other" "# days"`
	pluralNames = `there are zero, one, two, few, many, other, and "=0" for a number`
)

func isPlural(name string) bool {
	if digits, ok := strings.CutPrefix(name, exactly); ok {
		n, err := strconv.ParseUint(digits, 10, 32)
		return err == nil && strconv.FormatUint(n, 10) == digits
	}
	return cldr.IsPlural(name)
}

func (w writer) date(v any, options ...any) (string, error) {
	m, styles, err := moment(v, options, "date")
	if err != nil {
		return "", err
	}
	return w.Date(m, styles[0]), nil
}

func (w writer) time(v any, options ...any) (string, error) {
	m, styles, err := moment(v, options, "time")
	if err != nil {
		return "", err
	}
	return w.Time(m, styles[0]), nil
}

func (w writer) dateTime(v any, options ...any) (string, error) {
	m, styles, err := moment(v, options, "datetime")
	if err != nil {
		return "", err
	}
	return w.DateTime(m, styles[0], styles[1]), nil
}

// usual are the styles that date, time and datetime have when none is named.
var usual = map[string][]cldr.Style{
	"date": {cldr.Long}, "time": {cldr.Short}, "datetime": {cldr.Long, cldr.Short},
}

// moment is a value as one, in the zone and the styles that options name.
func moment(v any, options []any, of string) (m cldr.Moment, styles []cldr.Style, err error) {
	text, ok := v.(string)
	if !ok {
		return m, nil, refuseArgument(1, "is %s, where a date or a time is needed: a string such as 2026-11-22 or 2026-11-22T15:04:05Z", kind(v))
	}
	if m, err = cldr.ParseMoment(text); err != nil {
		return m, nil, refuseArgument(1, "%s", err)
	}
	if of != "date" && !m.IsTime() {
		return m, nil, refuseArgument(1, "is a date without a time of day")
	}
	styles, zone, err := chosen(options, of)
	if err != nil {
		return m, nil, err
	}
	if zone != nil {
		m = m.In(zone)
	}
	return m, styles, nil
}

// chosen reads what stands behind the value: styles, and a zone, in any order.
func chosen(options []any, of string) (styles []cldr.Style, zone *time.Location, err error) {
	byDefault := usual[of]
	for i, option := range options {
		text, ok := option.(string)
		if !ok {
			return nil, nil, refuse(momentRule)
		}
		style, named := cldr.StyleOf(text)
		if !named {
			at := i + 2 //nolint:mnd // The value is the first.
			in, err := cldr.Zone(text)
			if err != nil {
				return nil, nil, refuseArgument(at, "is no style (short, medium, long, full) and no time zone such as Europe/Berlin")
			}
			if zone != nil {
				return nil, nil, refuse(momentRule)
			}
			zone = in
			continue
		}
		isClock := of == "time" || len(styles) == 1
		if len(styles) == len(byDefault) || isClock && !style.HasTime() {
			return nil, nil, refuse(momentRule)
		}
		styles = append(styles, style)
	}
	return append(styles, byDefault[len(styles):]...), zone, nil
}

const momentRule = "takes a time, and may take a style and a time zone: the styles of a date are short, medium, long and full, " +
	"those of a time short and medium; datetime takes first the date's, then the time's"
