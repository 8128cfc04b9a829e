package mailer_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postroom/postroom/mailer"
)

func newMaildir(tb testing.TB, dir string) *mailer.Maildir {
	tb.Helper()
	m, err := mailer.NewMaildir(dir)
	if err != nil {
		tb.Fatalf("NewMaildir: %v", err)
	}
	return m
}

func filesIn(tb testing.TB, dir ...string) []string {
	tb.Helper()
	entries, err := os.ReadDir(filepath.Join(dir...))
	if err != nil {
		tb.Fatal(err)
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestMaildirStoresTheWholeMessage(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	sent := mustSend(t, newMaildir(t, dir), "a")
	path := filepath.Join(dir, "new", sent.ID)
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := rawOf(t, mailOf(t, "a")); !bytes.Equal(got, want) {
		t.Errorf("stored %d bytes, want %d", len(got), len(want))
	}
	if names := filesIn(t, dir, "tmp"); len(names) != 0 {
		t.Errorf("left in tmp: %v", names)
	}
	for _, p := range []string{path, filepath.Join(dir, "new")} {
		if info, err := os.Stat(p); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is open to others: %v, %v", p, info.Mode(), err)
		}
	}
}

// TestMaildirKnowsItsMail delivers a mail again, wherever a reader put it.
func TestMaildirKnowsItsMail(t *testing.T) {
	t.Parallel()
	for name, flags := range map[string]string{"in new": "", "in cur": ":2,", "read and answered": ":2,RS", "without info": "-"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			first := mustSend(t, newMaildir(t, dir), "a")
			if flags != "" {
				to := filepath.Join(dir, "cur", first.ID+strings.TrimPrefix(flags, "-"))
				if err := os.Rename(filepath.Join(dir, "new", first.ID), to); err != nil {
					t.Fatal(err)
				}
			}
			again := mustSend(t, newMaildir(t, dir), "a")
			mustSend(t, newMaildir(t, dir), "b")
			if n := len(filesIn(t, dir, "new")) + len(filesIn(t, dir, "cur")); n != 2 || again != first {
				t.Errorf("%d files for two mails; sent as %v, then as %v", n, first, again)
			}
		})
	}
}

func TestMaildirTakesOneMailOnceFromMany(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if _, err := newMaildir(t, dir).Send(t.Context(), mailOf(t, "a")); err != nil {
				t.Errorf("Send: %v", err)
			}
		})
	}
	wg.Wait()
	if in, left := filesIn(t, dir, "new"), filesIn(t, dir, "tmp"); len(in) != 1 || len(left) != 0 {
		t.Errorf("new holds %v, tmp %v", in, left)
	}
}

func TestMaildirIsMadeAgain(t *testing.T) {
	t.Parallel()
	for _, lost := range []string{".", "tmp", "new", "cur"} {
		t.Run(lost, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "outbox")
			m := newMaildir(t, dir)
			if err := os.RemoveAll(filepath.Join(dir, lost)); err != nil {
				t.Fatal(err)
			}
			sent := mustSend(t, m, "a")
			if in, left := filesIn(t, dir, "new"), filesIn(t, dir, "tmp"); len(in) != 1 || in[0] != sent.ID || len(left) != 0 {
				t.Errorf("new holds %v, tmp %v", in, left)
			}
		})
	}
}

func TestMaildirCleansUpAfterCrashes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	newMaildir(t, dir)
	for name, age := range map[string]time.Duration{"stale": 37 * time.Hour, "fresh": 35 * time.Hour} {
		path := filepath.Join(dir, "tmp", name)
		if err := os.WriteFile(path, []byte("half a mes"), 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(-age)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	newMaildir(t, dir)
	if names := filesIn(t, dir, "tmp"); len(names) != 1 || names[0] != "fresh" {
		t.Errorf("tmp holds %v, want the fresh file alone", names)
	}
}

// TestMaildirDiskErrors puts a file where a directory should be, which stops
// root too.
func TestMaildirDiskErrors(t *testing.T) {
	t.Parallel()
	for _, sub := range []string{"tmp", "new", "cur"} {
		t.Run(sub, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			m := newMaildir(t, dir)
			if err := os.Remove(filepath.Join(dir, sub)); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, sub), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := m.Send(t.Context(), mailOf(t, "a")); mailer.ClassOf(err) != mailer.Temporary {
				t.Errorf("error %v", err)
			}
			if sub != "tmp" && len(filesIn(t, dir, "tmp")) != 0 {
				t.Errorf("left in tmp: %v", filesIn(t, dir, "tmp"))
			}
			if _, err := mailer.NewMaildir(dir); err == nil || !strings.Contains(err.Error(), "POSTROOM_FILE_DIR") {
				t.Errorf("NewMaildir: %v", err)
			}
		})
	}
	if _, err := mailer.NewMaildir(""); err == nil || !strings.Contains(err.Error(), "POSTROOM_FILE_DIR") {
		t.Errorf("NewMaildir with no name: %v", err)
	}
}
