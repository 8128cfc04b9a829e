package templates_test

import (
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/templates"
)

// data decodes JSON as the queue does.
func data(tb testing.TB, text string) map[string]any {
	tb.Helper()
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var object map[string]any
	if err := dec.Decode(&object); err != nil {
		tb.Fatalf("test data %s: %v", text, err)
	}
	return object
}

// render gives what body comes to as HTML and as text.
func render(tb testing.TB, body, text string) (html, plain string, err error) {
	tb.Helper()
	set := load(tb, files{"a.subject": "s", "a.html": body, "b.subject": "s", "b.txt": body})
	object := data(tb, text)
	h, err := set.Render("a", "", object)
	if err != nil {
		return "", "", err
	}
	p, err := set.Render("b", "", object)
	return h.HTML, p.Text, err
}

func TestRender(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, body, data, want string }{
		{"a variable", "Hello {{.name}}", `{"name":"Ada"}`, "Hello Ada"},
		{"nested", "{{.user.name}}", `{"user":{"name":"Ada"}}`, "Ada"},
		{"a list", "{{range .items}}{{.title}};{{end}}", `{"items":[{"title":"a"},{"title":"b"}]}`, "a;b;"},
		{"an object", "{{range $k, $v := .o}}{{$k}}={{$v}};{{end}}", `{"o":{"b":2,"a":1}}`, "a=1;b=2;"},
		{"partials", `{{define "x"}}[{{.title}}]{{end}}{{range .items}}{{template "x" .}}{{end}}`, `{"items":[{"title":1}]}`, "[1]"},
		{"a block", `{{block "x" .}}{{.name}}{{end}}`, `{"name":"Ada"}`, "Ada"},
		{"variables", "{{$n := .name}}{{range .items}}{{$n}}{{.}} {{$.name}}{{end}}", `{"name":"A","items":[1]}`, "A1 A"},
		{"break", "{{range .items}}{{if eq . 2}}{{break}}{{end}}{{.}}{{end}}", `{"items":[1,2,3]}`, "1"},

		{"null is false", "{{if .x}}yes{{else}}no{{end}}", `{"x":null}`, "no"},
		{"null in with", "{{with .x}}yes{{else}}no{{end}}", `{"x":null}`, "no"},
		{"null is an empty list", "{{range .x}}yes{{else}}no{{end}}", `{"x":null}`, "no"},
		{"null compared", "{{if eq .x nil}}null{{end}}{{if ne .x 1}}!{{end}}", `{"x":null}`, "null!"},
		{"absent", `{{with index . "x"}}yes{{else}}no{{end}}`, `{}`, "no"},
		{"absent with a default", `Hello {{or (index . "name") "there"}}`, `{}`, "Hello there"},
		{"there with a default", `Hello {{or (index . "name") "there"}}`, `{"name":"Ada"}`, "Hello Ada"},
		{"a declaration of null prints nothing", "{{$x := .x}}{{if not $x}}ok{{end}}", `{"x":null}`, "ok"},
		{"false and empty are printed", "{{.b}}{{.s}}{{.n}}", `{"b":false,"s":"","n":0}`, "false0"},

		{"whole numbers", "{{.n}} {{.m}} {{.big}}", `{"n":1234567,"m":-5,"big":9223372036854775807}`, "1234567 -5 9223372036854775807"},
		{"whole in other forms", "{{.a}} {{.b}} {{.c}}", `{"a":20.0,"b":1e6,"c":-0.0}`, "20 1000000 0"},
		{"fractions", "{{.a}} {{.b}} {{.c}} {{.d}}", `{"a":0.1,"b":19.99,"c":1234567.5,"d":0.0001}`, "0.1 19.99 1234567.5 0.0001"},
		{"large", "{{.a}} {{.b}}", `{"a":1e21,"b":12345678901234567890123}`, "1e21 12345678901234567890123"},
		{
			"numbers are numbers", `{{.whole | printf "%.2f"}} {{printf "%.2f" .broken}} {{printf "%d|%5d|%s|%v" .whole .whole .whole .broken}}`,
			`{"whole":20,"broken":19.99}`, "20.00 19.99 20|   20|20|19.99",
		},
		{
			"compared", "{{gt .count 5}}|{{lt .count 5}}|{{ge .count 7}}|{{le .count 7}}|{{eq .count 7}}|{{ne .count 7}}",
			`{"count":7}`, "true|false|true|true|true|false",
		},
		{
			"compared over kinds", "{{gt .w 10.5}}|{{lt .f 20}}|{{eq .w 20.0}}|{{eq .f 19.99}}|{{lt .f .w}}|{{eq .big .big}}|{{gt .big .w}}",
			`{"w":20,"f":19.99,"big":123456789012345678901}`, "true|true|true|true|true|true|true",
		},
		{"compared to the last digit", "{{eq .a .b}}|{{gt .a .b}}", `{"a":9007199254740993,"b":9007199254740992}`, "false|true"},
		{"strings compared", `{{eq .s "b"}}|{{eq .s "a" "b"}}|{{lt .s "c"}}|{{ne .s "b"}}|{{eq .t true}}`, `{"s":"b","t":true}`, "true|true|true|false|true"},
		{"numbers as index", "{{index .l .n}}", `{"l":["a","b"],"n":1}`, "b"},
		{"range over a number", "{{range .n}}*{{end}}{{range $i := .n}}{{$i}}{{end}}", `{"n":3}`, "***012"},
		{"zero is false", "{{if .z}}yes{{else}}no{{end}} {{if .d}}yes{{else}}no{{end}}", `{"z":0.0,"d":0.5}`, "no yes"},
		{"length", "{{len .l}}", `{"l":[1,2,3]}`, "3"},
		{"a percent sign", `{{printf "100%%! %s" .s}} {{printf "%s" .t}}`, `{"s":"a","t":"5%!"}`, "100%! a 5%!"},
		{"print", `{{print .a "-" .n}} {{println .n}}`, `{"a":"x","n":1.5}`, "x-1.5 1.5\n"},
		{"a character cut in two", "{{slice .s 0 2}}", `{"s":"Jürgen"}`, "J"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			html, plain, err := render(t, test.body, test.data)
			if err != nil {
				t.Fatal(err)
			}
			if html != test.want {
				t.Errorf("HTML = %q, want %q", html, test.want)
			}
			if plain != test.want {
				t.Errorf("text = %q, want %q", plain, test.want)
			}
		})
	}
}

// Every error names the line and the variable, and no value.
func TestRenderRefuses(t *testing.T) {
	t.Parallel()
	const secret = "s3cret"
	tests := []struct {
		name, body, data string
		line             int
		variable, reason string
	}{
		{"missing", "a\nb\n{{.name}}", `{}`, 3, "name", "is missing"},
		{"missing in an action of many lines", "a\n{{/* x */}}{{if\n.name}}{{end}}", `{}`, 3, "name", "is missing"},
		{"missing in if", "{{if .on}}{{end}}", `{}`, 1, "on", "is missing"},
		{"missing in range", "{{range .on}}{{end}}", `{}`, 1, "on", "is missing"},
		{"missing as argument", `{{printf "%s" .name}}`, `{}`, 1, "name", "is missing"},
		{"missing before a pipe", `{{.name | printf "%s"}}`, `{}`, 1, "name", "is missing"},
		{"missing in an object", "\n{{.user.name}}", `{"user":{"mail":"s3cret"}}`, 2, "user.name", "is missing"},
		{"missing in the middle", "{{.a.b.c}}", `{"a":{}}`, 1, "a.b", "is missing"},
		{"missing under the same name", "{{.a.a}}", `{"a":{}}`, 1, "a.a", "is missing"},
		{"missing in a list", "{{range .items}}\n{{.title}}{{end}}", `{"items":[{"title":"s3cret"},{"x":"s3cret"}]}`, 2, "title", "is missing"},
		{"missing in a variable", "{{range $i := .items}}{{$i.title}}{{end}}", `{"items":[{}]}`, 1, "$i.title", "is missing"},
		{"missing at the root", "{{range .items}}{{$.title}}{{end}}", `{"items":[{}]}`, 1, "title", "is missing"},
		{"missing in what index gives", "{{(index .items 0).title}}", `{"items":[{}]}`, 1, "title", "is missing"},
		{"missing in a partial", "{{define \"x\"}}\n{{.title}}{{end}}{{template \"x\" .o}}", `{"o":{}}`, 2, "title", "is missing"},
		{"missing in the null of a partial", "{{define \"x\"}}\n{{.title}}{{end}}{{template \"x\" .o}}", `{"o":null}`, 2, "title", "is missing"},
		{"a field of null", "{{.user.name}}", `{"user":null}`, 1, "user", "is null"},
		{"a field of a null variable", "{{$u := .user}}{{$u.name}}", `{"user":null}`, 1, "$u", "is null"},
		{"a field of a string", "{{.user.name}}", `{"user":"s3cret"}`, 1, "user.name", "is missing: what should hold it is no object"},
		{"a field of a list", "{{.user.name}}", `{"user":["s3cret"]}`, 1, "user.name", "is missing: what should hold it is no object"},
		{"a field of a number", "{{.n.name}}", `{"n":77123}`, 1, "n.name", "is missing: what should hold it is no object"},

		{"null", "\n{{.name}}", `{"name":null}`, 2, "name", "is null"},
		{"null in parentheses", "{{(.name)}}", `{"name":null}`, 1, "name", "is null"},
		{"null in an object", "{{.user.name}}", `{"user":{"name":null}}`, 1, "user.name", "is null"},
		{"null in a list", "{{range .l}}{{.}}{{end}}", `{"l":["s3cret",null]}`, 1, "", "{{.}} is null"},
		{"null in a variable", "{{$x := .x}}{{$x}}", `{"x":null}`, 1, "$x", "is null"},
		{"null as an argument", `{{printf "%s" .x}}`, `{"x":null}`, 1, "x", "is null"},
		{"null through a pipe", `{{.x | printf "%s-%s" .y}}`, `{"x":null,"y":"s3cret"}`, 1, "x", "is null"},
		{"null through printers", `{{.x | print | urlquery}}`, `{"x":null}`, 1, "x", "is null"},
		{"null escaped", `{{.x | html}}`, `{"x":null}`, 1, "x", "is null"},
		{"null as an escaper's argument", `{{html .x}}`, `{"x":null}`, 1, "x", "is null"},
		{"null in a query", `<a href="/?q={{.x | urlquery}}">`, `{"x":null}`, 1, "x", "is null"},
		{"null from index", `{{index .m "k"}}`, `{"m":{"x":"s3cret"}}`, 1, "", `{{index .m "k"}} is null`},
		{"null from or", `{{or .x .y}}`, `{"x":null,"y":null}`, 1, "", `{{or .x .y}} is null`},
		{"null within a condition", `{{if eq (printf "%s" .x) "a"}}{{end}}`, `{"x":null}`, 1, "x", "is null"},
		{"null within what is chained", `{{(index .m (print .x)).y}}`, `{"x":null,"m":{}}`, 1, "x", "is null"},
		{"null given to a partial", `{{define "p"}}{{.}}{{end}}{{template "p" print .x}}`, `{"x":null}`, 1, "x", "is null"},

		{"null in a partial within an attribute", "\n\n{{define \"p\"}}{{.}}{{end}}<p title='{{template \"p\" .x}}'>", `{"x":null}`, 3, "", "{{.}} is null"},
		{"missing in a partial within an attribute", "\n\n{{define \"p\"}}{{.y}}{{end}}<p title='{{template \"p\" .x}}'>", `{"x":{}}`, 3, "y", "is missing"},

		{"a list", "{{.l}}", `{"l":["s3cret"]}`, 1, "l", "is a list, which is not printed as a whole: use range"},
		{"an object", "{{.o}}", `{"o":{"x":"s3cret"}}`, 1, "o", "is an object, which is not printed as a whole: name one of its fields"},
		{"everything", "{{.}}", `{"x":"s3cret"}`, 1, "", "{{.}} is an object, which is not printed as a whole: name one of its fields"},
		{"a list as argument", `{{println .l}}`, `{"l":["s3cret"]}`, 1, "l", "is a list, which is not printed as a whole: use range"},

		{"range over a string", "{{range .s}}{{end}}", `{"s":"s3cret"}`, 1, "s", "is a string, where range takes a list, an object or a whole number"},
		{"range over a fraction", "{{range .s}}{{end}}", `{"s":77123.5}`, 1, "s", "is a number, where range takes a list, an object or a whole number"},
		{
			"range over a string that looks like an error", "{{range .s}}{{end}}",
			`{"s":"x>: map has no entry for key \"s3cret\""}`, 1, "s", "is a string, where range takes a list, an object or a whole number",
		},
		{
			"range over what index gives", `{{range $i, $n := index .m "k"}}{{end}}`, `{"m":{"k":"s3cret"}}`, 1, "",
			`{{index .m "k"}} is a string, where range takes a list, an object or a whole number`,
		},
		{"range in pairs over a number", "{{range $i, $n := .n}}{{end}}", `{"n":77123}`, 1, "n", "is a number, and range over a number sets one variable, not two"},
		{"range over a literal", "{{range 7.5}}{{end}}", `{}`, 1, "", "{{7.5}} is a number, where range takes a list, an object or a whole number"},

		{"out of range", "{{index .l 77123}}", `{"l":["s3cret"]}`, 1, "", "index: out of range"},
		{"index of null", "{{index .l 0}}", `{"l":null}`, 1, "", "index: a value is null"},
		{"index of a string", "{{index .l .k}}", `{"l":["s3cret"],"k":"s3cret"}`, 1, "", "index: cannot take these values"},
		{"slice out of range", "{{slice .s 77123}}", `{"s":"s3cret"}`, 1, "", "slice: out of range"},
		{"length of null", "{{len .s}}", `{"s":null}`, 1, "", "len: a value is null"},
		{"length of a number", "{{len .s}}", `{"s":77123}`, 1, "", "len: cannot take these values"},
		{"string with number", `{{if eq .s 5}}{{end}}`, `{"s":"s3cret"}`, 1, "", "eq: cannot compare a string with a number"},
		{"order of null", `{{if lt .s 5}}{{end}}`, `{"s":null}`, 1, "", "lt: cannot compare null with a number"},
		{"lists", `{{if eq .s .s}}{{end}}`, `{"s":["s3cret"]}`, 1, "", "eq: cannot compare a list with a list"},
		{"order of booleans", `{{if gt .s .s}}{{end}}`, `{"s":true}`, 1, "", "gt: cannot compare a boolean with a boolean"},
		{"eq of one", `{{if eq .s}}{{end}}`, `{"s":"s3cret"}`, 1, "", "eq: takes two values or more"},
		{"a format that does not fit", `{{printf "%d" .s}}`, `{"s":"s3cret"}`, 1, "", "printf: the format does not fit its values"},
		{"a fraction as whole", `{{printf "%d" .n}}`, `{"n":77.5}`, 1, "", "printf: the format does not fit its values"},
		{"a format from the data", `{{printf .s}}`, `{"s":"s3cret %s"}`, 1, "", "printf: the format does not fit its values"},
		{"a value in a call", `{{.s .s}}`, `{"s":"s3cret"}`, 1, "", "cannot be rendered with this data"},
		{"call", `{{call .s}}`, `{"s":"s3cret"}`, 1, "", "call: cannot take these values"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			set := load(t, files{"x/h.subject": "s", "x/h.html": test.body, "x/t.subject": "s", "x/t.txt": test.body})
			for name, file := range map[string]string{"x/h": "x/h.html", "x/t": "x/t.txt"} {
				content, err := set.Render(name, "", data(t, test.data))
				got, ok := errors.AsType[*templates.Error](err)
				if !ok {
					t.Fatalf("Render = %q, %v, want an error", content, err)
				}
				want := &templates.Error{Template: name, File: file, Line: test.line, Variable: test.variable, Reason: test.reason}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				// Literals of the template are its author's.
				if s := err.Error(); strings.Contains(s, secret) || strings.Contains(s, "77123") && !strings.Contains(test.body, "77123") {
					t.Errorf("a value is in the error: %v", err)
				}
				if strings.Contains(err.Error(), "_postroom") {
					t.Errorf("a guard is in the error: %v", err)
				}
			}
		})
	}
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	dir := put(t, files{"welcome.subject": "Hi", "welcome.html": "<p>\n\nHello {{.name}}"})
	set, err := templates.LoadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = set.Render("welcome", "", nil)
	if want := dir + `/welcome.html:3: variable "name" is missing`; err == nil || err.Error() != want {
		t.Errorf("error = %v, want %s", err, want)
	}
}

func TestRenderUnknown(t *testing.T) {
	t.Parallel()
	f := files{}
	for _, name := range []string{"billing/receipt", "welcome", "reset", "invite", "digest", "goodbye", "newsletter"} {
		f[name+".subject"], f[name+".txt"] = "s", "t"
	}
	set := load(t, f)
	tests := []struct {
		name, want string
		noTemplate bool
	}{
		{"welcom", `template "welcom": no such template; there are: welcome, reset, digest, invite, goodbye and 2 more`, true},
		{"receipt", `template "receipt": no such template; there are: billing/receipt, reset, `, true},
		{"Welcome", `template "Welcome": no such template; there are: welcome, `, true},
		{strings.Repeat("x", 1000), `template "` + strings.Repeat("x", 100) + `…": no such template; there are: `, true},
		{"", `template "": there cannot be one: a name is letters, digits, "-" and "_", with "/" between folders`, false},
		{"welcome.md", `template "welcome.md": there cannot be one: a name is letters, digits, "-" and "_", with "/" between folders, without its ending: welcome`, false},
		{"a/b.de.html", `template "a/b.de.html": there cannot be one: a name is letters, digits, "-" and "_", with "/" between folders, without its ending: a/b`, false},
		{"../welcome", `template "../welcome": there cannot be one: `, false},
		{"/etc/passwd", `template "/etc/passwd": there cannot be one: `, false},
		{`billing\receipt`, `template "billing\\receipt": there cannot be one: `, false},
		{"welcome\x00", `template "welcome\x00": there cannot be one: `, false},
		{"billing//receipt", `template "billing//receipt": there cannot be one: `, false},
		{"billing/", `template "billing/": there cannot be one: `, false},
		{"welcome.html", `template "welcome.html": there cannot be one: `, false},
		{"welcome\n", `template "welcome\n": there cannot be one: `, false},
	}
	for _, test := range tests {
		_, err := set.Render(test.name, "", nil)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("Render(%.20q): %v, want %s", test.name, err, test.want)
		}
		if errors.Is(err, mailer.ErrNoTemplate) != test.noTemplate {
			t.Errorf("Render(%.20q): errors.Is(err, ErrNoTemplate) is not %t", test.name, test.noTemplate)
		}
	}
}

func TestRenderLocale(t *testing.T) {
	t.Parallel()
	f := files{}
	for _, suffix := range []string{"", ".de", ".de-CH", ".pt_BR", ".zh-Hant", ".sr-Latn-x-old"} {
		f["a"+suffix+".subject"], f["a"+suffix+".txt"] = "s", "default"
		if suffix != "" {
			f["a"+suffix+".txt"] = suffix[1:]
		}
	}
	f["b.subject"], f["b.txt"] = "s", "b"
	set := load(t, f)
	if got := set.Names(); len(got) != 2 {
		t.Errorf("Names = %q", got)
	}
	for locale, want := range map[string]string{
		"": "default", "de": "de", "DE": "de", "de-AT": "de", "de_AT": "de", "de-CH": "de-CH", "de_ch": "de-CH",
		"de-CH-1996": "de-CH", "pt-BR": "pt_BR", "pt": "default", "pt-PT": "default", "en": "default",
		"zh-Hant-TW": "zh-Hant", "zh-TW": "zh-Hant", "zh": "default", "d": "default", "deu": "default",
		"sr-Latn-x-old": "sr-Latn-x-old", "sr-Latn": "default", "de-x-private": "de",
		"-": "default", "de-": "de", "../../de": "default", "de\x00": "default", strings.Repeat("de-", 5000): "de",
	} {
		got, err := set.Render("a", locale, nil)
		if err != nil || got.Text != want {
			t.Errorf("Render(a, %.20q) = %q, %v, want %q", locale, got.Text, err, want)
		}
	}
	if got, err := set.Render("b", "de", nil); err != nil || got.Text != "b" {
		t.Errorf("Render(b, de) = %q, %v", got.Text, err)
	}
}

func TestRenderParts(t *testing.T) {
	t.Parallel()
	set := load(t, files{
		"both.subject": "{{.n}} & more\n", "both.html": "<p>{{.n}}", "both.txt": "{{.n}}\n",
		"html.subject": "s", "html.html": "<p>", "text.subject": "s", "text.txt": "t",
	})
	for name, want := range map[string]mailer.Content{
		"both": {Subject: "A & B & more", HTML: "<p>A &amp; B", Text: "A & B\n"},
		"html": {Subject: "s", HTML: "<p>"},
		"text": {Subject: "s", Text: "t"},
	} {
		got, err := set.Render(name, "", map[string]any{"n": "A & B"})
		if err != nil {
			t.Errorf("Render(%q): %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Render(%q) (-want +got):\n%s", name, diff)
		}
	}
}

func TestRenderSubject(t *testing.T) {
	t.Parallel()
	set := load(t, files{"a.subject": "{{/* for all */}}\n{{.s}}\r\n", "a.txt": "t"})
	for in, want := range map[string]string{"Hi": "Hi", "Grüße, 山田 🎉": "Grüße, 山田 🎉", "a \n": "a", "a\x00b": "ab"} {
		c, err := set.Render("a", "", map[string]any{"s": in})
		if err != nil || c.Subject != want {
			t.Errorf("subject of %q = %q, %v", in, c.Subject, err)
		}
	}
	for in, want := range map[string]string{
		"":                   "a.subject: gives an empty subject",
		" \n":                "a.subject: gives an empty subject",
		"a\nBcc: b@c":        "a.subject: gives a subject with a line break or another control character in it",
		"a\rb":               "a.subject: gives a subject with a line break or another control character in it",
		"a\u2028b":           "a.subject: gives a subject with a line break or another control character in it",
		"a\u0085Bcc: b@c.de": "a.subject: gives a subject with a line break or another control character in it",
	} {
		c, err := set.Render("a", "", map[string]any{"s": in})
		if err == nil || err.Error() != want || !cmp.Equal(c, mailer.Content{}) {
			t.Errorf("subject of %q: %q, %v", in, c, err)
		}
	}
}

func TestRenderLimitsOutput(t *testing.T) {
	t.Parallel()
	set := load(t, files{
		"list.subject": "s", "list.txt": "{{range .n}}{{range $.n}}{{$.s}}{{end}}{{end}}",
		"html.subject": "s", "html.html": "<p>{{.s}}",
		"subject.subject": "{{.s}}", "subject.txt": "t",
	})
	for name, s := range map[string]string{
		"list":    strings.Repeat("x", 1000),
		"html":    strings.Repeat("x", templates.MaxOutput),
		"subject": strings.Repeat("x", templates.MaxOutput+1),
	} {
		c, err := set.Render(name, "", map[string]any{"n": 1000, "s": s})
		if err == nil || !strings.HasSuffix(err.Error(), "gives more than 10 MB") || !cmp.Equal(c, mailer.Content{}) {
			t.Errorf("Render(%q): %.50q, %v", name, c, err)
		}
	}
	if _, err := set.Render("html", "", map[string]any{"s": strings.Repeat("x", templates.MaxOutput-3)}); err != nil {
		t.Errorf("Render of just as much as is allowed: %v", err)
	}
}

// None of these gives anything, and each would take years.
func TestRenderLimitsTime(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"a number":    "{{range .n}}{{end}}",
		"many ranges": "{{range .l}}{{range $.l}}{{range $.l}}{{range $.l}}{{continue}}{{end}}{{end}}{{end}}{{end}}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := render(t, body, `{"n":9223372036854775807,"l":[`+strings.Repeat("1,", 5000)+`1]}`)
			if want := "a.html: takes more than 500000 steps: values, texts and turns of range"; err == nil || err.Error() != want {
				t.Errorf("Render: %v, want %s", err, want)
			}
		})
	}
}

// loud panics when it is encoded.
type loud struct{}

func (loud) MarshalJSON() ([]byte, error) { panic("s3cret") }

func TestRenderSurvivesPanics(t *testing.T) {
	t.Parallel()
	set := load(t, files{"a.subject": "s", "a.txt": "{{.x}}"})
	_, err := set.Render("a", "", map[string]any{"x": loud{}})
	if want := `template "a": panicked while it was rendered (string)`; err == nil || err.Error() != want {
		t.Errorf("error = %v, want %s", err, want)
	}
}

func TestRenderConcurrently(t *testing.T) {
	t.Parallel()
	set := load(t, files{
		"a.subject": "{{.n}}", "a.txt": "{{.n}}",
		"a.html": `{{define "x"}}<a href="/{{.n}}" title={{.n}}>{{end}}{{template "x" .}}{{.n}}<style>p{width:{{.n}}px}</style>`,
	})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 50 {
				c, err := set.Render("a", "", map[string]any{"n": i})
				n := string(rune('0' + i))
				if err != nil || c.HTML != strings.ReplaceAll(`<a href="/N" title=N>N<style>p{width:Npx}</style>`, "N", n) {
					t.Errorf("Render = %q, %v", c.HTML, err)
				}
			}
		})
	}
	wg.Wait()
}
