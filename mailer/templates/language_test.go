package templates_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postroom/postroom/mailer/templates"
)

// A set may be German without a locale in its names.
func TestLang(t *testing.T) {
	t.Parallel()
	const body = "{{lang}} {{date .day}}"
	front := func(lang string) string { return "---\nsubject: s\nlang: " + lang + "\nlayout: base\n---\n" + body }
	set := load(t, files{
		"layouts/base.html":    `<html lang="{{lang}}" dir="{{dir}}">{{template "content" .}}</html>`,
		"layouts/base.fr.html": `<html lang="{{lang}}" class="fr">{{template "content" .}}</html>`,
		"a.md":                 front("de"), "a.en-GB.md": front("en-GB"),
		"b.md": front("fr-CA"), "c.md": front("ar_EG"), "d.md": "---\nsubject: s\n---\n" + body,
	})
	for _, test := range []struct{ name, locale, want string }{
		{"a", "", `<html lang="de" dir="ltr"><p>de 22. Januar 2026</p>`},
		{"a", "de", `<html lang="de" dir="ltr"><p>de 22. Januar 2026</p>`},
		{"a", "de-AT", `<html lang="de" dir="ltr"><p>de 22. Jänner 2026</p>`},
		{"a", "en", `<html lang="de" dir="ltr"><p>de 22. Januar 2026</p>`},
		{"a", "en-GB", `<html lang="en-GB" dir="ltr"><p>en-GB 22 January 2026</p>`},
		{"b", "", `<html lang="fr-CA" class="fr"><p>fr-CA 22 janvier 2026</p>`},
		{"b", "fr", `<html lang="fr-CA" class="fr"><p>fr-CA 22 janvier 2026</p>`},
		{"c", "", `<html lang="ar-EG" dir="rtl"><p>ar-EG ٢٢ يناير ٢٠٢٦</p>`},
		{"d", "de", `<html lang="en" dir="ltr"><p>en January 22, 2026</p>`},
	} {
		got, err := set.Render(test.name, test.locale, map[string]any{"day": "2026-01-22"})
		if err != nil || !strings.HasPrefix(got.HTML, test.want) {
			t.Errorf("%s in %q: %s, %v, want %s", test.name, test.locale, got.HTML, err, test.want)
		}
	}
	for name, want := range map[string][]string{"a": {"de", "en-gb"}, "b": {"fr-ca"}, "d": {}} {
		info, _ := set.Info(name)
		if diff := cmp.Diff(want, info.Locales); diff != "" {
			t.Errorf("%s: Locales (-want +got):\n%s", name, diff)
		}
	}
}

func TestLangRefuses(t *testing.T) {
	t.Parallel()
	page := func(lang string) string { return "---\nsubject: s\nlang: " + lang + "\n---\nx\n" }
	for want, f := range map[string]files{
		`a.md:3: lang must be a language of BCP 47, as "de" or "pt-BR"`:                          {"a.md": page("German")},
		`a.md:3: lang must be a language of BCP 47, as "de" or "pt-BR" `:                         {"a.md": page("qq")},
		`a.md:3: lang must be a text`:                                                            {"a.md": page("[de]")},
		`a.md:3: is in de, and so is a.de.md: one is enough`:                                     {"a.md": page("de"), "a.de.md": page("de")},
		`a.de.md:3: has lang en, and its name says de`:                                           {"a.md": page("fr"), "a.de.md": page("en")},
		`a.tlh.txt:1: number: how numbers and dates are written is not known for the locale tlh`: {"a.subject": "s", "a.txt": "x", "a.tlh.subject": "s", "a.tlh.txt": "{{number 1}}"},
	} {
		_, err := templates.Load(f.fs())
		if err == nil || err.Error() != strings.TrimSpace(want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	load(t, files{"a.subject": "s", "a.txt": "x", "a.tlh.subject": "s", "a.tlh.txt": "x {{lang}}"}) // Text alone is fine.
}

// What a schema calls a date previews as one.
func TestDatesPreview(t *testing.T) {
	t.Parallel()
	set := load(t, files{"a.md": "---\nsubject: s\ndata:\n  when: {type: string, format: date-time}\n  day: {format: date, type: string}\n" +
		"  mail?: {type: string, format: email}\n---\n{{datetime .when}}; {{date .day}}; {{.mail}}\n"})
	info, _ := set.Info("a")
	got, err := set.Render("a", "", info.Example)
	if want := "November 22, 2026 at 3:04 PM; November 22, 2026; ada@example.org"; err != nil || got.Text != want+"\n" && got.Text != want {
		t.Errorf("%q, %v, want %q", got.Text, err, want)
	}
	_, err = set.Render("a", "", map[string]any{"when": "tomorrow", "day": "2026-11-22"})
	if err == nil || !strings.Contains(err.Error(), `variable "when" must be written as a date-time is`) {
		t.Error(err)
	}
}
