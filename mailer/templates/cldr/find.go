package cldr

import (
	_ "embed"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/language"
)

//go:embed locales.txt
var file string

// lines are those of the file by name.
var lines = sync.OnceValue(func() map[string]entry { //nolint:gochecknoglobals // Read once, and never changed.
	all := map[string]entry{}
	for line := range strings.Lines(file) {
		if name, rest, ok := strings.Cut(line, "\t"); ok {
			parent, text, _ := strings.Cut(rest, "\t")
			all[name] = entry{parent, text}
		}
	}
	return all
})

// entry is one line: whose it adds to, and what.
type entry struct{ parent, text string }

// currencies has the decimals of each currency by its code.
var currencies = sync.OnceValue(func() map[string]int { //nolint:gochecknoglobals // The same.
	all := map[string]int{}
	_ = json.Unmarshal([]byte(lines()[currencyLine].text), &all) // A test reads every line.
	return all
})

const currencyLine = "currencies"

// Formats are the forms of one locale. They do not change, and may be used by
// many at once.
type Formats struct {
	name                   string
	tag                    language.Tag
	table                  Table
	digits                 []rune
	number, percent, money pattern
}

// found are the Formats that were asked for, by name: no more than there are lines.
var found sync.Map //nolint:gochecknoglobals // What a file says, kept.

// Find gives the forms of a locale: its own, else those of the one above it,
// which is written in the same script. It reports whether there are any.
func Find(tag language.Tag) (*Formats, bool) {
	name := nameOf(tag)
	if name == "" {
		return nil, false
	}
	if f, ok := found.Load(name); ok {
		return f.(*Formats), true //nolint:errcheck,forcetypeassert // Nothing else is in there.
	}
	f := &Formats{name: name, tag: tag, table: read(name)}
	f.digits = []rune(f.table.Digits)
	f.number, f.percent = parsePattern(f.table.NumberPattern), parsePattern(f.table.PercentPattern)
	f.money = parsePattern(f.table.MoneyPattern)
	kept, _ := found.LoadOrStore(name, f)
	return kept.(*Formats), true //nolint:errcheck,forcetypeassert // Nothing else is in there.
}

// Name is the locale whose forms these are.
func (f *Formats) Name() string { return f.name }

// nameOf is the line for a locale, or empty.
func nameOf(tag language.Tag) string {
	base, _ := tag.Base()
	script, _ := tag.Script()
	region, sure := tag.Region()
	if sure != language.Exact {
		region = language.Region{} // Nobody said so.
	}
	plain, _ := language.Make(base.String()).Script()
	all := lines()
	for _, name := range []string{base.String() + "-" + script.String() + "-" + region.String(), base.String() + "-" + region.String()} {
		if _, ok := all[name]; ok && (script == plain || strings.Contains(name, "-"+script.String()+"-")) {
			return name
		}
	}
	if _, ok := all[base.String()+"-"+script.String()]; ok {
		return base.String() + "-" + script.String()
	}
	for tag != language.Und { // What is above a locale is written in its script.
		if _, ok := all[tag.String()]; ok {
			return tag.String()
		}
		tag = tag.Parent()
	}
	return ""
}

// read is a line on top of all that are above it.
func read(name string) Table {
	one := lines()[name]
	t := Table{}
	if one.parent != "" {
		t = read(one.parent)
		t.Symbols, t.Forms = maps.Clone(t.Symbols), maps.Clone(t.Forms)
	}
	_ = json.Unmarshal([]byte(one.text), &t) // A test reads every line.
	return t
}

// Names are all locales that there are, sorted.
func Names() []string {
	all := slices.Sorted(maps.Keys(lines()))
	return slices.DeleteFunc(all, func(name string) bool { return name == currencyLine })
}
