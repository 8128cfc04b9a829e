package templates_test

import (
	"strings"
	"testing"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/templates"
)

func TestUnsubscribe(t *testing.T) {
	t.Parallel()
	set := load(t, files{
		"a.md":    "---\nsubject: a\nunsubscribe: https://example.com/u/{{.id}}?list={{.list}}&x=1\n---\nHello\n",
		"a.de.md": "---\nsubject: a\n---\nHallo\n",
		"a.fr.md": "---\nsubject: a\nunsubscribe: mailto:partir@example.com\n---\nSalut\n",
		"b.html":  "---\nsubject: b\nunsubscribe: {url: \"{{.u}}\", mailto: \"leave@example.com?subject={{.id}}\"}\n---\n<p>Hello</p>\n",
		"c.md":    "---\nsubject: c\n---\nHello\n",
		"d.md":    "---\nsubject: d\nunsubscribe: http://example.com/u\n---\nHello\n",
	})
	values := map[string]any{"id": "a b/<c>", "list": "Tea & Cups", "u": "https://example.com/?a=1&b=2"}
	for _, test := range []struct {
		name, locale string
		want         mailer.Unsubscribe
		oneClick     bool
	}{
		{"a", "", mailer.Unsubscribe{URL: "https://example.com/u/a%20b/%3cc%3e?list=Tea%20%26%20Cups&x=1"}, false},
		{"a", "de", mailer.Unsubscribe{URL: "https://example.com/u/a%20b/%3cc%3e?list=Tea%20%26%20Cups&x=1"}, false},
		{"a", "fr", mailer.Unsubscribe{Mailto: "mailto:partir@example.com"}, false},
		{"b", "", mailer.Unsubscribe{
			URL: "https://example.com/?a=1&b=2", Mailto: "mailto:leave@example.com?subject=a%20b%2f%3cc%3e",
		}, true},
		{"c", "", mailer.Unsubscribe{}, false},
		{"d", "", mailer.Unsubscribe{URL: "http://example.com/u"}, false},
	} {
		c, err := set.Render(test.name, test.locale, values)
		if err != nil || c.Unsubscribe != test.want {
			t.Errorf("%s %s: %+v, %v, want %+v", test.name, test.locale, c.Unsubscribe, err, test.want)
		}
		if info, _ := set.Info(test.name); info.OneClick != test.oneClick {
			t.Errorf("%s: one click %v", test.name, info.OneClick)
		}
	}
	for _, u := range []string{"javascript:alert(1)", "example.com/u", "https:///u", "mailto:nobody", "ftp://example.com/", "mailto:a@example.com"} {
		values["u"] = u
		if c, err := set.Render("b", "", values); err == nil {
			t.Errorf("%q from the data: %+v", u, c.Unsubscribe)
		}
	}
}

func TestUnsubscribeFaults(t *testing.T) {
	t.Parallel()
	const unfit = "unsubscribe gives an address with a space, a comma, or another character that no header may have in it: " +
		"write it as in %20, and those of a domain in the xn-- form"
	for way, want := range map[string]string{
		"example.com":               "a.md:3: unsubscribe gives no https URL",
		"https://example.com/a b":   "a.md:3: " + unfit,
		"{url: x, link: y}":         `a.md:3: unsubscribe: "link" is not known: there are mailto and url`,
		"[a]":                       "a.md:3: unsubscribe must be a text: one that begins with [ or { stands in quotes, as in \"[Shop] Hello\"",
		"https://x.org/{{.x":        "a.md:3: an action is not closed: it ends with }}",
		"https://x.org/{{nix .x}}":  `a.md:3: function "nix" not defined`,
		"mailto:nobody":             "a.md:3: unsubscribe gives no address and no mailto URL",
		"https://bücher.example/":   "a.md:3: " + unfit,
		"https://example.org/a\\b":  "a.md:3: " + unfit,
		"mailto:a@bücher.example":   "a.md:3: " + unfit,
		"{url: mailto:a@b.example}": "a.md:3: unsubscribe gives no https URL",
		"https://example.org/" + strings.Repeat("a", 900): "a.md:3: unsubscribe gives an address of more than 900 bytes",
	} {
		_, err := templates.Load(files{"a.md": "---\nsubject: a\nunsubscribe: " + way + "\n---\nHello\n"}.fs())
		if errorText(err) != want {
			t.Errorf("%s: %v, want %s", way, err, want)
		}
	}
}
