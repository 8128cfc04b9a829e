package templates_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/postroom/postroom/mailer/templates"
)

// one is a set of a template in text alone.
func one(text string, more ...string) files {
	f := files{"a.subject": "s", "a.txt": text}
	for i := 0; i+1 < len(more); i += 2 {
		f["a."+more[i]+".subject"], f["a."+more[i]+".txt"] = "s", more[i+1]
	}
	return f
}

func TestFormatting(t *testing.T) {
	t.Parallel()
	data := map[string]any{
		"n": 3, "zero": 0, "one": 1, "price": 1234.5, "big": 1e21, "cur": "eur", "day": "2026-11-22", "at": "2026-11-22T23:30:00Z",
		"zone": "Asia/Tokyo", "style": "short", "list": []any{1, 2},
	}
	for text, want := range map[string]string{
		`{{number .price}} {{number .n 2}} {{number .big}} {{number 0.5}}`: "1,234.5 3.00 1,000,000,000,000,000,000,000 0.5",
		`{{number (len .list)}} {{.price | number}}`:                       "2 1,234.5",
		`{{percent 0.125}} {{percent .n 1}}`:                               "12.5% 300.0%",
		`{{money .price "USD"}} {{money .price .cur 0}}`:                   "$1,234.50 €1,235",
		`{{plural .one "one" "# day" "other" "# days"}}`:                   "1 day",
		`{{plural .n "one" "# day" "other" "# days"}}`:                     "3 days",
		`{{plural .price "one" "# day" "other" "# days"}}`:                 "1,234.5 days",
		`{{plural .zero "=0" "nothing" "one" "#" "other" "#s"}}`:           "nothing",
		`{{plural .n "=3" "a crowd" "other" "#"}}`:                         "a crowd",
		`{{plural .n "other" (print "# x " .n)}}`:                          "3 x 3",
		`{{date .day}}|{{date .day "short"}}|{{date .day "full"}}`:         "November 22, 2026|11/22/26|Sunday, November 22, 2026",
		`{{date .day "medium" .zone}}|{{date .at .zone .style}}`:           "Nov 22, 2026|11/23/26",
		`{{time .at}}|{{time .at "medium" "Europe/Berlin"}}`:               "11:30 PM|12:30:00 AM",
		`{{datetime .at}}|{{datetime .at "short" "medium" .zone}}`:         "November 22, 2026 at 11:30 PM|11/23/26, 8:30:00 AM",
		`{{if gt .n 2}}{{with .at}}{{date .}}{{end}}{{end}}`:               "November 22, 2026",
		`{{range .list}}{{number . 1}};{{end}}`:                            "1.0;2.0;",
	} {
		got, err := load(t, one(text)).Render("a", "", data)
		if err != nil || got.Text != want {
			t.Errorf("%s = %q, %v, want %q", text, got.Text, err, want)
		}
	}
}

// What the data has wrong names the variable, and never the value.
func TestFormattingRefusesData(t *testing.T) {
	t.Parallel()
	data := map[string]any{
		"s": "secret", "n": 1, "null": nil, "list": []any{}, "day": "2026-11-22", "o": map[string]any{"when": "secret"}, "at": "2026-11-22T15:04:05Z",
	}
	for text, want := range map[string]string{
		`{{number .s}}`:                         `variable "s" is a string, where a number is needed`,
		`{{number .null}}`:                      `variable "null" is null, where a number is needed`,
		`{{percent .list 2}}`:                   `variable "list" is a list, where a number is needed`,
		`{{number .n .s}}`:                      `number: takes a number and how many decimals it shall have, 0 to 20`,
		`{{money .s "EUR"}}`:                    `variable "s" is a string, where a number is needed`,
		`{{money .n .s}}`:                       `variable "s" is no currency of ISO 4217 such as EUR`,
		`{{money .n .n}}`:                       `variable "n" is no currency of ISO 4217 such as EUR`,
		`{{plural .s "other" "x"}}`:             `variable "s" is a string, where a number is needed`,
		`{{plural .n .s "x" "other" ""}}`:       `plural: has a name of a plural that there is not: there are zero, one, two, few, many, other`,
		`{{plural .n "other" .n}}`:              `plural: takes a number, then names and texts in turn`,
		`{{date .n}}`:                           `variable "n" is a number, where a date or a time is needed`,
		`{{date .o.when "short"}}`:              `variable "o.when" is neither a date such as 2026-11-22 nor a time`,
		`{{time .day}}`:                         `variable "day" is a date without a time of day`,
		`{{datetime .day "short"}}`:             `variable "day" is a date without a time of day`,
		`{{date .day .s}}`:                      `variable "s" is no style (short, medium, long, full) and no time zone`,
		`{{date .day "Europe/Berlin" .s}}`:      `variable "s" is no style`,
		`{{date .day .n}}`:                      `date: takes a time, and may take a style and a time zone`,
		`{{with $x := .s}}{{number $x}}{{end}}`: `variable "$x" is a string`,
		`{{.s | number}}`:                       `number: its argument 1 is a string`,
		`{{date .missing}}`:                     `variable "missing" is missing`,
	} {
		_, err := load(t, files{"a.subject": "s", "a.txt": "x\n" + text}).Render("a", "", data)
		if err == nil || !strings.HasPrefix(err.Error(), "a.txt:2: "+want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// What the template has wrong stops the start.
func TestFormattingRefusesCalls(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{{plural .n "one" "x"}}`:                       `plural: takes a number, then names and texts in turn, "other" among them`,
		`{{plural .n "one" "x" "other"}}`:               `plural: takes a number`,
		`{{plural .n}}`:                                 `plural: takes a number`,
		`{{plural .n "ones" "x" "other" "y"}}`:          `plural: "ones" is no plural: there are zero, one, two, few, many, other, and "=0" for a number`,
		`{{plural .n "=01" "x" "other" "y"}}`:           `plural: "=01" is no plural`,
		`{{plural "3" "other" "y"}}`:                    `plural: "3" is a string, where a number is needed`,
		`{{number}}`:                                    `number: lacks a value`,
		`{{money .n}}`:                                  `money: lacks a value: {{money .x}}, with a currency behind it`,
		`{{money .n "EURO"}}`:                           `money: "EURO" is no currency of ISO 4217 such as EUR`,
		`{{number .n -1}}`:                              `number: takes a number and how many decimals`,
		`{{number .n 21}}`:                              `number: takes a number and how many decimals`,
		`{{number .n 1 2}}`:                             `number: takes a number and how many decimals`,
		`{{number "x"}}`:                                `number: "x" is a string`,
		`{{.n | number 2}}`:                             `number: takes the value first, not through a pipe: {{number .x …}}`,
		`{{date .d "longish"}}`:                         `date: "longish" is no style (short, medium, long, full) and no time zone such as Europe/Berlin`,
		`{{date .d .zone "Europe/Berln"}}`:              `date: "Europe/Berln" is no style`,
		`{{date .d "short" "long"}}`:                    `date: takes a time, and may take a style and a time zone`,
		`{{time .d "long"}}`:                            `time: takes a time, and may take a style and a time zone`,
		`{{datetime .d "short" "full"}}`:                `datetime: takes a time`,
		`{{date .d "UTC" "Asia/Tokyo"}}`:                `date: takes a time`,
		`{{date .d 5}}`:                                 `date: takes a time`,
		`{{date "22.11.2026"}}`:                         `date: "22.11.2026" is neither a date such as`,
		`{{if .x}}{{range .y}}{{number}}{{end}}{{end}}`: `number: lacks a value`,
		`{{print (number)}}`:                            `number: lacks a value`,
	} {
		for _, f := range []files{
			{"a.subject": "s", "a.txt": "x\n" + text}, {"a.subject": "s", "a.html": "<p>x</p>\n<p title=\"" + strings.ReplaceAll(text, `"`, "`") + "\">"},
		} {
			_, err := templates.Load(f.fs())
			name, quoted := "a.txt", want
			if f["a.html"] != "" {
				name, quoted = "a.html", strings.ReplaceAll(want, `"`, "`")
				quoted = strings.NewReplacer("`other` among", `"other" among`, "and `=0` for", `and "=0" for`).Replace(quoted)
			}
			if err == nil || !strings.HasPrefix(err.Error(), name+":2: "+quoted) {
				t.Errorf("%s in %s: %v, want %s", text, name, err, quoted)
			}
		}
	}
}

// A text has the forms of the mail's region, in its own language.
func TestFormattingByRegion(t *testing.T) {
	t.Parallel()
	const text = `{{lang}} {{date .day}} {{money .price "EUR"}}`
	set := load(t, one(text, "de", text, "pt-PT", text, "zh-Hant", text, "ar", text))
	data := map[string]any{"day": "2026-01-02", "price": 1234.5}
	for locale, want := range map[string]string{
		"":      "en January 2, 2026 €1,234.50",
		"fr":    "en January 2, 2026 €1,234.50", // The text is English, and so is its date.
		"en-GB": "en 2 January 2026 €1,234.50",
		"de":    "de 2. Januar 2026 1.234,50\u00a0€",
		"de-AT": "de 2. Jänner 2026 €\u00a01.234,50",
		"de_ch": "de 2. Januar 2026 EUR\u00a01'234.50",
		"de-XX": "de 2. Januar 2026 1.234,50\u00a0€",
		"pt-PT": "pt-PT 2 de janeiro de 2026 1234,50\u00a0€",
		"pt-BR": "en January 2, 2026 €1,234.50",
		"zh-TW": "zh-Hant 2026年1月2日 €1,234.50",
		"zh-HK": "zh-Hant 2026年1月2日 €1,234.50",
		"ar":    "ar 2 يناير 2026 \u200f1,234.50\u00a0€",
		"ar-EG": "ar ٢ يناير ٢٠٢٦ \u200f١٬٢٣٤٫٥٠\u00a0€",
	} {
		for range 2 {
			got, err := set.Render("a", locale, data)
			if err != nil || got.Text != want {
				t.Errorf("%q: %q, %v, want %q", locale, got.Text, err, want)
			}
		}
	}
}

// Values are escaped where they stand, and the text part has them too.
func TestFormattingInPlaces(t *testing.T) {
	t.Parallel()
	set := load(t, files{
		"a.md": "---\nsubject: 'Due {{date .day \"short\"}}: {{money .price \"EUR\"}}'\nlang: fr\n---\n" +
			"| Thing | Price |\n|---|--:|\n{{range .list}}\n| {{.}} | {{money . \"EUR\"}} |\n{{end}}\n\n" +
			"*{{plural .n \"one\" \"# <b>jour</b>\" \"other\" \"# jours\"}}*\n\n<a href=\"https://example.com/?d={{date .day \"short\"}}\" title='{{number .price}}'>x</a>\n",
	})
	got, err := set.Render("a", "fr-FR", map[string]any{"day": "2026-11-22", "price": 1234.5, "list": []any{1000}, "n": 1})
	if err != nil {
		t.Fatal(err)
	}
	if want := "Due 22/11/2026: 1\u202f234,50\u00a0€"; got.Subject != want {
		t.Errorf("Subject = %q, want %q", got.Subject, want)
	}
	for _, want := range []string{
		"1\u202f000,00\u00a0€", "1 &lt;b&gt;jour&lt;/b&gt;", "https://example.com/?d=22%2f11%2f2026", "1\u202f234,5", `<html lang="fr" dir="ltr">`,
	} {
		if !strings.Contains(got.HTML, want) {
			t.Errorf("the HTML has no %q:\n%s", want, got.HTML)
		}
	}
	for _, want := range []string{"1\u202f000,00\u00a0€", "1 <b>jour</b>"} {
		if !strings.Contains(got.Text, want) {
			t.Errorf("the text has no %q:\n%s", want, got.Text)
		}
	}
}

// Many mails may be the first of their region at once.
func TestFormattingAtOnce(t *testing.T) {
	t.Parallel()
	set := load(t, files{"a.subject": "{{number .n}}", "a.html": "<p>{{number .n}}", "a.txt": "{{number .n}}"})
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			locale, want := "en-ZA", "1\u00a0234,5"
			if i%2 == 0 {
				locale, want = "en-IN", "1,234.5"
			}
			got, err := set.Render("a", locale, map[string]any{"n": 1234.5})
			if err != nil || got.Subject != want || got.Text != want || got.HTML != "<p>"+want {
				t.Errorf("%s: %q, %v, want %q", locale, got.Text, err, want)
			}
		})
	}
	all.Wait()
}

func BenchmarkFormatting(b *testing.B) {
	set := load(b, one(`{{number .n}} {{money .n "EUR"}} {{date .day}} {{plural .n "one" "#" "other" "#"}}`))
	data := map[string]any{"n": 1234.5, "day": "2026-11-22"}
	for _, locale := range []string{"", "en-GB", "ar-EG"} {
		b.Run(locale, func(b *testing.B) {
			for b.Loop() {
				if _, err := set.Render("a", locale, data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
