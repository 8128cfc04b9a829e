package cldr

import "time"

// day is one of a locale's calendar.
type day struct{ year, month, day int }

// buddhistYears is how many years the Buddhist era is older than ours.
const buddhistYears = 543

// day is the locale's for a moment.
func (f *Formats) day(at time.Time) day {
	year, month, d := at.Date()
	switch f.table.Calendar {
	case "buddhist":
		return day{year + buddhistYears, int(month), d}
	case "persian":
		return persian(at)
	default:
		return day{year, int(month), d}
	}
}
