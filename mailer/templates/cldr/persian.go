package cldr

import "time"

const (
	secondsOfDay = 24 * 60 * 60
	// persianEpoch is the first day of the year 1, in days before 1970.
	persianEpoch = 492268
	persianHalf  = 6 * 31 // Days of the months that have 31.
)

// persian is the date in Iran's calendar by its cycle of 33 years, which agrees
// with ICU's, and the sun, until March 2124.
func persian(at time.Time) day {
	year, month, d := at.Date()
	days := floor(int(time.Date(year, month, d, 0, 0, 0, 0, time.UTC).Unix()), secondsOfDay) + persianEpoch
	p := 1 + floor(33*days+3, 12053)               //nolint:mnd // 33 years have 12053 days.
	ofYear := days - 365*(p-1) - floor(8*p+21, 33) //nolint:mnd // 8 of them have one more.
	if ofYear < persianHalf {
		return day{p, 1 + ofYear/31, 1 + ofYear%31} //nolint:mnd // Days of a month.
	}
	ofYear -= persianHalf
	return day{p, 7 + ofYear/30, 1 + ofYear%30} //nolint:mnd // The same.
}

// floor divides, and rounds down.
func floor(a, by int) int {
	q := a / by
	if a%by < 0 {
		q--
	}
	return q
}
