package redact_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/postroom/postroom/tasks/redact"
)

// plain is a local part as most are. Two of them with the same first letter
// must look the same once masked.
var plain = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.!#$%&'*+/=?^_{|}~-]*$`)

func FuzzAddress(f *testing.F) {
	for _, s := range []string{"ada", "a.b+c", "o'brien", "Ada <ada", `"a b"`, "\xff", "é", "a@b"} {
		f.Add(s, "example.org")
	}
	f.Fuzz(func(t *testing.T, local, domain string) {
		for _, mode := range []redact.Mode{redact.Mask, redact.None} {
			got := mode.Address(local + "@" + domain)
			before, _, hasAt := strings.Cut(got, "@")
			shown := strings.TrimSuffix(before, "***")
			if shown == before || utf8.RuneCountInString(shown) > 1 {
				t.Errorf("%v.Address(%q) = %q: shows more than a first letter", mode, local+"@"+domain, got)
			}
			if mode == redact.None && hasAt {
				t.Errorf("none.Address(%q) = %q", local+"@"+domain, got)
			}
			if again := mode.Address(got); !strings.HasPrefix(again, shown+"***") && again != "***" && !strings.HasPrefix(again, "***@") {
				t.Errorf("%v.Address(%q) = %q: shows more than before", mode, got, again)
			}
		}
	})
}

// at matches an @ behind what could be a local part's last character.
var at = regexp.MustCompile(`[A-Za-z0-9._+\x{80}-\x{10FFFF}-](?:@|%40)`)

// exposes reports whether an address shows. A space is no part of one.
func exposes(text string) bool {
	return slices.ContainsFunc(at.FindAllString(text, -1), func(s string) bool {
		first, _ := utf8.DecodeRuneInString(s)
		return !unicode.IsSpace(first)
	})
}

func FuzzText(f *testing.F) {
	f.Add("da.lovelace", "no such user: ", " (Mail sending)")
	f.Add("o'brien", `{"to":"`, `"}`)
	f.Add("x", `"a b"@c `, "\xff@x")
	f.Add("a", `".`, `@"@`)
	f.Add(" +@0", "0", "0")
	f.Add("\u0085", "0", "0")
	f.Fuzz(func(t *testing.T, rest, before, after string) {
		text := before + "b" + rest + "@example.org" + after
		for _, mode := range []redact.Mode{redact.Mask, redact.None} {
			got := mode.Text(text)
			if exposes(got) && utf8.ValidString(text) {
				t.Errorf("%v.Text(%q)\n= %q: an address shows", mode, text, got)
			}
			if !plain.MatchString("b"+rest) || utf8.RuneCountInString(rest) == 0 {
				continue
			}
			other := before + " b" + strings.Repeat("z", len(rest)+3) + "@example.org " + after
			if a, b := mode.Text(before+" b"+rest+"@example.org "+after), mode.Text(other); a != b {
				t.Errorf("%v: the local part shows:\n%q\n%q", mode, a, b)
			}
		}
	})
}
