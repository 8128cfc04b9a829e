package delivery_test

import (
	"bytes"
	"image"
	"image/png"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/templates"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/ledger"
)

// TestFrozenAndLiveAreTheSameMail sends one both ways: its reader sees no
// difference, with all that a template may have.
func TestFrozenAndLiveAreTheSameMail(t *testing.T) {
	t.Parallel()
	var logo bytes.Buffer
	if err := png.Encode(&logo, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	set, err := templates.Load(fstest.MapFS{
		"shop.md": {Data: []byte("---\nsubject: Hello {{.name}}\nunsubscribe: https://example.com/u?id={{.id}}\n" +
			"---\n# Grüße, {{.name}}\n\n![Logo](logo.png)\n\n{{printf \"%.2f\" .price}} {{lang}} {{dir}}\n")},
		"shop.he.md": {Data: []byte("---\nsubject: שלום {{.name}}\n---\n# שלום {{.name}}\n\n![Logo](logo.png)\n\n{{.id}} {{lang}} {{dir}}\n")},
		"logo.png":   {Data: logo.Bytes()},
	})
	if err != nil {
		t.Fatal(err)
	}
	o := newOffice(t)
	o.cfg.Renderer = set
	o.work()
	for _, locale := range []string{"", "he-IL"} {
		e := tasks.Email{
			To: hello().To, Template: "shop", Locale: locale,
			Data: map[string]any{"id": 7, "name": `<Ada & "Co">`, "price": 20},
		}
		sent := func(opts ...tasks.Option) string {
			id := o.enqueue(e, append(opts, tasks.Force())...)
			o.await(id, ledger.Sent)
			raw := strings.ReplaceAll(string(o.gmail.AcceptedByMailID(id)[0].Raw), mailer.IDHash(id), "ID")
			for _, boundary := range regexp.MustCompile(`boundary="?([^"\r\n]+)`).FindAllStringSubmatch(raw, -1) {
				raw = strings.ReplaceAll(raw, boundary[1], "boundary")
			}
			return regexp.MustCompile(`(?m)^Date: .*$`).ReplaceAllString(raw, "Date")
		}
		if diff := cmp.Diff(sent(), sent(tasks.Freeze(set.Render))); diff != "" {
			t.Errorf("%s: live and frozen differ: %s", locale, diff)
		}
	}
}

// TestFrozenMailWithoutARecord: the worker that takes it on remembers what was
// asked for, and not what it became.
func TestFrozenMailWithoutARecord(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	e := tasks.Email{To: hello().To, Template: "welcome", Data: map[string]any{"name": "Ada"}}
	freeze := tasks.Freeze(templates.Builtin().Render)
	id := o.enqueue(e, freeze, tasks.WithID("a"))
	keys, err := o.rdb.Keys(t.Context(), "postroom:*:mail:"+id).Result()
	if err != nil || len(keys) != 1 {
		t.Fatalf("records %q, %v; want one", keys, err)
	}
	if err := o.rdb.Del(t.Context(), keys...).Err(); err != nil {
		t.Fatal(err)
	}
	o.work()
	o.await(id, ledger.Sent)
	if r, err := o.client.Enqueue(t.Context(), e, freeze, tasks.WithID("a")); err != nil || !r.Duplicate {
		t.Errorf("again: %+v, %v; want a duplicate", r, err)
	}
	o.accepted(id, 1)
}
