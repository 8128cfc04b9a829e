// Package cldr writes numbers, money, percentages and dates as a language and
// region does, and says which plural a number takes.
//
// What it knows is Unicode's CLDR, in locales.txt, one locale a line, which
// internal/cldrgen writes. A locale is parsed when it is first asked for. One
// that CLDR has no more of than a name is not there: what would come out is in
// nobody's language.
//
// A date is of the locale's calendar: in Persian the Persian one, in Thai the
// Buddhist one, else the Gregorian one.
package cldr
