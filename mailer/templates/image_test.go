package templates_test

import (
	"bytes"
	"image"
	"image/png"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/templates"
)

// square is a PNG of so many pixels each way.
func square(t *testing.T, side int) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, side, side))); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestImages(t *testing.T) {
	t.Parallel()
	logo, seal := square(t, 1), square(t, 2)
	set := load(t, files{
		"images/logo.png": logo, "images/seal.png": seal,
		"layouts/base.html": `<html><body><img alt="Shop" src="images/logo.png">{{template "content" .}}<img alt="" src="images/logo.png"></body></html>`,
		"a.md":              "---\nsubject: a\n---\nHello\n\n{{if .vip}}\n![Our seal](images/seal.png)\n{{end}}\n",
		"b.md":              "---\nsubject: b\nlayout: none\n---\nHello\n",
	})
	for _, vip := range []bool{true, false} {
		c, err := set.Render("a", "", map[string]any{"vip": vip})
		if err != nil {
			t.Fatal(err)
		}
		want := []string{logo}
		if vip {
			want = append([]string{}, logo, seal)
		}
		var got []string
		for _, one := range c.Images {
			got = append(got, string(one.Content))
			if !strings.Contains(c.HTML, `src="cid:`+one.ContentID+`"`) {
				t.Errorf("%s is not shown in %s", one.Name, c.HTML)
			}
		}
		if strings.Join(got, "|") != strings.Join(want, "|") || vip != strings.Contains(c.Text, "Our seal") {
			t.Errorf("vip %v: %d images, text %q", vip, len(got), c.Text)
		}
		message, err := mailer.Compose(mailer.Draft{
			MailID: "1", From: mailer.Address{Address: "shop@example.com"}, To: []mailer.Address{{Address: "ada@example.org"}},
			Content: c, Date: time.Unix(0, 0),
		})
		if err != nil {
			t.Fatal(err)
		}
		var raw bytes.Buffer
		if _, err := message.WriteTo(&raw); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(raw.String(), "Content-Id: <"); n != len(want) || !strings.Contains(raw.String(), "multipart/related") {
			t.Errorf("vip %v: %d parts with a Content-ID", vip, n)
		}
	}
	if c, err := set.Render("b", "", nil); err != nil || c.Images != nil {
		t.Errorf("without an image: %v, %v", c.Images, err)
	}
}

func TestImageFaults(t *testing.T) {
	t.Parallel()
	for want, f := range map[string]files{
		`a.md:6: image "images/a.png" is not there: its path begins beside this file, or at the template directory, as in images/logo.png`: {
			"a.md": "---\nsubject: a\nlayout: none\n---\nHello\n![x](images/a.png)\n",
		},
		`b.html:6: image "b.png" is not there: its path begins beside this file, or at the template directory, as in images/logo.png`: {
			"b.html": "---\nsubject: b\n---\nSee b.png\nor b.png:\n<img src='b.png'>\n",
		},
		`layouts/base.html:3: image "text.png" is no PNG, JPEG, GIF or WebP`: {
			"layouts/base.html": "<html>\n<body>\n<img src=\"text.png\">{{template \"content\" .}}</body></html>",
			"a.md":              "---\nsubject: a\n---\nHello\n",
			"text.png":          "text",
		},
		`partials/row.html:2: image "../../row.png" lies outside of the template directory`: {
			"partials/row.html": "<p>\n<img src=\"../../row.png\"></p>",
			"a.html":            "---\nsubject: a\n---\n{{template \"row\" .}}\n",
		},
	} {
		if _, err := templates.Load(f.fs()); errorText(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// TestImageIsAPipe: nobody writes into it, and the loader waits for nobody.
func TestImageIsAPipe(t *testing.T) {
	t.Parallel()
	dir := put(t, files{"a.md": "---\nsubject: a\n---\n![a](a.png)\n"})
	if err := syscall.Mkfifo(filepath.Join(dir, "a.png"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := templates.LoadDir(dir); err == nil || !strings.HasSuffix(err.Error(), `image "a.png" is no regular file`) {
		t.Errorf("LoadDir: %v", err)
	}
}
