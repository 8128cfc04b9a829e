package templates

import (
	"golang.org/x/text/language"

	"github.com/postroom/postroom/mailer/templates/cldr"
)

// languageOf is a variant's, English for a default that does not say.
func languageOf(locale string) language.Tag {
	tag, err := language.Parse(locale)
	if locale == "" || err != nil {
		return language.English
	}
	return tag
}

// scripted is the language of a locale in the script that is likely for it, or the
// empty locale: "zh-hant" for "zh-TW".
func scripted(locale string) string {
	tag, err := language.Parse(locale)
	if locale == "" || err != nil {
		return ""
	}
	base, _ := tag.Base()
	script, _ := tag.Script()
	return canonical(base.String() + "-" + script.String())
}

// rightToLeft are the scripts in use that are written so.
var rightToLeft = map[string]bool{
	"Adlm": true, "Arab": true, "Aran": true, "Hebr": true, "Mand": true, "Mend": true, "Nkoo": true, "Rohg": true, "Samr": true,
	"Syrc": true, "Thaa": true,
}

// direction is HTML's dir for a language.
func direction(of language.Tag) string {
	if script, _ := of.Script(); rightToLeft[script.String()] {
		return "rtl"
	}
	return "ltr"
}

// formatsFor are the forms of numbers and dates in a text of that language, for a
// mail of some locale: the locale's own where it is the same language in the same
// script, so that German text has Austria's forms for an Austrian; else those of
// the text. Nil where there are none.
func formatsFor(text language.Tag, asked string) *cldr.Formats {
	if tag, err := language.Parse(asked); err == nil && asked != "" && alike(text, tag) {
		if f, ok := cldr.Find(tag); ok {
			return f
		}
	}
	f, _ := cldr.Find(text)
	return f
}

// alike reports whether two are one language in one script.
func alike(a, b language.Tag) bool {
	one, _ := a.Base()
	other, _ := b.Base()
	script, _ := a.Script()
	scriptToo, _ := b.Script()
	return one == other && script == scriptToo
}
