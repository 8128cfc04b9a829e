package delivery_test

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/postroom/postroom/mailer/templates"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/ledger"
)

// TestATemplatesOwnParts holds that its images and its way to unsubscribe reach
// Gmail, and that the mail's own way goes before it.
func TestATemplatesOwnParts(t *testing.T) {
	t.Parallel()
	var logo bytes.Buffer
	if err := png.Encode(&logo, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	set, err := templates.Load(fstest.MapFS{
		"welcome.md": {Data: []byte("---\nsubject: Hello\nlayout: none\nunsubscribe: https://example.com/u?id={{.id}}\n---\n![Logo](logo.png)\n")},
		"logo.png":   {Data: logo.Bytes()},
	})
	if err != nil {
		t.Fatal(err)
	}
	o := newOffice(t)
	o.cfg.Renderer = set
	o.work()
	e := tasks.Email{To: hello().To, Template: "welcome", Data: map[string]any{"id": 7}}
	for _, want := range []string{"<https://example.com/u?id=7>", "<https://example.com/own>"} {
		id := o.enqueue(e)
		o.await(id, ledger.Sent)
		raw := string(o.gmail.AcceptedByMailID(id)[0].Raw)
		for _, part := range []string{
			"List-Unsubscribe: " + want, "List-Unsubscribe-Post: List-Unsubscribe=One-Click", "multipart/related",
			"Content-Disposition: inline;",
		} {
			if !strings.Contains(raw, part) {
				t.Errorf("no %s in\n%s", part, raw)
			}
		}
		e.Unsubscribe = &tasks.Unsubscribe{URL: "https://example.com/own"}
	}
}
