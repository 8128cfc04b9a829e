package cldr_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/postroom/postroom/mailer/templates/cldr"
)

// Whatever a locale and data are, what comes out is text, and a number keeps its
// digits.
func FuzzFormats(f *testing.F) {
	for _, value := range []string{"0", "-1234567.891", "1e20", "9.995", "2026-11-22", "2026-11-22T15:04:05+05:30", "0.0000001", "x"} {
		f.Add("de-AT", value, 2, "EUR", "Europe/Berlin")
		f.Add("fa", value, -1, "IRR", "Asia/Tehran")
	}
	names := cldr.Names()
	f.Fuzz(func(t *testing.T, locale, value string, places int, code, zone string) {
		tag, err := language.Parse(locale)
		formats, ok := cldr.Find(tag)
		if err != nil || !ok {
			formats, _ = cldr.Find(language.Make(names[len(locale)%len(names)]))
		}
		if formats == nil {
			return
		}
		english := find(t, "en")
		all := ""
		if n, err := cldr.ParseNumber(value); err == nil {
			if got := strings.ReplaceAll(english.Number(n, cldr.AsWritten), ",", ""); got != n.String() {
				t.Errorf("%s is written %s", n, got)
			}
			all = formats.Number(n, max(places, -1)%20) + formats.Percent(n, cldr.AsWritten) + formats.Plural(n)
			money, _ := formats.Money(n, code, cldr.AsWritten)
			all += money
		}
		if m, err := cldr.ParseMoment(value); err == nil {
			if in, err := cldr.Zone(zone); err == nil {
				m = m.In(in)
			}
			all += formats.DateTime(m, cldr.Full, cldr.Medium) + formats.DateTime(m, cldr.Short, cldr.Short) + formats.Date(m, cldr.Medium)
		}
		if !utf8.ValidString(all) || strings.ContainsAny(all, "\x00\x01") {
			t.Errorf("%q", all)
		}
	})
}
