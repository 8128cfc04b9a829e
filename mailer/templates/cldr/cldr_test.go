package cldr_test

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/language"

	"github.com/postroom/postroom/mailer/templates/cldr"
)

func find(t *testing.T, name string) *cldr.Formats {
	t.Helper()
	f, ok := cldr.Find(language.MustParse(name))
	if !ok {
		t.Fatalf("%s is not there", name)
	}
	return f
}

func number(t *testing.T, text string) cldr.Number {
	t.Helper()
	n, err := cldr.ParseNumber(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return n
}

func moment(t *testing.T, text string) cldr.Moment {
	t.Helper()
	m, err := cldr.ParseMoment(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return m
}

func TestFind(t *testing.T) {
	t.Parallel()
	for asked, want := range map[string]string{
		"de": "de", "de-DE": "de", "de-AT": "de-AT", "de-BR": "de", "DE-ch": "de-CH", "de-AT-u-ca-buddhist": "de-AT",
		"en-US": "en", "en-FR": "en-FR", "es-MX": "es-MX", "es-419": "es-419", "pt": "pt", "pt-AO": "pt-AO", "nb": "nb", "iw": "he",
		"zh": "zh-Hans", "zh-TW": "zh-Hant", "zh-HK": "zh-Hant-HK", "zh-Hant-TW": "zh-Hant", "zh-Hans-CN": "zh-Hans",
		"sr": "sr-Cyrl", "sr-Latn": "sr-Latn", "sr-ME": "sr-Latn-ME", "ar": "ar", "ar-XK": "ar", "en-x-private": "en",
	} {
		f, ok := cldr.Find(language.Make(asked))
		if !ok || f.Name() != want {
			t.Errorf("Find(%s) = %s, %t, want %s", asked, f.Name(), ok, want)
		}
	}
	for _, none := range []string{"und", "tlh", "la", "ps", "az-Arab", "uz-AF", "qu"} {
		if f, ok := cldr.Find(language.Make(none)); ok {
			t.Errorf("Find(%s) = %s, want none", none, f.Name())
		}
	}
}

// TestEveryLocale fills every pattern of every locale: none has a letter that is
// not known, and none gives nothing.
func TestEveryLocale(t *testing.T) {
	t.Parallel()
	names := cldr.Names()
	if len(names) < 400 {
		t.Fatalf("there are %d locales", len(names))
	}
	for _, name := range names {
		tag, err := language.Raw.Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		f, ok := cldr.Find(tag)
		if !ok {
			t.Errorf("%s is not found", name)
			continue
		}
		for _, day := range []string{"0001-01-01", "1583-10-15", "2024-02-29", "2026-12-31", "9999-12-31"} {
			for _, hour := range []int{0, 4, 7, 11, 12, 13, 23} {
				m := moment(t, day+fmt.Sprintf("T%02d:05:09Z", hour))
				for _, style := range []cldr.Style{cldr.Short, cldr.Medium, cldr.Long, cldr.Full} {
					got := f.DateTime(m, style, cldr.Medium)
					if strings.ContainsAny(got, "{}") || len(got) < len("1/1/1, 1:5:9") {
						t.Errorf("%s: %q", name, got)
					}
				}
			}
		}
		for _, value := range []string{"0", "-1", "1234567890123", "-0.005", "1e300"} {
			if got := f.Number(number(t, value), 2); got == "" {
				t.Errorf("%s: %s gives nothing", name, value)
			}
			if got, ok := f.Money(number(t, value), "USD", cldr.AsWritten); !ok || strings.ContainsAny(got, "¤#\x00\x01") {
				t.Errorf("%s: %s is %q", name, value, got)
			}
			if !cldr.IsPlural(f.Plural(number(t, value))) {
				t.Errorf("%s: %s has no plural", name, value)
			}
		}
	}
}

func TestRounding(t *testing.T) {
	t.Parallel()
	f := find(t, "en")
	for _, test := range []struct {
		number string
		places int
		want   string
	}{
		{"2.5", 0, "3"},
		{"-2.5", 0, "-3"},
		{"1.005", 2, "1.01"}, // A float is below it.
		{"0.1", 2, "0.10"},
		{"999.995", 2, "1,000.00"},
		{"-0.001", 2, "0.00"},
		{"0.04", 1, "0.0"},
		{"12345678901234567890.123456789", cldr.AsWritten, "12,345,678,901,234,567,890.123456789"},
		{"1.50", cldr.AsWritten, "1.50"},
		{"1.5e3", cldr.AsWritten, "1,500"},
		{"15e-4", cldr.AsWritten, "0.0015"},
		{"1E+2", 1, "100.0"},
	} {
		if got := f.Number(number(t, test.number), test.places); got != test.want {
			t.Errorf("%s to %d places = %q, want %q", test.number, test.places, got, test.want)
		}
	}
	for _, bad := range []string{"", "-", ".", "1e", "1e99999", "0x10", "1,5", "NaN", "Inf", "1e500"} {
		if _, err := cldr.ParseNumber(bad); err == nil {
			t.Errorf("ParseNumber(%q) has no error", bad)
		}
	}
}

// The currencies' own decimals, and places for signs that are letters.
func TestMoney(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ locale, amount, code, want string }{
		{"en", "1234.5", "KWD", "KWD\u00a01,234.500"},
		{"en", "1234.5", "JPY", "¥1,235"},
		{"en", "-5", "CHF", "-CHF\u00a05.00"},
		{"de", "1234567.891", "EUR", "1.234.567,89\u00a0€"},
		{"de-CH", "-5", "CHF", "CHF-5.00"},
		{"hi", "1234567.5", "INR", "₹12,34,567.50"},
		{"tr", "5", "TRY", "₺5,00"},
		{"en-CA", "5", "USD", "US$5.00"},
		{"pt-BR", "1234.5", "BRL", "R$\u00a01.234,50"},
	} {
		got, ok := find(t, test.locale).Money(number(t, test.amount), test.code, cldr.AsWritten)
		if !ok || got != test.want {
			t.Errorf("%s: %s %s = %q, want %q", test.locale, test.amount, test.code, got, test.want)
		}
	}
	for _, code := range []string{"", "EURO", "XXX", "ABC", "€", "DEM"} {
		if cldr.IsCurrency(code) {
			t.Errorf("%q is a currency", code)
		}
	}
}

func TestPlurals(t *testing.T) {
	t.Parallel()
	for locale, of := range map[string]map[string]string{
		"en": {"0": "other", "1": "one", "-1": "one", "1.0": "other", "1.5": "other", "2": "other"},
		"de": {"1": "one", "21": "other"},
		"fr": {"0": "one", "1.5": "one", "2": "other", "1000000": "many"},
		"pl": {"1": "one", "2": "few", "5": "many", "12": "many", "22": "few", "1.5": "other"},
		"ru": {"1": "one", "11": "many", "21": "one", "24": "few", "1.1": "other"},
		"ar": {"0": "zero", "1": "one", "2": "two", "3": "few", "11": "many", "100": "other", "103": "few", "0.5": "other"},
		"he": {"1": "one", "2": "two", "20": "other"},
		"mk": {"11": "other", "21": "one"},
		"cs": {"1": "one", "3": "few", "1.5": "many"},
		"lt": {"1": "one", "11": "other", "0.5": "many"},
		"lv": {"0": "zero", "10": "zero", "21": "one"},
		"cy": {"0": "zero", "3": "few", "6": "many"},
		"ja": {"1": "other"}, "zh": {"1": "other"},
		"pt": {"0": "one", "0.5": "one"}, "pt-PT": {"0": "other"},
		"hi": {"0": "one", "0.5": "one"},
	} {
		for n, want := range of {
			if got := find(t, locale).Plural(number(t, n)); got != want {
				t.Errorf("%s: %s is %s, want %s", locale, n, got, want)
			}
		}
	}
}

func TestMoments(t *testing.T) {
	t.Parallel()
	f := find(t, "en-GB")
	for _, test := range []struct{ value, zone, want string }{
		{"2026-11-22T23:30:00Z", "", "22/11/2026, 23:30"},
		{"2026-11-22T23:30:00Z", "Europe/Berlin", "23/11/2026, 00:30"},
		{"2026-06-22t22:30:00.5z", "Europe/Berlin", "23/06/2026, 00:30"}, // Summer time.
		{"2026-11-22T23:30:00+05:30", "", "22/11/2026, 23:30"},
		{"2026-11-22T23:30:00+05:30", "America/New_York", "22/11/2026, 13:00"},
		{"2026-03-29T00:59:59Z", "Europe/Berlin", "29/03/2026, 01:59"},
		{"2026-03-29T01:00:00Z", "Europe/Berlin", "29/03/2026, 03:00"},
	} {
		m := moment(t, test.value)
		if test.zone != "" {
			zone, err := cldr.Zone(test.zone)
			if err != nil {
				t.Fatal(err)
			}
			m = m.In(zone)
		}
		if got := f.DateTime(m, cldr.Short, cldr.Short); got != test.want {
			t.Errorf("%s in %q = %q, want %q", test.value, test.zone, got, test.want)
		}
	}
	zone, err := cldr.Zone("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Date(moment(t, "2026-11-22").In(zone), cldr.Short); got != "22/11/2026" {
		t.Errorf("a day in another zone is %s", got)
	}
	for _, bad := range []string{
		"", "2026", "2026-13-01", "2026-02-29", "22.11.2026", "2026-11-22 15:04:05Z", "2026-11-22T15:04:05", "2026-11-22T25:00:00Z",
		"0000-01-01", "1795359845", "2026-11-22T15:04:05Zx",
	} {
		if _, err := cldr.ParseMoment(bad); err == nil {
			t.Errorf("ParseMoment(%q) has no error", bad)
		}
	}
	for _, bad := range []string{"", "Local", "Berlin/Europe", "../etc/passwd", "/etc/localtime", "Europe/../UTC", "europe/berlin", "CEST!"} {
		if _, err := cldr.Zone(bad); err == nil {
			t.Errorf("Zone(%q) has no error", bad)
		}
	}
}

// Days of ICU's Persian calendar: around new years, a leap year's end, and a month's.
func TestOtherCalendars(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ locale, day, want string }{
		{"fa", "2024-03-19", "۱۴۰۲/۱۲/۲۹"},
		{"fa", "2024-03-20", "۱۴۰۳/۱/۱"},
		{"fa", "2025-03-20", "۱۴۰۳/۱۲/۳۰"},
		{"fa", "2025-03-21", "۱۴۰۴/۱/۱"},
		{"fa", "2026-11-21", "۱۴۰۵/۸/۳۰"},
		{"fa", "2026-09-22", "۱۴۰۵/۶/۳۱"},
		{"fa", "1900-01-01", "۱۲۷۸/۱۰/۱۱"},
		{"fa", "1979-02-11", "۱۳۵۷/۱۱/۲۲"},
		{"fa-AF", "2026-11-22", "۱۴۰۵/۹/۱"},
		{"th", "2026-11-22", "22/11/69"},
		{"th", "2024-02-29", "29/2/67"},
		{"ar-SA", "2026-11-22", "٢٢\u200f/١١\u200f/٢٠٢٦"},
	} {
		if got := find(t, test.locale).Date(moment(t, test.day), cldr.Short); got != test.want {
			t.Errorf("%s: %s = %+q, want %+q", test.locale, test.day, got, test.want)
		}
	}
	if got, want := find(t, "th").Date(moment(t, "2026-11-02"), cldr.Full), "วันจันทร์ที่ 2 พฤศจิกายน พ.ศ. 2569"; got != want {
		t.Errorf("th: %q, want %q", got, want)
	}
}
