package images_test

import (
	"bytes"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/postroom/postroom/mailer/templates/images"
)

func picture(t *testing.T, write func(*bytes.Buffer, image.Image) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func aPNG(t *testing.T) []byte {
	t.Helper()
	return picture(t, func(b *bytes.Buffer, i image.Image) error { return png.Encode(b, i) })
}

func directory(t *testing.T) fstest.MapFS {
	t.Helper()
	logo := aPNG(t)
	return fstest.MapFS{
		"images/logo.png": {Data: logo}, "images/same.png": {Data: logo}, "größe & mehr.png": {Data: logo},
		"a/b/beside.png": {Data: logo}, "a/a.png": {Data: logo}, "beside.png": {Data: []byte("another")},
		"a.jpg":     {Data: picture(t, func(b *bytes.Buffer, i image.Image) error { return jpeg.Encode(b, i, nil) })},
		"a.gif":     {Data: picture(t, func(b *bytes.Buffer, i image.Image) error { return gif.Encode(b, i, nil) })},
		"a.webp":    {Data: []byte("RIFF\x1a\x00\x00\x00WEBPVP8L\r\x00\x00\x00/\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00")},
		"a.svg":     {Data: []byte("<svg xmlns='http://www.w3.org/2000/svg'/>")},
		"cut.png":   {Data: logo[:20]},
		"large.png": {Data: append(bytes.Clone(logo), make([]byte, 1<<20)...)},
		"text.png":  {Data: []byte("not an image")},
	}
}

func TestEmbed(t *testing.T) {
	t.Parallel()
	store := images.From(directory(t))
	const token = "q7zaction000001z"
	for source, want := range map[string]string{
		`<p>images/logo.png</p><img alt="src='images/logo.png'" src="images/logo.png">`:              `<p>images/logo.png</p><img alt="src='images/logo.png'" src="CID">`,
		`<IMG SRC = 'images/../images/logo.png' width=10/>`:                                          `<IMG SRC = 'CID' width=10/>`,
		`<img src="beside.png"><img src="../a.png">`:                                                 `<img src="CID"><img src="CID">`,
		`<img src=images/logo.png alt=x>`:                                                            `<img src=CID alt=x>`,
		`<img src="gr%C3%B6%C3%9Fe%20&amp;%20mehr.png"/>`:                                            `<img src="CID"/>`,
		`<img src="größe & mehr.png">`:                                                               `<img src="CID">`,
		`<table background="images/logo.png"><td background="images/same.png">`:                      `<table background="CID"><td background="CID">`,
		`<!--[if mso]><v:fill type="tile" src="images/logo.png" /><![endif]-->`:                      `<!--[if mso]><v:fill type="tile" src="CID" /><![endif]-->`,
		"<!--[if mso]><v:fill\n type=\"tile\" alt='a > b'\n\tsrc=\"images/logo.png\" /><![endif]-->": "<!--[if mso]><v:fill\n type=\"tile\" alt='a > b'\n\tsrc=\"CID\" /><![endif]-->",
		`<noscript><img src="images/logo.png"></noscript><tr background="images/logo.png">`:          `<noscript><img src="CID"></noscript><tr background="CID">`,
		`<!-- <img src="gone.png"> <img src="images/logo.png"> -->`:                                  "",
		`<img src="` + token + `https://example.com/a.png` + token + `">`:                            "",
		`<td style="background: url(https://example.com/a.png), url(/a.png)"><p>url(a.png)</p>`:      "",
		`<!-- images/logo.png --><a href="images/logo.png" src="images/logo.png">`:                   "",
		`<img src="https://example.com/a.png"><img src="cid:a"><img src="">`:                         "",
		`<img src="//example.com/a.png"><img src="/a.png"><img src="data:image/png;,">`:              "",
		`<img src="` + token + `"><img src="` + token + `/logo.png"><img>`:                           "",
		`<img srcset="https://example.com/a.png 2x" alt="` + token + `">`:                            "",
		`<img src="https://example.com/` + token + `.png"><script>"<img src='a.jpg'>"`:               "",
	} {
		got, found, err := store.Embed(source, "a/b")
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if want == "" {
			want = source
		}
		if n := strings.Count(want, "CID"); (n > 0) != (len(found) == 1) {
			t.Errorf("%s: %d images", source, len(found))
		}
		if len(found) == 1 {
			got = strings.ReplaceAll(got, "cid:"+found[0].ContentID, "CID")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", source, diff)
		}
	}
}

// TestTypes holds that a type is the content's, and an image is read once.
func TestTypes(t *testing.T) {
	t.Parallel()
	fsys := directory(t)
	store := images.From(fsys)
	for name, want := range map[string]string{"images/logo.png": "image/png", "a.jpg": "image/jpeg", "a.gif": "image/gif", "a.webp": "image/webp"} {
		for range 2 {
			_, found, err := store.Embed(`<img src="`+name+`">`, "")
			if err != nil || len(found) != 1 || found[0].Type != want || !bytes.Equal(found[0].Content, fsys[name].Data) ||
				found[0].Name != name[strings.LastIndex(name, "/")+1:] || found[0].ContentID == "" {
				t.Errorf("%s: %+v, %v", name, found, err)
			}
		}
	}
}

func TestEmbedRefuses(t *testing.T) {
	t.Parallel()
	store := images.From(directory(t))
	for source, want := range map[string]string{
		`<img src="logo.png">`:          `image "logo.png" is not there: its path begins beside this file, or at the template directory, as in images/logo.png`,
		`<img src="images">`:            `image "images" is no regular file`,
		`<img src="../../../logo.png">`: `image "../../../logo.png" lies outside of the template directory`,
		`<img src="text.png">`:          `image "text.png" is no PNG, JPEG, GIF or WebP`,
		`<img src="a.svg">`:             `image "a.svg" is no PNG, JPEG, GIF or WebP`,
		`<img src="cut.png">`:           `image "cut.png" begins as image/png, and is broken: save it anew`,
		`<td style="background: url(&quot;a.jpg&quot;)">`: `image "a.jpg" stands in a style, where mail programs show none that the mail brings: ` +
			`use <img>, or background of a table or cell, or give the address of a web server`,
		`<style>p { color: red } .a { background-image:URL( 'x/a.png' ) }</style>`: `image "x/a.png" stands in a style, where mail programs show none that the mail brings: ` +
			`use <img>, or background of a table or cell, or give the address of a web server`,
		`<img src="large.png">`:   `image "large.png" is larger than 1024 kB, and each mail would carry it: make it smaller, or give the address of a web server`,
		`<img srcset="a.jpg 2x">`: `image "a.jpg 2x" stands in srcset, which Gmail and Outlook leave out: give src alone, and the width`,
		`<img src="flags/q7zaction000001z.png">`: `image "flags/q7zaction000001z.png" has an action within its path, and images are read with the templates: ` +
			`write each <img> out, with if between them, or give the address of a web server`,
		`<img src="q7zaction000001zbeside.pngq7zaction000002z../a.pngq7zaction000003z">`: `image "q7zaction000001zbeside.pngq7zaction000002z../a.pngq7zaction000003z" ` +
			`has an action within its path, and images are read with the templates: write each <img> out, with if between them, or give the address of a web server`,
		`<img src="a%5Cb.png">`: `image "a%5Cb.png" has a name that no file in a mail can have: rename it, to letters, digits, - and _`,
		`<img src="a%0Ab.png">`: `image "a%0Ab.png" has a name that no file in a mail can have: rename it, to letters, digits, - and _`,
	} {
		_, found, err := store.Embed(source, "a/b")
		if err == nil || err.Error() != want || found != nil {
			t.Errorf("%s: %v, want %s", source, err, want)
		}
	}
}
