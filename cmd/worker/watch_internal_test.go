package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// watched is a directory that is watched in a bubble's time.
type watched struct {
	t       *testing.T
	dir     string
	changes atomic.Int32
}

// watching has a directory with welcome.md in it watched while test runs.
func watching(t *testing.T, test func(w *watched)) {
	t.Helper()
	parent := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := &watched{t: t, dir: filepath.Join(parent, "templates")}
		w.write("welcome.md", "first")
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		seen := look(w.dir)
		go func() {
			defer close(done)
			watch(ctx, w.dir, seen, func() { w.changes.Add(1) })
		}()
		w.saw("nothing", 0)
		test(w)
		cancel()
		<-done
	})
}

// saw waits until nothing is left to see, and holds how many changes that were.
func (w *watched) saw(what string, want int32) {
	w.t.Helper()
	time.Sleep(10 * lookEvery)
	synctest.Wait()
	if got := w.changes.Swap(0); got != want {
		w.t.Errorf("%s: %d changes, want %d", what, got, want)
	}
}

func (w *watched) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *watched) path(name string) string { return filepath.Join(w.dir, name) }

// write makes a file, and the folders that it needs, dated in the bubble's time.
func (w *watched) write(name, text string) {
	w.t.Helper()
	w.must(os.MkdirAll(filepath.Dir(w.path(name)), 0o700))
	w.must(os.WriteFile(w.path(name), []byte(text), 0o600))
	w.must(os.Chtimes(w.path(name), time.Now(), time.Now()))
}

func TestWatchSeesWhatChanges(t *testing.T) {
	t.Parallel()
	watching(t, func(w *watched) {
		w.write("welcome.md", "other")
		w.saw("a file of the same size", 1)
		w.write("billing/receipt.md", "new")
		w.saw("a file in a new folder", 1)
		w.write("billing/receipt.md", "newer")
		w.saw("a change in that folder", 1)
		w.write(".welcome.md.new", "renamed")
		w.saw("an editor's own file", 0)
		w.must(os.Rename(w.path(".welcome.md.new"), w.path("welcome.md")))
		w.saw("a file renamed into place", 1)
		w.must(os.Chmod(w.path("welcome.md"), 0o400))
		w.saw("other rights", 1)
		w.must(os.Remove(w.path("welcome.md")))
		w.saw("a file removed", 1)
		w.must(os.Mkdir(w.path("empty"), 0o700))
		w.saw("an empty folder", 0)
		w.must(os.Rename(w.path("billing"), w.path("shop")))
		w.saw("a folder renamed", 1)
	})
}

func TestWatchTakesABurstAsOneChange(t *testing.T) {
	t.Parallel()
	watching(t, func(w *watched) {
		for i := range 50 { // Over five seconds.
			w.write(fmt.Sprintf("page%d.md", i%7), strconv.Itoa(i))
			time.Sleep(lookEvery / 2)
		}
		if got := w.changes.Load(); got != 0 {
			t.Errorf("%d changes while all was changing", got)
		}
		w.saw("after it", 1)
	})
}

func TestWatchOutlivesTheDirectory(t *testing.T) {
	t.Parallel()
	watching(t, func(w *watched) {
		away := w.dir + ".away"
		w.must(os.Rename(w.dir, away))
		w.saw("a directory that goes", 1)
		w.must(os.Mkdir(w.dir, 0o700))
		w.saw("one that comes empty", 1)
		w.write("welcome.md", "third")
		w.saw("a file in it", 1)
		w.must(os.RemoveAll(w.dir))
		w.saw("the directory removed", 1)
		w.must(os.Rename(away, w.dir))
		w.saw("the first one back", 1)
		w.write("welcome.md", "fourth")
		w.saw("a change in it", 1)
	})
}

// TestWatchFollowsLinks has the directory as Kubernetes mounts a ConfigMap, behind
// a link, as deploys set one to each release.
func TestWatchFollowsLinks(t *testing.T) {
	t.Parallel()
	watching(t, func(w *watched) {
		w.write("..1/note.md", "first")
		w.write("..2/note.md", "other") // Of the same size and date.
		w.must(os.Symlink("..1", w.path("..data")))
		w.must(os.Symlink("..data/note.md", w.path("note.md")))
		w.saw("mounted", 1)
		w.must(os.Symlink("..2", w.path("..data_tmp")))
		w.must(os.Rename(w.path("..data_tmp"), w.path("..data")))
		w.saw("the next ConfigMap", 1)
		w.must(os.Remove(w.path("..data")))
		w.saw("a link to nowhere", 1)
		release := w.dir + ".1"
		w.must(os.Rename(w.dir, release))
		w.must(os.Symlink(release, w.dir))
		w.saw("behind a link, and the same", 0)
		w.write("welcome.md", "second")
		w.saw("a change behind the link", 1)
	})
}

// TestWatchMissesNothing that changes between the first look and the watching, as
// files do while they are read.
func TestWatchMissesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := &watched{t: t, dir: dir}
		seen := look(dir)
		w.write("welcome.md", "first")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go watch(ctx, dir, seen, func() { w.changes.Add(1) })
		w.saw("changed before it began", 1)
	})
}
