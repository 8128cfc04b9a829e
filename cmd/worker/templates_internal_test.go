package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alecthomas/kong"
	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/templates"
	"github.com/postroom/postroom/tasks/directory"
)

// page writes a template that says the same in subject and text.
func page(t *testing.T, dir, name, words string) {
	t.Helper()
	source := "---\nsubject: " + words + "\nlayout: none\n---\n" + words + "\n"
	if err := os.WriteFile(filepath.Join(dir, name+".md"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestReloadIsAllOrNothing renders all the time: each mail is of one set, and of
// the last that was right.
func TestReloadIsAllOrNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	page(t, dir, "a", "v1")
	page(t, dir, "b", "v1")
	set, err := openTemplates(dir)
	if err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				c, err := set.Render("a", "", nil)
				if err != nil || c.Text != c.Subject+"\n" || c.Subject == "v2" {
					t.Errorf("rendered %+v, %v", c, err)
					return
				}
			}
		})
	}
	page(t, dir, "a", "v2")
	page(t, dir, "b", "v2 {{.")
	if _, err := set.reload(); err == nil {
		t.Error("a broken set was taken")
	}
	if c, err := set.Render("b", "", nil); err != nil || c.Subject != "v1" {
		t.Errorf("after a broken one: %+v, %v; want v1", c, err)
	}
	page(t, dir, "a", "v3")
	page(t, dir, "b", "v3")
	before := set.current()
	if _, err := set.reload(); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"a", "b"} {
		if c, err := set.Render(name, "", nil); err != nil || c.Subject != "v3" {
			t.Errorf("after a right one: %s is %+v, %v; want v3", name, c, err)
		}
	}
	if c, err := before.Render("a", "", nil); err != nil || c.Subject != "v1" {
		t.Errorf("the set that a mail began with: %+v, %v; want v1", c, err)
	}
	close(stop)
	all.Wait()
}

// TestBuiltInTemplatesAreForWhoHasNone: a directory takes their place when it is
// there, and they don't take its.
func TestBuiltInTemplatesAreForWhoHasNone(t *testing.T) {
	t.Chdir(t.TempDir())
	set, err := openTemplates("")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := set.reload(); err != nil || got.Dir() != "" || !got.Has("welcome") {
		t.Errorf("without a directory: %q, %v; want the built-in set", got.Dir(), err)
	}
	if err := os.Mkdir("templates", 0o700); err != nil {
		t.Fatal(err)
	}
	page(t, "templates", "note", "hello")
	if got, err := set.reload(); err != nil || got.Dir() != "templates" || got.Has("welcome") {
		t.Errorf("with one: %v, %v; want what stands in it", got, err)
	}
	if err := os.Rename("templates", "gone"); err != nil {
		t.Fatal(err)
	}
	if _, err := set.reload(); !errors.Is(err, os.ErrNotExist) || !set.current().Has("note") {
		t.Errorf("without it again: %v; want that it is missing, and those from before", err)
	}
	if _, err := set.Render("welcome", "", nil); !errors.Is(err, mailer.ErrNoTemplate) {
		t.Errorf("welcome: %v, want that there is none", err)
	}
}

// TestReloadedTemplatesArePublishedAtOnce and not at the next turn, in time that
// passes only while everybody waits.
func TestReloadedTemplatesArePublishedAtOnce(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	dir := t.TempDir()
	page(t, dir, "a", "v1")
	synctest.Test(t, func(t *testing.T) {
		rdb := redis.NewClient(&redis.Options{Addr: server.Addr})
		defer func() { _ = rdb.Close() }()
		var c workerConfig
		parser := kong.Must(&c)
		if _, err := parser.Parse([]string{"--templates", dir, "--from", shop}); err != nil {
			t.Fatal(err)
		}
		w, err := newWorker(backendConsole, &c, rdb, zap.NewNop(), io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		var follower sync.WaitGroup
		follower.Go(func() { w.follow(ctx) })
		published := func(name string) {
			t.Helper()
			for begun := time.Now(); ; time.Sleep(time.Millisecond) {
				d, err := directory.New(rdb).Read(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if len(d.Template(name)) > 0 {
					return
				}
				if time.Since(begun) > followEvery/2 {
					t.Fatalf("%s is not published after %v", name, time.Since(begun))
				}
			}
		}
		published("a")
		page(t, dir, "b", "v1")
		if err := w.reloadTemplates(); err != nil {
			t.Fatal(err)
		}
		published("b")
		stop()
		follower.Wait()
	})
}

// TestToldIsBounded: a set of many that fail does not fill the log.
func TestToldIsBounded(t *testing.T) {
	t.Parallel()
	failing := make([]templates.Failure, 25)
	got := told(failing)
	if len(got) != 21 || got[20] != "and 5 more" {
		t.Errorf("of 25: %d, the last %q", len(got), got[len(got)-1])
	}
	if got := told(failing[:20]); len(got) != 20 {
		t.Errorf("of 20: %d", len(got))
	}
}
