//go:build browser

package othermails_test

import (
	"bytes"
	"image"
	"image/png"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/postroom/postroom/internal/browsertest"
	"github.com/postroom/postroom/internal/othermails"
	"github.com/postroom/postroom/mailer/templates"
)

// Mails that others wrote, taken as our templates, look as they did before, on a
// light desktop and on a dark phone: each pixel, and each property of each
// element. So the whole loader is transparent: actions,
// inlined styles, Outlook's conditions, html/template.
func TestMailsLookTheSame(t *testing.T) {
	t.Parallel()
	ctx := browsertest.Open(t)
	pages := map[string]string{"logo.png": logo(t)}
	address := browsertest.Serve(t, pages)
	mails := othermails.All(t)
	for name, source := range mails {
		source = mark.ReplaceAllString(source, "")
		template, values := ours(source)
		pages["before "+name] = filled(source, values)
		pages["after "+name] = render(t, name, template, values)
		pages["without "+name] = styleBlock.ReplaceAllString(pages["before "+name], "")
	}
	for name := range mails {
		hasStyles := pages["without "+name] != pages["before "+name]
		for _, window := range browsertest.Windows {
			pages := []string{address("after " + name)}
			// The comparison would see what is lost.
			control := hasStyles && window.Scheme == "dark"
			if control {
				pages = append(pages, address("without "+name))
			}
			changes := browsertest.Compare(ctx, t, window, address("before "+name), pages...)
			if changes[0] != (browsertest.Change{}) {
				t.Errorf("%s at %d px, %s: %+v", name, window.Width, window.Scheme, changes[0])
			}
			if control && (changes[1].Element == "" || changes[1].Picture == "") {
				t.Errorf("%s looks the same without its style blocks", name)
			}
		}
	}
}

// mark is what React leaves between two texts. Where it goes, letters may move by
// a fraction of a pixel, as they do in one text.
var mark = regexp.MustCompile(`<!--(?: |/?\$)-->`)

var styleBlock = regexp.MustCompile(`(?s)<style.*?</style>`)

// placeholder is one of Handlebars, {{name}}, or the begin or end of a block.
var placeholder = regexp.MustCompile(`\{\{\{? *([#/]?)(\w+)[^}]*\}?\}\}`)

// ours makes a template of ours of a mail: Handlebars' names become actions.
func ours(source string) (template string, values map[string]any) {
	values = map[string]any{}
	template = placeholder.ReplaceAllStringFunc(source, func(found string) string {
		m := placeholder.FindStringSubmatch(found)
		if m[1] != "" {
			return ""
		}
		values[m[2]] = value(m[2])
		return "{{." + m[2] + "}}"
	})
	return template, values
}

// value is one that fits the name.
func value(name string) string {
	switch {
	case strings.HasSuffix(name, "Url") || strings.HasSuffix(name, "Link"):
		return "https://tea.example/post/"
	case strings.HasSuffix(name, "Color"):
		return "#15bd7f"
	default:
		return "Tea, " + name
	}
}

// filled is the mail with its values, without us.
func filled(source string, values map[string]any) string {
	return placeholder.ReplaceAllStringFunc(source, func(found string) string {
		value, _ := values[placeholder.FindStringSubmatch(found)[2]].(string)
		return value
	})
}

// render has the loader make a mail of a template. Images that come with the mail
// are shown by their names, as a browser has no mail to look for them in.
func render(t *testing.T, name, template string, values map[string]any) string {
	t.Helper()
	files := fstest.MapFS{"mail.html": {Data: []byte(template)}, "mail.subject": {Data: []byte("Hello")}}
	files["logo.png"] = &fstest.MapFile{Data: []byte(logo(t))}
	set, err := templates.Load(files)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	content, err := set.Render("mail", "", values)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for _, image := range content.Images {
		content.HTML = strings.ReplaceAll(content.HTML, "cid:"+image.ContentID, image.Name)
	}
	return content.HTML
}

// logo is the one picture that mails have as a file.
func logo(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 60, 20))); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
