package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/postroom/postroom/mailer/templates/cldr"
)

// table is all that there is of one locale.
func (g *generator) table(name string) (cldr.Table, error) {
	t := cldr.Table{}
	err := errors.Join(g.numbers(name, &t), g.dates(name, &t), g.otherCalendar(name, &t))
	t.Plurals = g.rules(name)
	return t, err
}

// rules are the locale's for plurals; nil where CLDR has none, not even that all
// numbers are alike.
func (g *generator) rules(name string) map[string]string {
	if own := g.plurals[name]; own != nil {
		return own
	}
	language, _, _ := strings.Cut(name, "-")
	return g.plurals[language]
}

// numbersFile is the part of numbers.json that depends on nothing.
type numbersFile struct {
	System    string `json:"defaultNumberingSystem"`
	GroupFrom string `json:"minimumGroupingDigits"`
}

// packaged is a file of the packages: what it says of its one locale.
type packaged[T any] struct {
	Main map[string]T `json:"main"`
}

func (g *generator) numbers(name string, t *cldr.Table) error {
	var plain packaged[struct {
		Numbers numbersFile `json:"numbers"`
	}]
	var full packaged[struct {
		Numbers map[string]any `json:"numbers"`
	}]
	if err := errors.Join(g.read(&plain, "cldr-numbers-full", "main", name, "numbers.json"),
		g.read(&full, "cldr-numbers-full", "main", name, "numbers.json")); err != nil {
		return err
	}
	system := plain.Main[name].Numbers.System
	part := func(kind string) map[string]any {
		m, _ := full.Main[name].Numbers[kind+"-numberSystem-"+system].(map[string]any)
		return m
	}
	text := func(m map[string]any, key string) string { s, _ := m[key].(string); return s }
	signs, money := part("symbols"), part("currencyFormats")
	t.Digits = g.digits[system].Digits
	t.Decimal, t.Group, t.Minus, t.Percent = text(signs, "decimal"), text(signs, "group"), text(signs, "minusSign"), text(signs, "percentSign")
	t.MoneyDecimal, t.MoneyGroup = cmp.Or(text(signs, "currencyDecimal"), t.Decimal), cmp.Or(text(signs, "currencyGroup"), t.Group)
	t.NumberPattern, t.PercentPattern = text(part("decimalFormats"), "standard"), text(part("percentFormats"), "standard")
	t.MoneyPattern = text(money, "standard")
	n, err := strconv.Atoi(plain.Main[name].Numbers.GroupFrom)
	if err != nil || t.Digits == "" || t.Decimal == "" || t.NumberPattern == "" || t.PercentPattern == "" || t.MoneyPattern == "" {
		return fmt.Errorf("numbers of the system %q are not complete", system)
	}
	t.GroupFrom = n
	return g.signs(name, t)
}

// signs are those of currencies.
func (g *generator) signs(name string, t *cldr.Table) error {
	var file packaged[struct {
		Numbers struct {
			Currencies map[string]map[string]string `json:"currencies"`
		} `json:"numbers"`
	}]
	if err := g.read(&file, "cldr-numbers-full", "main", name, "currencies.json"); err != nil {
		return err
	}
	t.Symbols, t.Forms = map[string]string{}, map[string]string{}
	for code, of := range file.Main[name].Numbers.Currencies {
		if _, known := g.currency[code]; !known {
			continue
		}
		if of["decimal"] != "" || of["group"] != "" {
			continue // Escudos of Cape Verde, with their sign in the place of the mark: their code does.
		}
		if form := of["pattern"]; form != "" && form != t.MoneyPattern {
			t.Forms[code] = form
		}
		if sign := of["symbol"]; sign != "" && sign != code {
			t.Symbols[code] = sign
		}
	}
	return nil
}

// calendar is one of ca-*.json.
type calendar struct {
	Months  map[string]map[string]map[string]string `json:"months"`
	Days    map[string]map[string]map[string]string `json:"days"`
	Periods map[string]map[string]map[string]string `json:"dayPeriods"`
	Eras    map[string]map[string]string            `json:"eras"`
	Dates   map[string]string                       `json:"dateFormats"`
	Times   map[string]string                       `json:"timeFormats"`
	Joined  map[string]any                          `json:"dateTimeFormats"`
	AtTime  struct {
		Standard map[string]string `json:"standard"`
	} `json:"dateTimeFormats-atTime"`
}

func (g *generator) calendar(pack, of, name string) (calendar, error) {
	var file packaged[struct {
		Dates struct {
			Calendars map[string]calendar `json:"calendars"`
		} `json:"dates"`
	}]
	err := g.read(&file, pack, "main", name, "ca-"+of+".json")
	return file.Main[name].Dates.Calendars[of], err
}

var (
	months = []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"}
	days   = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	styles = []string{"short", "medium", "long", "full"}
)

// picked are the values of keys, in their order. The narrow space that does not
// break is a plain one, as browsers have it in dates: not all that reads mail has
// a glyph for it.
func picked(from map[string]string, keys []string) []string {
	all := make([]string, len(keys))
	for i, key := range keys {
		all[i] = strings.ReplaceAll(from[key], "\u202F", " ")
	}
	return all
}

func (g *generator) dates(name string, t *cldr.Table) error {
	c, err := g.calendar("cldr-dates-full", "gregorian", name)
	if err != nil {
		return err
	}
	t.Months, t.MonthsShort = picked(c.Months["format"]["wide"], months), picked(c.Months["format"]["abbreviated"], months)
	t.Days, t.DaysShort = picked(c.Days["format"]["wide"], days), picked(c.Days["format"]["abbreviated"], days)
	t.DaysAlone = picked(c.Days["stand-alone"]["wide"], days)
	halves := picked(c.Periods["format"]["abbreviated"], []string{"am", "pm"})
	t.AM, t.PM = halves[0], halves[1]
	t.Era = c.Eras["eraAbbr"]["1"]
	t.Dates, t.Times = picked(c.Dates, styles), picked(c.Times, styles[:2])
	t.Joined = picked(c.AtTime.Standard, styles)
	if slices.ContainsFunc(t.Times, func(pattern string) bool { return strings.Contains(pattern, "B") }) {
		t.Periods, err = g.parts(name, c)
	}
	for _, list := range [][]string{t.Months, t.MonthsShort, t.Days, t.DaysShort, t.DaysAlone, t.Dates, t.Times, t.Joined, {t.AM, t.PM}} {
		if slices.Contains(list, "") {
			return fmt.Errorf("a date's names and patterns are not complete: %q", list)
		}
	}
	return err
}

// parts are those of the day, by the hour.
func (g *generator) parts(name string, c calendar) ([]cldr.Period, error) {
	language, _, _ := strings.Cut(name, "-")
	var all []cldr.Period
	for key, of := range g.periods[language] {
		if of.From == "" {
			continue // At midnight alone, which no short form has.
		}
		hour, err := strconv.Atoi(strings.TrimSuffix(of.From, ":00"))
		if err != nil {
			return nil, fmt.Errorf("period %s: %w", key, err)
		}
		all = append(all, cldr.Period{From: hour, Name: c.Periods["format"]["abbreviated"][key]})
	}
	slices.SortFunc(all, func(a, b cldr.Period) int { return cmp.Compare(a.From, b.From) })
	if len(all) == 0 || all[0].From != 0 {
		return nil, errors.New("the parts of the day are not complete")
	}
	return all, nil
}

// likely is the region of a language that has a calendar of its own.
var likely = map[string]string{"fa": "IR", "th": "TH"}

// otherCalendar puts in the one that the region prefers.
func (g *generator) otherCalendar(name string, t *cldr.Table) error {
	language, _, _ := strings.Cut(name, "-")
	region := likely[language]
	if i := strings.LastIndexByte(name, '-'); i > 0 && len(name)-i == len("-XX") {
		region = name[i+1:]
	}
	of := g.regions[region]
	if of == "" {
		return nil
	}
	c, err := g.calendar("cldr-cal-"+of+"-full", of, name)
	if err != nil {
		return err
	}
	t.Calendar, t.Era = of, c.Eras["eraAbbr"]["0"]
	t.Dates = picked(c.Dates, styles)
	if of == "persian" {
		t.Months, t.MonthsShort = picked(c.Months["format"]["wide"], months), picked(c.Months["format"]["abbreviated"], months)
	}
	return nil
}
