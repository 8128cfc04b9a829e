package main

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/postroom/postroom/mailer/templates/cldr"
)

// supplement reads what is not of one locale.
func (g *generator) supplement() error {
	var digits, parents, calendars, periods, currencies, plurals struct {
		Supplemental struct {
			NumberingSystems *map[string]struct {
				Digits string `json:"_digits"`
			} `json:"numberingSystems"`
			ParentLocales struct {
				Of map[string]string `json:"parentLocale"`
			} `json:"parentLocales"`
			Calendars map[string][]string          `json:"calendarPreferenceData"`
			Periods   map[string]map[string]span   `json:"dayPeriodRuleSet"`
			Plurals   map[string]map[string]string `json:"plurals-type-cardinal"`
			Currency  struct {
				Fractions map[string]struct {
					Digits string `json:"_digits"`
				} `json:"fractions"`
				Region map[string][]map[string]any `json:"region"`
			} `json:"currencyData"`
		} `json:"supplemental"`
	}
	digits.Supplemental.NumberingSystems = &g.digits
	for file, into := range map[string]any{
		"numberingSystems": &digits, "parentLocales": &parents, "calendarPreferenceData": &calendars, "dayPeriods": &periods,
		"currencyData": &currencies, "plurals": &plurals,
	} {
		if err := g.read(into, "cldr-core", "supplemental", file+".json"); err != nil {
			return err
		}
	}
	g.parents, g.periods = parents.Supplemental.ParentLocales.Of, periods.Supplemental.Periods
	g.plurals = rules(plurals.Supplemental.Plurals)
	g.regions = map[string]string{}
	for region, order := range calendars.Supplemental.Calendars {
		if order[0] != "gregorian" {
			g.regions[region] = order[0]
		}
	}
	return g.fractions(currencies.Supplemental.Currency.Region, func(code string) string {
		of, ok := currencies.Supplemental.Currency.Fractions[code]
		if !ok {
			of = currencies.Supplemental.Currency.Fractions["DEFAULT"]
		}
		return of.Digits
	})
}

// rules are those of plurals, without the examples behind them.
func rules(all map[string]map[string]string) map[string]map[string]string {
	const prefix = "pluralRule-count-"
	clean := map[string]map[string]string{}
	for language, of := range all {
		clean[language] = map[string]string{}
		for name, rule := range of {
			rule, _, _ = strings.Cut(rule, "@")
			if name = strings.TrimPrefix(name, prefix); name != cldr.Other {
				clean[language][name] = strings.TrimSpace(rule)
			}
		}
	}
	return clean
}

// fractions are the decimals of each currency that was money somewhere
// since 2010.
func (g *generator) fractions(regions map[string][]map[string]any, digits func(code string) string) error {
	g.currency = map[string]int{}
	for _, list := range regions {
		for _, one := range list {
			for code := range maps.Keys(one) {
				span, _ := one[code].(map[string]any)
				if to, ended := span["_to"].(string); ended && to < "2010" || span["_tender"] == "false" {
					continue
				}
				n, err := strconv.Atoi(digits(code))
				if err != nil {
					return fmt.Errorf("digits of %s: %w", code, err)
				}
				g.currency[code] = n
			}
		}
	}
	return nil
}
