package templates_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/postroom/postroom/mailer/templates"
)

// files is a directory of templates, by path.
type files map[string]string

func (f files) fs() fstest.MapFS {
	m := fstest.MapFS{}
	for name, content := range f {
		m[name] = &fstest.MapFile{Data: []byte(content), Mode: 0o644}
	}
	return m
}

// load loads files that have nothing wrong with them.
func load(tb testing.TB, f files) *templates.Set {
	tb.Helper()
	set, err := templates.Load(f.fs())
	if err != nil {
		tb.Fatalf("Load: %v", err)
	}
	return set
}

// put writes files into a new directory.
func put(t *testing.T, f files) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "templates")
	for name, content := range f {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func link(t *testing.T, target, name string) {
	t.Helper()
	if err := os.Symlink(target, name); err != nil {
		t.Fatal(err)
	}
}

func TestLoadNames(t *testing.T) {
	t.Parallel()
	set := load(t, files{
		"welcome.subject": "Hi", "welcome.txt": "Hi",
		"billing/receipt.subject": "Receipt", "billing/receipt.html": "<p>Receipt</p>",
		"a/b/c-d_E9.subject": "s", "a/b/c-d_E9.txt": "t", "a/b/c-d_E9.html": "h",
		// All of these have nothing to do with templates.
		"README.md": "# Templates {{", "logo.png": "\x89PNG", ".DS_Store": "x", "Makefile": "all:",
		"welcome.html~": "{{", "#welcome.html#": "{{", ".welcome.html.swp": "{{", "welcome.html.bak": "{{",
		".git/welcome.html": "{{", "..2026/welcome.html": "{{",
	})
	want := []string{"a/b/c-d_E9", "billing/receipt", "welcome"}
	if diff := cmp.Diff(want, set.Names()); diff != "" {
		t.Errorf("Names (-want +got):\n%s", diff)
	}
	for _, name := range want {
		if !set.Has(name) {
			t.Errorf("Has(%q) = false", name)
		}
	}
	for _, name := range []string{"", "Welcome", "receipt", "welcome.html", "README"} {
		if set.Has(name) {
			t.Errorf("Has(%q) = true", name)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	const subject, text = "Hi", "Hi"
	tests := []struct {
		name  string
		files files
		want  []string
	}{
		{
			"nothing there",
			files{"README.md": "x", "logo.png": "x"},
			[]string{".: has no template in it: one is, for example, welcome.md, which begins with --- and a subject"},
		},
		{
			"a subject alone",
			files{"a.subject": subject},
			[]string{"a.subject: has no body beside it: write a.md, a.html or a.txt"},
		},
		{
			"a body alone",
			files{"x/a.html": text},
			[]string{"x/a.html: has no subject: begin it with three lines, ---, subject: Hello and ---, or write x/a.subject"},
		},
		{
			"an ending that is nearly right",
			files{"a.subject": subject, "a.txt": text, "a.htm": text, "b.TXT": text, "c.html.tmpl": text},
			[]string{
				"a.htm: is not read: the files of a template end in .md, .html, .txt and .subject",
				"b.TXT: is not read: the files of a template end in .md, .html, .txt and .subject",
				"c.html.tmpl: is not read: the files of a template end in .md, .html, .txt and .subject",
			},
		},
		{
			"names",
			files{"a b.txt": text, "x y/a.txt": text, "a.backup-of.html": text, "ä.txt": text},
			[]string{
				`a b.txt: is not a template's name: a name is letters, digits, "-" and "_", with "/" between folders`,
				`a.backup-of.html: has no locale like "de" or "de-AT" between its name and .html`,
				`x y/a.txt: is not a template's name: a name is letters, digits, "-" and "_", with "/" between folders`,
				`ä.txt: is not a template's name: a name is letters, digits, "-" and "_", with "/" between folders`,
			},
		},
		{
			"contents",
			files{
				"a.subject": " \n", "a.txt": "one\n\xff\n", "a.html": "one\ntwo\x00\n",
				"b.subject": subject, "b.txt": strings.Repeat("x", templates.MaxOutput+1),
			},
			[]string{
				"a.html:2: has a NUL character in it",
				"a.subject: is empty",
				"a.txt:2: is not UTF-8",
				"b.txt: is larger than 10 MB",
			},
		},
		{
			"syntax, all of it at once",
			files{
				"a.subject": "{{.name", "a.txt": "one\n{{if .x}}\n", "a.html": "one\n\n{{upper .name}}",
				"b.subject": subject, "b.html": "one\n{{.name}}\n{{end}}",
			},
			[]string{
				`a.html:3: function "upper" not defined`,
				"a.subject:1: an action is not closed: it ends with }}",
				"a.txt:2: {{if .x}} has no {{end}}",
				"b.html:3: {{end}} belongs to nothing: no if, range, with, block or define is open",
			},
		},
		{
			"calls that lead nowhere",
			files{
				"a.subject": subject, "a.txt": "\n{{template \"foot\" .}}", "a.html": "<p>\n\n{{template \"foot\" .}}",
			},
			[]string{
				`a.html:3: template "foot" is neither defined in this file nor a partial; there are: button`,
				`a.txt:2: template "foot" is neither defined in this file nor a partial; there are: button`,
			},
		},
		{
			"calls that come back",
			files{
				"a.subject": subject,
				"a.txt":     "{{define \"x\"}}{{template \"y\" .}}{{end}}\n{{define \"y\"}}\n{{if .on}}{{template \"x\" .}}{{end}}{{end}}{{template \"x\" .}}",
				"a.html":    "{{define \"x\"}}{{range .}}{{template \"x\" .}}{{end}}{{end}}{{template \"x\" .}}",
			},
			[]string{
				"a.html:1: templates call each other in a loop: x → x",
				"a.txt:3: templates call each other in a loop: x → y → x",
			},
		},
		{
			"calls that double again and again",
			files{"a.subject": subject, "a.txt": doubling(60)},
			[]string{"a.txt: layout and partials come to more than 10 MB"},
		},
		{
			"places that html/template cannot tell",
			files{
				"a.subject": subject, "a.html": "<p>\n<a href=\"{{.url}}>here</a>",
				"b.subject": subject, "b.html": "<p>\n{{if .x}}<script>{{end}}",
				"c.subject": subject, "c.html": "<p>\n<a href=\"{{if .x}}/a?b={{end}}{{.url}}\">",
				"d.subject": subject, "d.html": "<p>\n{{.name | html | printf \"%s\"}}",
			},
			[]string{
				"a.html: ends within a tag, an attribute, a script or a style that is never closed",
				"b.html:2: {{if}} branches end in different contexts",
				"c.html:2: {{.url}} appears in an ambiguous context within a URL",
				"d.html:2: predefined escaper \"html\" disallowed in template",
			},
		},
		{
			"locales",
			files{
				"a.subject": subject, "a.html": text, "a.txt": text,
				"a.de.subject": subject, "a.de.html": text,
				"a.fr.html": text, "a.fr.txt": text,
				"a.it.subject": subject,
				"b.de.subject": subject, "b.de.txt": text,
				"c.subject": subject, "c.txt": text,
				"c.de-AT.subject": subject, "c.de_at.subject": subject, "c.de-AT.txt": text,
			},
			[]string{
				"a.de.html: has no a.de.txt beside it: a locale has each file that the default has",
				"a.fr.html: has no subject: begin it with three lines, ---, subject: Hello and ---, or write a.fr.subject",
				"a.it.subject: has no body beside it: write a.it.md, a.it.html or a.it.txt",
				"b.de.subject: is for one locale only: a template without a locale in its name is needed for all others",
				"c.de_at.subject: is there twice: another file has the same name and locale, written differently",
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			set, err := templates.Load(test.files.fs())
			if set != nil || err == nil {
				t.Fatalf("Load = %v, %v, want an error", set, err)
			}
			got := strings.Split(err.Error(), "\n")
			for i, want := range test.want {
				if i >= len(got) || !strings.HasPrefix(got[i], want) {
					t.Errorf("error %d, got:\n%s\nwant:\n%s", i, strings.Join(got, "\n"), strings.Join(test.want, "\n"))
					return
				}
			}
			if len(got) != len(test.want) {
				t.Errorf("got:\n%s\nwant:\n%s", err, strings.Join(test.want, "\n"))
			}
			if _, ok := errors.AsType[*templates.Error](err); !ok {
				t.Errorf("error is %T, with no *templates.Error in it", err)
			}
		})
	}
}

// doubling gives nothing, and would take years.
func doubling(depth int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `{{template "a0" .}}{{define "a%d"}}{{end}}`, depth)
	for i := range depth {
		fmt.Fprintf(&b, `{{define "a%d"}}{{template "a%d" .}}{{template "a%d" .}}{{end}}`, i, i+1, i+1)
	}
	return b.String()
}

func TestLoadDirShowsTheDirectory(t *testing.T) {
	t.Parallel()
	dir := put(t, files{"a.subject": "{{.a b}}", "a.txt": "{{", "b/c.subject": "s"})
	_, err := templates.LoadDir(dir)
	if err == nil {
		t.Fatal("LoadDir took broken files")
	}
	for _, file := range []string{"a.subject:", "a.txt:", "b/c.subject:"} {
		if !strings.Contains(err.Error(), filepath.Join(dir, file)) {
			t.Errorf("error does not name %s in its directory: %v", file, err)
		}
	}

	_, err = templates.LoadDir(filepath.Join(dir, "none"))
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("LoadDir of a directory that is not there: %v", err)
	}
	if _, err := templates.LoadDir(filepath.Join(dir, "a.txt")); err == nil {
		t.Error("LoadDir took a file")
	}
}

// A ConfigMap that Kubernetes mounts is links into a hidden folder.
func TestLoadDirFollowsLinksWithin(t *testing.T) {
	t.Parallel()
	dir := put(t, files{
		"..2026_01_01/welcome.subject": "Hello {{.name}}", "..2026_01_01/welcome.txt": "Hello",
		"shared/x.subject": "x", "shared/x.txt": "x",
	})
	link(t, "..2026_01_01", filepath.Join(dir, "..data"))
	link(t, "..data/welcome.subject", filepath.Join(dir, "welcome.subject"))
	link(t, "..data/welcome.txt", filepath.Join(dir, "welcome.txt"))
	link(t, "shared", filepath.Join(dir, "folder"))
	set, err := templates.LoadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := set.Names(); !slices.Equal(got, []string{"shared/x", "welcome"}) {
		t.Errorf("Names = %q", got)
	}
}

func TestLoadDirKeepsLinksWithin(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		target func(outside string) string
		there  bool
	}{
		{"absolute", func(outside string) string { return outside }, true},
		{"relative", func(outside string) string { return "../" + filepath.Base(outside) }, true},
		{"nowhere", func(string) string { return "none.txt" }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := put(t, files{"a.subject": "a"})
			outside := filepath.Join(filepath.Dir(dir), "secret")
			if err := os.WriteFile(outside, []byte("the password"), 0o600); err != nil {
				t.Fatal(err)
			}
			link(t, test.target(outside), filepath.Join(dir, "a.txt"))
			set, err := templates.LoadDir(dir)
			if set != nil || err == nil || !strings.Contains(err.Error(), "a.txt: cannot be read: ") {
				t.Fatalf("LoadDir = %v, %v", set, err)
			}
			if errors.Is(err, fs.ErrNotExist) == test.there {
				t.Errorf("LoadDir: %v, errors.Is(err, fs.ErrNotExist) = %t", err, test.there)
			}
		})
	}
}

func TestLoadDirTakesRegularFilesOnly(t *testing.T) {
	t.Parallel()
	dir := put(t, files{"a.subject": "a"})
	link(t, "/dev/zero", filepath.Join(dir, "a.txt"))
	if _, err := templates.LoadDir(dir); err == nil {
		t.Error("LoadDir took a device")
	}
	fsys := files{"a.subject": "a", "a.txt": "a"}.fs()
	fsys["a.txt"].Mode |= fs.ModeNamedPipe
	if _, err := templates.Load(fsys); err == nil || !strings.Contains(err.Error(), "a.txt: is not a regular file") {
		t.Errorf("Load of a pipe: %v", err)
	}
}

func TestLoadDropsByteOrderMark(t *testing.T) {
	t.Parallel()
	set := load(t, files{"a.subject": "\uFEFFHi", "a.txt": "\uFEFFHi", "a.html": "\uFEFF<p>"})
	c, err := set.Render("a", "", nil)
	if err != nil || c.Subject != "Hi" || c.Text != "Hi" || c.HTML != "<p>" {
		t.Errorf("Render = %+q, %v", c, err)
	}
}

// TestLoadFolders holds that a folder's own files may be called index, and that
// what is wrong with them is told by those names.
func TestLoadFolders(t *testing.T) {
	t.Parallel()
	set := load(t, files{
		"index.md":                "---\nsubject: At the top\nlayout: none\n---\nx\n",
		"welcome/index.md":        "---\nsubject: Welcome\n---\nHello\n\n![Seal](seal.png)\n",
		"welcome/index.de.md":     "---\nsubject: Willkommen\n---\nHallo\n",
		"welcome/seal.png":        square(t, 1),
		"welcome/again.md":        "---\nsubject: Again\n---\n![Seal](seal.png)\n",
		"layouts/base/index.html": `<html><body>Base: {{template "content" .}}</body></html>`,
	})
	if diff := cmp.Diff([]string{"index", "welcome", "welcome/again"}, set.Names()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	c, err := set.Render("welcome", "de", nil)
	if err != nil || c.Subject != "Willkommen" {
		t.Errorf("%q, %v", c.Subject, err)
	}
	if c, err = set.Render("welcome", "", nil); err != nil || len(c.Images) != 1 || !strings.Contains(c.HTML, "Base: ") {
		t.Errorf("%d images, %v, %s", len(c.Images), err, c.HTML)
	}
	for want, f := range map[string]files{
		`welcome/index.html: has no subject: begin it with three lines, ---, subject: Hello and ---, or write welcome/index.subject`: {
			"welcome/index.html": "<p>x",
		},
		"welcome.md: is there twice: another file has the same name and locale, written differently": {
			"welcome.md": "---\nsubject: s\n---\nx\n", "welcome/index.md": "---\nsubject: s\n---\nx\n",
		},
	} {
		if _, err := templates.Load(f.fs()); errorText(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
