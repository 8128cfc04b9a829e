package cldr

// Table is what CLDR says of one locale, as far as it is used here. In the file
// a locale has only what is not as in the one above it.
type Table struct {
	// Digits are those from 0 to 9.
	Digits string `json:"digits,omitempty"`
	// Decimal, Group, Minus and Percent are the signs of numbers; money may have
	// its own.
	Decimal      string `json:"decimal,omitempty"`
	Group        string `json:"group,omitempty"`
	Minus        string `json:"minus,omitempty"`
	Percent      string `json:"percent,omitempty"`
	MoneyDecimal string `json:"money_decimal,omitempty"`
	MoneyGroup   string `json:"money_group,omitempty"`
	// GroupFrom is how many digits stand before the first group sign at least.
	GroupFrom int `json:"group_from,omitempty"`
	// The patterns of UTS 35.
	NumberPattern  string `json:"number,omitempty"`
	PercentPattern string `json:"percent_pattern,omitempty"`
	MoneyPattern   string `json:"money,omitempty"`
	// Plurals are the rules of UTS 35 by the plural's name; "other" has none.
	Plurals map[string]string `json:"plurals,omitempty"`
	// Symbols are the currencies' signs, where they are not their codes.
	Symbols map[string]string `json:"symbols,omitempty"`
	// Forms are the patterns of currencies that have their own.
	Forms map[string]string `json:"forms,omitempty"`
	// Calendar is "buddhist" or "persian" where it is not the Gregorian one, and
	// Era what it counts years from.
	Calendar string `json:"calendar,omitempty"`
	Era      string `json:"era,omitempty"`
	// Months and days, wide and abbreviated; DaysAlone without a date beside it.
	Months      []string `json:"months,omitempty"`
	MonthsShort []string `json:"months_short,omitempty"`
	Days        []string `json:"days,omitempty"`
	DaysShort   []string `json:"days_short,omitempty"`
	DaysAlone   []string `json:"days_alone,omitempty"`
	// AM and PM, and where these do not do, the periods of the day.
	AM      string   `json:"am,omitempty"`
	PM      string   `json:"pm,omitempty"`
	Periods []Period `json:"periods,omitempty"`
	// Dates are the patterns by Style, and Joined those of a date {1} with a time
	// {0}. Times are Short and Medium.
	Dates  []string `json:"dates,omitempty"`
	Times  []string `json:"times,omitempty"`
	Joined []string `json:"joined,omitempty"`
}

// Period is a part of the day, from an hour up to the next one's.
type Period struct {
	From int    `json:"from"`
	Name string `json:"name"`
}
