package tasks_test

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/templates"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/blobs"
	"github.com/postroom/postroom/tasks/directory"
)

// templateSet has these files.
func templateSet(t *testing.T, files map[string]string) *templates.Set {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, content := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(content)}
	}
	set, err := templates.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// noteSet has a template in two locales.
func noteSet(t *testing.T, words string) *templates.Set {
	t.Helper()
	return templateSet(t, map[string]string{
		"note.md":    "---\nsubject: " + words + ", {{.name}}\nlayout: none\ndata:\n  name: string\n  items?: [{price: number}]\n---\n*Dear* {{.name}}\n",
		"note.de.md": "---\nsubject: Servus {{.name}}\nlayout: none\n---\nLieb {{.name}}\n",
	})
}

func note() tasks.Email {
	return tasks.Email{To: letter().To, Template: "note", Locale: "de-AT", Data: map[string]any{"name": "Ada & Co"}}
}

// reservedHash is the one that an ID was reserved with.
func reservedHash(t *testing.T, rdb *redis.Client, id string) (hash string) {
	t.Helper()
	for _, key := range rdb.Keys(t.Context(), "postroom:*:mail:"+id).Val() {
		hash = rdb.HGet(t.Context(), key, "hash").Val()
	}
	return hash
}

func TestFrozen(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		// No worker has the template.
		publish(t, rdb, directory.Listing{Templates: []directory.Template{{Name: "other"}}})
		client := tasks.NewClient(rdb, tasks.Freeze(noteSet(t, "Hello").Render))
		asked := note()
		r := enqueue(t, client, asked)
		got := decoded(t, rdb, r)
		got.ID, got.EnqueuedAt, got.OnUnknown = "", time.Time{}, ""
		want := tasks.Email{
			Version: 1, To: asked.To, Subject: "Servus Ada & Co", HTML: "<p>Lieb Ada &amp; Co</p>\n", Text: "Lieb Ada & Co\n",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(note(), asked); diff != "" {
			t.Errorf("the app's own mail was changed: %s", diff)
		}
		if r := enqueue(t, client, letter()); decoded(t, rdb, r).Text != letter().Text {
			t.Error("a mail without a template was changed")
		}
	})
}

// TestFrozenIsTheSameAsAskedFor: a template that has changed makes no other mail,
// and the first rendering holds.
func TestFrozenIsTheSameAsAskedFor(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		e := note()
		e.Locale = ""
		e.Attachments = []tasks.Attachment{{Name: "a.txt", Content: []byte("a")}}
		before, after := tasks.Freeze(noteSet(t, "Hello").Render), tasks.Freeze(noteSet(t, "Hi").Render)
		client := tasks.NewClient(rdb, tasks.WithID("note-1"))
		first := enqueue(t, client, e, before)
		for name, opts := range map[string][]tasks.Option{
			"again": {before}, "after a deploy": {after}, "not frozen": nil,
		} {
			if r := enqueue(t, client, e, opts...); !r.Duplicate {
				t.Errorf("%s: %+v; want a duplicate", name, r)
			}
		}
		if got := decoded(t, rdb, first).Subject; got != "Hello, Ada & Co" {
			t.Errorf("subject %q, want that of the first", got)
		}
		other := e
		other.Data = map[string]any{"name": "Bob"}
		if _, err := client.Enqueue(t.Context(), other, before); !errors.Is(err, tasks.ErrIDTaken) {
			t.Errorf("with other data: %v, want ErrIDTaken", err)
		}
		broken := tasks.Freeze(func(string, string, map[string]any) (mailer.Content, error) {
			return mailer.Content{}, errors.New("gone")
		})
		if r := enqueue(t, client, e, broken); !r.Duplicate || r.Queue != first.Queue {
			t.Errorf("its template is gone: %+v; want a duplicate", r)
		}
		var invalid *tasks.InvalidError
		if _, err := client.Enqueue(t.Context(), other, broken); !errors.As(err, &invalid) {
			t.Errorf("its template is gone, with other data: %v, want what is wrong with it", err)
		}
		checkOneTask(t, rdb)

		live := enqueue(t, client, e, tasks.WithID("live"))
		enqueue(t, client, e, tasks.WithID("live"), before)
		if decoded(t, rdb, live).Template != "note" {
			t.Error("a mail that was live is frozen by a duplicate")
		}
	})
}

// TestFrozenHashIsTheWorkersToo, who may have to reserve the ID anew.
func TestFrozenHashIsTheWorkersToo(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	freeze := tasks.Freeze(noteSet(t, "Hello").Render)
	for name, opts := range map[string][]tasks.Option{
		"live": nil, "frozen": {freeze}, "frozen, own ID": {freeze, tasks.WithID("a")}, "literal": {freeze},
	} {
		e := note()
		if name == "literal" {
			e = letter()
		}
		r := enqueue(t, tasks.NewClient(rdb), e, opts...)
		info := taskOf(t, rdb, r)
		task := asynq.NewTaskWithHeaders(info.Type, info.Payload, info.Headers)
		got, err := tasks.TaskHash(task, decoded(t, rdb, r))
		if want := reservedHash(t, rdb, r.ID); err != nil || got != want || want == "" {
			t.Errorf("%s: the worker's hash %q (%v), reserved %q", name, got, err, want)
		}
	}
}

// TestFrozenParts are what a template has beside bodies.
func TestFrozenParts(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	var logo bytes.Buffer
	if err := png.Encode(&logo, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	set := templateSet(t, map[string]string{
		"logo.png": logo.String(),
		"caps.md":  "---\nsubject: Hello\nlayout: none\nunsubscribe: Mailto:leave@example.com\n---\nHi\n",
		"shop.md":  "---\nsubject: Hello\nlayout: none\nunsubscribe: https://example.com/u?id={{.id}}\n---\n![Logo](logo.png)\n",
	})
	client := tasks.NewClient(rdb, tasks.Freeze(set.Render))
	e := tasks.Email{
		To: letter().To, Template: "shop", Data: map[string]any{"id": 7},
		Attachments: []tasks.Attachment{{Name: "terms.txt", Content: []byte("terms")}},
	}
	r := enqueue(t, client, e, tasks.OnLane(tasks.Bulk))
	if len(r.Warnings) > 0 {
		t.Errorf("warnings %q, though the template says how to leave", r.Warnings)
	}
	got := decoded(t, rdb, r)
	if want := (&tasks.Unsubscribe{URL: "https://example.com/u?id=7"}); !cmp.Equal(got.Unsubscribe, want) {
		t.Errorf("unsubscribe %+v, want %+v", got.Unsubscribe, want)
	}
	if len(got.Attachments) != 2 || got.Attachments[0].Name != "terms.txt" {
		t.Fatalf("attachments %+v, want the mail's and then the template's", got.Attachments)
	}
	shown := got.Attachments[1]
	if shown.Name != "logo.png" || shown.Type != "image/png" || !strings.Contains(got.HTML, `src="cid:`+shown.CID+`"`) || shown.CID == "" {
		t.Errorf("image %+v in %s", shown, got.HTML)
	}
	stored, err := blobs.New(rdb).Get(t.Context(), shown.Blob)
	if err != nil || !bytes.Equal(stored, logo.Bytes()) {
		t.Errorf("stored %d bytes, %v; want the image", len(stored), err)
	}
	if len(e.Attachments) != 1 || e.Attachments[0].Blob != "" {
		t.Errorf("the app's own list was changed: %+v", e.Attachments)
	}
	caps := enqueue(t, client, tasks.Email{To: letter().To, Template: "caps"})
	if want := (&tasks.Unsubscribe{Mailto: "Mailto:leave@example.com"}); !cmp.Equal(decoded(t, rdb, caps).Unsubscribe, want) {
		t.Errorf("unsubscribe %+v, want %+v", decoded(t, rdb, caps).Unsubscribe, want)
	}
	e.Unsubscribe = &tasks.Unsubscribe{Mailto: "leave@example.com"}
	if got := decoded(t, rdb, enqueue(t, client, e)); !cmp.Equal(got.Unsubscribe, e.Unsubscribe) {
		t.Errorf("unsubscribe %+v, want the mail's own", got.Unsubscribe)
	}
	e.Attachments = append(e.Attachments, tasks.Attachment{Name: "x.png", CID: shown.CID, Content: logo.Bytes()})
	_, err = client.Enqueue(t.Context(), e)
	checkProblem(t, err, "attachments[2].cid", "another attachment")
}

func TestFreezeRefuses(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		set := templateSet(t, map[string]string{
			"note.md":   "---\nsubject: Hi\nlayout: none\ndata:\n  name: string\n  items?: [{price: number}]\n---\n{{.name}}\n",
			"link.html": "---\nsubject: Hi\nlayout: none\n---\n<p>\n<a href=\"{{.link}}\">x</a></p>\n",
			"long.md":   "---\nsubject: \"{{.text}}\"\nlayout: none\n---\nHi\n",
			"large.md":  "---\nsubject: Hi\nlayout: none\n---\n{{.text}}\n",
		})
		client := tasks.NewClient(rdb, tasks.Freeze(set.Render))
		for _, tt := range []struct {
			template, field, reason string
			data                    any
		}{
			{"nope", "template", "no such template; there are: ", nil},
			{"note", "data.name", "is missing", map[string]any{}},
			{"note", "data.items[0].price", "must be a number", map[string]any{"name": "Ada", "items": []any{map[string]any{"price": "x"}}}},
			{"link", "template", `link.html:6: variable "link" is missing`, nil},
			{"link", "template", `link.html:6: variable "link" is not a safe link`, map[string]any{"link": "javascript:alert(1)"}},
			{"long", "subject", "998", map[string]any{"text": strings.Repeat("x", 999)}},
			{"large", "payload", "at most 1048576 are taken", map[string]any{"text": strings.Repeat("x", tasks.MaxPayload/2)}},
			{"note", "data", "does not encode to JSON", map[string]any{"name": unspeakable{}}},
			{"no/", "template", "must be a name like", nil},
		} {
			_, err := client.Enqueue(t.Context(), tasks.Email{To: letter().To, Template: tt.template, Data: tt.data})
			checkProblem(t, err, tt.field, tt.reason)
			if err != nil && (strings.Contains(err.Error(), "alert") || strings.Contains(err.Error(), marker)) {
				t.Errorf("%v has content of the mail in it", err)
			}
		}
		checkEmpty(t, rdb)
		_, err := client.Enqueue(t.Context(), tasks.Email{To: letter().To, Template: "note", Data: map[string]any{"items": []any{map[string]any{}}}})
		if got := problems(t, err); len(got) != 2 || got[0].Field != "data.items[0].price" || got[1].Field != "data.name" {
			t.Errorf("problems %q, want all of them", got)
		}
	})
}
