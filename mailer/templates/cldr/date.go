package cldr

import (
	"strings"
	"time"
)

// Style is how much of a date is written.
type Style int

// The styles of CLDR.
const (
	Short  Style = iota // 22.11.26
	Medium              // 22.11.2026
	Long                // 22. November 2026
	Full                // Sonntag, 22. November 2026
)

// styles by name.
var styles = map[string]Style{"short": Short, "medium": Medium, "long": Long, "full": Full}

// StyleOf finds a style by its name.
func StyleOf(name string) (Style, bool) {
	s, ok := styles[name]
	return s, ok
}

// HasTime reports whether a time has this style: the longer ones name its zone.
func (s Style) HasTime() bool { return s == Short || s == Medium }

// Date writes the day.
func (f *Formats) Date(m Moment, s Style) string { return f.fill(f.table.Dates[s], m.at) }

// Time writes the time of day, in a style that HasTime.
func (f *Formats) Time(m Moment, s Style) string { return f.fill(f.table.Times[s], m.at) }

// DateTime writes both.
func (f *Formats) DateTime(m Moment, date, clock Style) string {
	joined := literals(f.table.Joined[date])
	return strings.NewReplacer("{1}", f.Date(m, date), "{0}", f.Time(m, clock)).Replace(joined)
}

// literals is a pattern without letters in it, and so without its quotes.
func literals(pattern string) string {
	var b strings.Builder
	for piece := range pieces(pattern) {
		b.WriteString(piece.literal)
		b.WriteString(piece.letters)
	}
	return b.String()
}

// fill puts a time into a pattern.
func (f *Formats) fill(pattern string, at time.Time) string {
	day := f.day(at)
	var b strings.Builder
	for piece := range pieces(pattern) {
		b.WriteString(piece.literal)
		if piece.letters != "" {
			b.WriteString(f.field(piece.letters, day, at))
		}
	}
	return b.String()
}

// field is what a pattern's letters stand for. A test holds that these are all
// that the file has.
func (f *Formats) field(letters string, day day, at time.Time) string {
	const century, half = 100, 12
	t := &f.table
	n := len(letters)
	switch letters {
	case "y":
		return f.padded(day.year, 1)
	case "yy":
		return f.padded(day.year%century, n)
	case "M", "MM":
		return f.padded(day.month, n)
	case "MMM":
		return t.MonthsShort[day.month-1]
	case "MMMM":
		return t.Months[day.month-1]
	case "d", "dd":
		return f.padded(day.day, n)
	case "EEE":
		return t.DaysShort[at.Weekday()]
	case "EEEE":
		return t.Days[at.Weekday()]
	case "cccc":
		return t.DaysAlone[at.Weekday()]
	case "G":
		return t.Era
	case "h", "hh":
		return f.padded((at.Hour()+half-1)%half+1, n)
	case "H", "HH":
		return f.padded(at.Hour(), n)
	case "m", "mm":
		return f.padded(at.Minute(), n)
	case "s", "ss":
		return f.padded(at.Second(), n)
	case "a":
		if at.Hour() < half {
			return t.AM
		}
		return t.PM
	case "B":
		return f.period(at.Hour())
	default:
		panic("cldr: pattern with " + letters)
	}
}

// period is the part of the day that an hour is in.
func (f *Formats) period(hour int) string {
	name := ""
	for _, p := range f.table.Periods {
		if hour >= p.From {
			name = p.Name
		}
	}
	return name
}
