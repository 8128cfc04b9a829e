package tasks_test

import (
	"net/mail"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/postroom/postroom/tasks"
)

func TestParseAddress(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]mail.Address{
		"ada@example.org":                           {Address: "ada@example.org"},
		" Ada  Lovelace <ada@example.org> ":         {Name: "Ada Lovelace", Address: "ada@example.org"},
		`"Lovelace, \"Ada\"" <ada@example.org>`:     {Name: `Lovelace, "Ada"`, Address: "ada@example.org"},
		"渡辺 <watanabe@example.jp>":                  {Name: "渡辺", Address: "watanabe@example.jp"},
		"=?iso-8859-1?q?J=FCrgen?= <j@example.org>": {Name: "Jürgen", Address: "j@example.org"},
		`"ada..l"@example.org`:                      {Address: "ada..l@example.org"},
		"ada@EXAMPLE.org":                           {Address: "ada@EXAMPLE.org"},
		"ada@localhost":                             {Address: "ada@localhost"},
		"info@bücher.example":                       {Address: "info@xn--bcher-kva.example"},
		"Laden <info@BÜCHER.Example>":               {Name: "Laden", Address: "info@xn--bcher-kva.example"},
		"info@faß.example":                          {Address: "info@xn--fa-hia.example"},
		"info@例え。テスト":                               {Address: "info@xn--r8jz45g.xn--zckzah"},
		"info@مثال.إختبار":                          {Address: "info@xn--mgbh0fb.xn--kgbechtv"},
		"ada@1.2.3.example":                         {Address: "ada@1.2.3.example"},
		strings.Repeat("a", 64) + "@example.org":    {Address: strings.Repeat("a", 64) + "@example.org"},
		"a@" + strings.Repeat("b", 63) + ".example": {Address: "a@" + strings.Repeat("b", 63) + ".example"},
	} {
		if got, err := tasks.ParseAddress(s); err != nil || got != want {
			t.Errorf("%q: %+v, %v; want %+v", s, got, err, want)
		}
	}
}

func TestParseAddressRefuses(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"":                                          "is not an address like ada@example.org",
		"zebra":                                     "missing '@'",
		"zebra@":                                    "is not an address",
		"@example.org":                              "is not an address",
		"zebra@example.org, ada@example.org":        "expected single address",
		"zebra <zebra@example.org":                  "unclosed angle-addr",
		"zebra zebra@example.org":                   "is not an address",
		"zebra@example.org\n":                       "line break",
		"zebra\t<a@example.org>":                    "control character",
		"zebra\x00@example.org":                     "control character",
		"\u0085zebra@example.org":                   "control character",
		"zebra\xff <a@example.org>":                 "is not an address",
		"=?utf-8?q?zebra=0AX?= <a@example.org>":     "stands for a line break",
		"=?utf-8?q?zebra=00?= <a@example.org>":      "control character",
		"=?koi8-u?q?zebra?= <a@example.org>":        "charset not supported",
		"zebrä@example.org":                         "outside ASCII before the @",
		"zebrä@bücher.example":                      "outside ASCII before the @",
		"zebra@exä mple.org":                        "is not an address",
		"zebra@exä_mple.org":                        "that no domain name has (IDNA",
		"zebra@\u200d.org":                          "that no domain name has (IDNA",
		"zebra@אa.org":                              "that no domain name has (IDNA",
		"zebra@" + strings.Repeat("ü", 63) + ".org": "no domain name",
		`"zebra zebra"@example.org`:                 "before the @ that Gmail is not known to take",
		`"zebra@zebra"@example.org`:                 "before the @ that Gmail is not known to take",
		`""@example.org`:                            "is not an address",
		"zebra@[127.0.0.1]":                         "no domain name",
		"zebra@example..org":                        "is not an address",
		"zebra@-example.org":                        "no domain name",
		"zebra@example-.org":                        "no domain name",
		"zebra@exa_mple.org":                        "no domain name",
		"zebra@example!":                            "no domain name",
		strings.Repeat("a", 65) + "@example.org":    "longer than an address",
		"a@" + strings.Repeat("b.", 127) + "c":      "longer than an address",
		"zebra@" + strings.Repeat("b", 64) + ".org": "no domain name",
	} {
		a, err := tasks.ParseAddress(s)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %+v, %v; want %q", s, a, err, want)
		}
		if err != nil && (strings.Contains(err.Error(), "zebr") || strings.Contains(err.Error(), "exa_")) {
			t.Errorf("%q: the error repeats it: %v", s, err)
		}
	}
}

// FuzzParseAddress holds what may be relied on of an address that was taken.
func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{
		"ada@example.org", "Ada <ada@example.org>", `"a..b"@example.org`, `"a b" <a@b>`, "a@b (c)", "g: a@b;", "渡辺 <w@example.jp>",
		"=?utf-8?q?=0A?= <a@b>", "=?utf-8?b?//8=?= <a@b>", "=?iso-8859-1?q?=80?= <a@b>", `"\"" <a@b>`, "a@[1.2.3.4]", "\u2028 <a@b>", "=?us-ascii?q?=7F?= <a@b>",
		"a@bücher.example", "a@例え。テスト", "a@\u2024b", "a@xn--a", "a@ä.xn--bcher-kva",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := tasks.ParseAddress(s)
		if err != nil {
			return
		}
		if whole := a.Name + a.Address; strings.ContainsFunc(whole, unicode.IsControl) || !utf8.ValidString(whole) {
			t.Fatalf("%q has a control character, or is not UTF-8", whole)
		}
		stdlib, err := mail.ParseAddress(s)
		if err != nil || stdlib.Name != a.Name || isASCII(stdlib.Address) && stdlib.Address != a.Address || !isASCII(a.Address) {
			t.Fatalf("%q: %+v; net/mail reads %v, %v", s, a, stdlib, err)
		}
		again, err := tasks.ParseAddress(a.String())
		if err != nil || again != a {
			t.Fatalf("%q is written %q, which reads as %+v, %v", s, a.String(), again, err)
		}
		e := letter()
		e.To = tasks.Addresses{s}
		reread(t, e)
	})
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}
