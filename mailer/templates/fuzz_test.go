package templates_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/postroom/postroom/mailer/templates"
)

var validName = regexp.MustCompile(`^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$`)

// Whatever lies in a directory, Load says what is wrong or gives a set that
// renders or says what is wrong; and no error quotes the data.
func FuzzLoad(f *testing.F) {
	for _, test := range []struct{ name, body string }{
		{"welcome", "Hello {{.name}}"},
		{"billing/receipt", "{{range $i, $x := .items}}{{$i}}{{$x.title}}{{else}}-{{end}}"},
		{"a.de", "{{define \"x\"}}{{.}}{{end}}{{template \"x\" .name}}{{block \"y\" .}}{{end}}"},
		{"../a", "{{if and .name (not .on)}}{{printf \"%d\" .count}}{{end}}"},
		{".x", "{{with $x := .user}}{{$x.name}}{{end}}"},
		{"a b", "<a href=\"{{.url}}\" {{.name}}><style>{{.name}}</style><script>{{.user}}"},
		{"a.b.c", "{{/* */}}{{- .name -}}"},
		{"x", "{{(index .items 0).title | html}}{{slice .name 1 2}}{{len .items}}{{call .name}}{{nil}}"},
		{"x", "{{range .items}}{{break}}{{end}}{{range 3}}{{continue}}{{end}}{{eq .count 1 2.5 \"a\"}}{{js .name}}"},
		{"x", "{{$x := 1}}{{$x = .name}}{{$x}}{{printf \"%*d %[3]v\" .count .name}}{{print nil}}{{urlquery .name nil}}"},
		{"x", "`${ {{.name}} }`<script>`${ {{.name}} }`</script><textarea>{{.name}}<!-- {{.name}} --><img srcset={{.name}}"},
		{"x", "{{if .on}}<a{{end}} href='{{template \"x\"}}'>{{define \"x\"}}{{.name}}{{end}}"},
		{"x", "{{number .count 2}}{{percent .price}}{{money .price .name}}{{plural .count \"one\" \"#\" \"other\" .name}}"},
		{"a.de", "{{date .name \"full\" \"UTC\"}}{{time .url}}{{datetime (index .items 2) .name}}{{.price | number}}"},
		{"x", "\xff"},
		{"x", "\uFEFF"},
	} {
		f.Add(test.name, test.body, test.body, test.body)
	}
	const text = `{"name":"s3cret","count":77123,"price":1.5,"on":true,"none":null,"url":"javascript:s3cret",
		"user":{"name":"s3cret"},"items":[{"title":"s3cret"},null,"s3cret"]}`
	f.Fuzz(func(t *testing.T, name, subject, html, plain string) {
		fsys := fstest.MapFS{}
		written := files{name + ".subject": subject, name + ".html": html, name + ".txt": plain, name: plain}
		for file, content := range written {
			if fs.ValidPath(file) && !strings.Contains(file, "\\") {
				fsys[file] = &fstest.MapFile{Data: []byte(content), Mode: 0o644}
			}
		}
		set, err := templates.Load(fsys)
		if err != nil {
			if set != nil || !strings.Contains(err.Error(), ": ") {
				t.Errorf("Load = %v, %v", set, err)
			}
			return
		}
		for _, name := range set.Names() {
			if !validName.MatchString(name) {
				t.Errorf("Load took the name %q", name)
			}
			checkRender(t, set, name, data(t, text), subject+html+plain)
		}
	})
}

func checkRender(t *testing.T, set *templates.Set, name string, object map[string]any, source string) {
	t.Helper()
	c, err := set.Render(name, "", object)
	if err == nil {
		if c.Subject == "" || strings.ContainsAny(c.Subject, "\r\n\x00") || !utf8.ValidString(c.Subject+c.HTML+c.Text) {
			t.Errorf("Render = %q", c)
		}
		return
	}
	if _, ok := errors.AsType[*templates.Error](err); !ok {
		t.Errorf("Render: %T: %v", err, err)
	}
	for _, value := range []string{"s3cret", "77123"} {
		if strings.Contains(err.Error(), value) && !strings.Contains(source, value) {
			t.Errorf("the error quotes the data: %v", err)
		}
	}
	if strings.Contains(err.Error(), "_postroom") && !strings.Contains(source, "_postroom") || strings.Contains(err.Error(), "panicked") {
		t.Errorf("Render: %v", err)
	}
}

// Any JSON object is data, and what a number says is what is printed.
func FuzzData(f *testing.F) {
	for _, text := range []string{
		`{"x":1}`, `{"x":1.50}`, `{"x":-0.0}`, `{"x":1e400}`, `{"x":123456789012345678901234567890}`, `{"x":"a\u0000\ud800"}`,
		`{"x":[[[]]]}`, `{"x":{"y":null}}`, `{"x":null}`, `{"":1,"x":true}`, `{"x":9007199254740993.0}`, `{"x":1E-5}`,
	} {
		f.Add(text)
	}
	set := load(f, files{"a.subject": "s", "a.txt": "{{.x}}", "b.subject": "s", "b.txt": "{{if .x}}{{range .x}}{{end}}{{end}}{{eq .x .x}}"})
	f.Fuzz(func(t *testing.T, text string) {
		dec := json.NewDecoder(strings.NewReader(text))
		dec.UseNumber()
		var object map[string]any
		if dec.Decode(&object) != nil {
			return
		}
		c, err := set.Render("a", "", object)
		if n, ok := object["x"].(json.Number); ok && err == nil {
			want, _ := n.Float64()
			if got, err := json.Number(c.Text).Float64(); err != nil || got != want {
				t.Errorf("%s is printed as %q", n, c.Text)
			}
		}
		if _, err := set.Render("b", "", object); err != nil && strings.Contains(err.Error(), "panicked") {
			t.Error(err)
		}
	})
}
