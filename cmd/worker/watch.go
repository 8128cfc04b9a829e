package main

import (
	"context"
	"io/fs"
	"maps"
	"os"
	"strings"
	"time"
)

const (
	// lookEvery is how often a watched directory is looked at. Twice so long after
	// the last change it is read.
	lookEvery = 200 * time.Millisecond
	// lookShare keeps looking at many files to a fiftieth of a processor.
	lookShare = 50
)

// view is what can be seen of a directory without reading its files; nil where
// there is none. A file that can't be looked at is nil too.
type view map[string]fs.FileInfo

// look goes through the files that templates are loaded from: links within the
// directory are followed, as those of a Kubernetes ConfigMap, and names with a dot
// in front left alone, as those that editors write beside a file.
func look(dir string) view {
	files := view{}
	fsys := os.DirFS(dir)
	err := fs.WalkDir(fsys, ".", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil && file == ".":
			return err
		case err != nil:
			files[file] = nil
		case file == ".":
		case strings.HasPrefix(entry.Name(), "."):
			if entry.IsDir() {
				return fs.SkipDir
			}
		case !entry.IsDir():
			files[file], _ = fs.Stat(fsys, file) // nil is what there is to know then.
		}
		return nil
	})
	if err != nil {
		return nil
	}
	return files
}

func (v view) same(other view) bool {
	return (v == nil) == (other == nil) && maps.EqualFunc(v, other, sameFile)
}

func sameFile(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return os.SameFile(a, b) && a.Mode() == b.Mode() && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// watch calls changed when a directory is another than it was when it was seen, and
// again after each further change, until ctx is done. It waits until nothing
// changes any more, so that what an editor or git does in many steps is one change.
//
// It looks again and again in place of asking the system to be told: nobody is told
// of what changes on another machine, or outside of a container that has the
// directory from there; and one that is renamed, made anew or not there yet needs
// nothing of its own.
func watch(ctx context.Context, dir string, seen view, changed func()) {
	for last := seen; ; {
		begun := time.Now()
		now := look(dir)
		if now.same(last) && !now.same(seen) {
			seen = now
			changed()
		}
		last = now
		select {
		case <-ctx.Done():
			return
		case <-time.After(max(lookEvery, lookShare*time.Since(begun))):
		}
	}
}
