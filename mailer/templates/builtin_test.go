package templates_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postroom/postroom/mailer/templates"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares what came out with testdata/golden/name.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	shop, err := templates.LoadDir("testdata/shop")
	if err != nil {
		t.Fatal(err)
	}
	abroad, err := templates.LoadDir("testdata/abroad")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		set                  *templates.Set
		golden, name, locale string
		data                 string
	}{
		{templates.Builtin(), "welcome", "welcome", "", `{"name":"Ada <Lovelace> & Söhne"}`},
		{shop, "receipt", "billing/receipt", "", receipt},
		{shop, "receipt.de", "billing/receipt", "de-AT", receipt},
		{abroad, "reminder", "reminder", "", reminder},
		{abroad, "reminder.de-CH", "reminder", "de-CH", reminder},
		{abroad, "reminder.ar-EG", "reminder", "ar-EG", reminder},
		{abroad, "reminder.ja", "reminder", "ja-JP", reminder},
	} {
		t.Run(test.golden, func(t *testing.T) {
			t.Parallel()
			c, err := test.set.Render(test.name, test.locale, data(t, test.data))
			if err != nil {
				t.Fatal(err)
			}
			golden(t, test.golden+".subject", c.Subject+"\n")
			golden(t, test.golden+".html", c.HTML)
			golden(t, test.golden+".txt", c.Text)
		})
	}
}

const receipt = `{
	"number": 1000123, "customer": {"name": "山田 太郎", "mail": null},
	"items": [{"title": "Tea & biscuits", "count": 2, "price": 4.5}, {"title": "Cup \"Blue\"", "count": 1, "price": 12}],
	"total": 21, "url": "https://shop.example/orders/1000123?from=mail&lang=en", "note": ""
}`

const reminder = `{
	"days": 3, "total": 12345.5, "currency": "EUR", "rate": 0.081, "due": "2026-12-01", "sent": "2026-11-22T23:04:05Z", "zone": "Europe/Berlin"
}`

func TestBuiltin(t *testing.T) {
	t.Parallel()
	set := templates.Builtin()
	if diff := cmp.Diff([]string{"welcome"}, set.Names()); diff != "" {
		t.Errorf("Names (-want +got):\n%s", diff)
	}
	_, err := set.Render("welcome", "", nil)
	if want := `template "welcome": variable "name" is missing`; err == nil || err.Error() != want {
		t.Errorf("Render without data: %v, want %s", err, want)
	}
	c, err := set.Render("welcome", "de", map[string]any{"name": "Ada"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Subject != "Welcome, Ada" {
		t.Errorf("subject = %q", c.Subject)
	}
	for what, there := range map[string]bool{
		"names its language":        strings.Contains(c.HTML, `<html lang="en"`),
		"marks tables as layout":    strings.Count(c.HTML, "<table") == strings.Count(c.HTML, `role="presentation"`),
		"is 600 px wide":            strings.Contains(c.HTML, "max-width: 600px"),
		"has a preheader":           strings.Contains(c.HTML, `aria-hidden="true">Everything is ready for you.</div>`),
		"loads nothing":             !strings.Contains(c.HTML, "http") && !strings.Contains(c.HTML, "<img") && !strings.Contains(c.HTML, "url("),
		"is light":                  len(c.HTML) < 4096,
		"greets in HTML":            strings.Contains(c.HTML, "Welcome, Ada"),
		"greets in text":            strings.HasPrefix(c.Text, "Welcome, Ada\n============\n\nWe are glad"),
		"has no action left in it":  !strings.Contains(c.HTML+c.Text, "{{"),
		"has a dark and a tiny way": strings.Count(c.HTML, "@media") == 2,
	} {
		if !there {
			t.Errorf("the built-in welcome is not one that %s:\n%s\n%s", what, c.HTML, c.Text)
		}
	}
}

// Tables of Markdown have no class by which a layout could know them, and look
// like tables all the same.
func TestBuiltinTables(t *testing.T) {
	t.Parallel()
	set := load(t, files{"a.md": "---\nsubject: a\n---\n| x | y |\n|---|--:|\n| a | {{.b}} |\n"})
	c, err := set.Render("a", "", map[string]any{"b": 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		`<table style="width: 100%; margin: 0 0 16px; border-collapse: collapse; word-break: normal; overflow-wrap: break-word;">`,
		`<th style="max-width: 160px; padding: 8px; border-bottom: 1px solid #c4ccd4; vertical-align: top; text-align: start;">x</th>`,
		`text-align: right;" align="right">y</th>`,
		`<td style="max-width: 160px; padding: 8px; border-bottom: 1px solid #c4ccd4; vertical-align: top;" align="right">1</td>`,
	} {
		if !strings.Contains(c.HTML, part) {
			t.Errorf("no %s in\n%s", part, c.HTML)
		}
	}
}

// What a template defines for the built-in layout stands above or below the card,
// in a row that is not there without it.
func TestBuiltinBlocks(t *testing.T) {
	t.Parallel()
	set := load(t, files{
		"bare.md":  "---\nsubject: s\n---\nHi\n",
		"given.md": "---\nsubject: s\n---\n{{define \"head\"}}Shop{{end}}\n{{define \"foot\"}}Tea & {{.x}}{{end}}\n\nHi\n",
	})
	bare, err := set.Render("bare", "", nil)
	if err != nil || strings.Count(bare.HTML, "<tr") != 2 || bare.Text != "Hi\n" {
		t.Errorf("without blocks: %v\n%s\n%s", err, bare.HTML, bare.Text)
	}
	c, err := set.Render("given", "", map[string]any{"x": "Pots"})
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(c.HTML, "<tr>")
	if len(rows) != 5 {
		t.Fatalf("%d rows in\n%s", len(rows)-1, c.HTML)
	}
	for i, want := range map[int]string{2: "class=\"head\">\nShop\n  </td>", 3: ">Hi</p>", 4: "class=\"foot\">\nTea &amp; Pots\n  </td>"} {
		if !strings.Contains(rows[i], want) {
			t.Errorf("row %d has not %s:\n%s", i, want, c.HTML)
		}
	}
	if strings.Count(c.HTML, "<p") != 1 {
		t.Errorf("a paragraph is left of the definitions:\n%s", c.HTML)
	}
	if c.Text != "Shop\n\nHi\n\nTea & Pots\n" {
		t.Errorf("text %q", c.Text)
	}
}

// The button looks like one in any layout, and turns dark with the built-in one.
func TestBuiltinButton(t *testing.T) {
	t.Parallel()
	const page = "---\nsubject: s\n---\n{{template \"button\" (dict \"text\" \"Pay\" \"url\" \"https://a.example/\")}}\n"
	own := load(t, files{"a.md": page, "layouts/base.html": `<body>{{template "content" .}}</body>`})
	for name, set := range map[string]*templates.Set{"own": own, "built-in": load(t, files{"a.md": page})} {
		c, err := set.Render("a", "", nil)
		if err != nil {
			t.Fatal(err)
		}
		_, button, _ := strings.Cut(c.HTML, `<a class="button"`)
		button, _, _ = strings.Cut(button, ">")
		if !strings.Contains(button, "background-color: #0b57d0;") || !strings.Contains(button, "padding: 12px 24px;") {
			t.Errorf("in the %s layout it is <a%s>", name, button)
		}
		if !strings.Contains(c.HTML, `<span style="color: #ffffff;">Pay</span>`) {
			t.Errorf("its text is not white in\n%s", c.HTML)
		}
		const dark = ".button { background-color: #8ab4f8 !important; }\n    .button span { color: #15181c !important; }"
		if strings.Contains(c.HTML, ".card { color") {
			t.Errorf("the button keeps colors from being inlined:\n%s", c.HTML)
		}
		if strings.Contains(c.HTML, dark) != (name == "built-in") {
			t.Errorf("the %s layout in the dark:\n%s", name, c.HTML)
		}
		if c.Text != "Pay: https://a.example/\n" {
			t.Errorf("text %q", c.Text)
		}
	}
}
