package mailer_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/postroom/postroom/mailer"
)

// crashDirEnv tells a re-executed test binary to be the process that crashes.
const crashDirEnv = "POSTROOM_TEST_CRASH_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDirEnv); dir != "" {
		fmt.Fprintln(os.Stderr, storeForever(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// storeForever stores mail after mail until it is killed.
func storeForever(dir string) error {
	box, err := mailer.NewMaildir(dir)
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		m, err := mailer.Compose(bigDraft(i))
		if err != nil {
			return err
		}
		if _, err := box.Send(context.Background(), m); err != nil {
			return err
		}
	}
}

// bigDraft takes the disk long enough to be caught half way; those after the
// first are smaller, since they fill the disk until they are caught.
func bigDraft(i int) mailer.Draft {
	size := 8 << 20
	if i > 0 {
		size = 1 << 18
	}
	return newDraft(func(d *mailer.Draft) {
		d.MailID = "big-" + strconv.Itoa(i)
		d.Attachments = []mailer.Attachment{{Name: "big.bin", Content: bytes.Repeat([]byte{byte(i)}, size)}}
	})
}

// TestMaildirCrash kills a process with SIGKILL at each step of a Send. The
// step is read off the directory, so the Send is the real one.
func TestMaildirCrash(t *testing.T) {
	t.Parallel()
	first, later := mustCompose(t, bigDraft(0)).Size(), mustCompose(t, bigDraft(1)).Size()
	isWhole := func(size int64) bool { return size == first || size == later }
	for name, reached := range map[string]func(dir string) bool{
		"file made":       func(dir string) bool { return sizeIn(dir, "tmp") >= 0 },
		"half written":    func(dir string) bool { return sizeIn(dir, "tmp") > first/4 },
		"whole in tmp":    func(dir string) bool { return isWhole(sizeIn(dir, "tmp")) },
		"renamed":         func(dir string) bool { return sizeIn(dir, "new") >= 0 },
		"in the next one": func(dir string) bool { return sizeIn(dir, "new") >= 0 && sizeIn(dir, "tmp") >= 0 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			killWhen(t, dir, func() bool { return reached(dir) })
			stored := checkWhole(t, dir)
			// The mails are delivered again, by the next process.
			box := newMaildir(t, dir)
			for i := range stored + 1 {
				if _, err := box.Send(t.Context(), mustCompose(t, bigDraft(i))); err != nil {
					t.Fatal(err)
				}
			}
			if got := checkWhole(t, dir); got != stored+1 {
				t.Errorf("%d mails stored after delivering %d again, %d more than before", got, stored+1, got-stored)
			}
		})
	}
}

// sizeIn is the size of the first file in a directory of the Maildir, -1 where
// there is none. Files come and go meanwhile.
func sizeIn(dir, sub string) int64 {
	size := int64(-1)
	entries, err := os.ReadDir(filepath.Join(dir, sub))
	if err != nil {
		return size
	}
	for _, e := range entries {
		var info fs.FileInfo
		if info, err = e.Info(); err == nil {
			size = max(size, info.Size())
		}
	}
	return size
}

func killWhen(t *testing.T, dir string, reached func() bool) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), crashDirEnv+"="+dir)
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // Its status is of no interest: it is killed.
		close(ended)
	}()
	deadline := time.After(time.Minute)
	for !reached() {
		select {
		case <-deadline:
			t.Error("the step was never seen")
			_ = cmd.Process.Kill()
			<-ended
			return
		case <-ended:
			t.Fatalf("the process ended by itself: %s", stderr.String())
		case <-time.After(20 * time.Microsecond):
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-ended
}

// checkWhole counts the files in new/, each of which must be one of the mails,
// byte by byte.
func checkWhole(t *testing.T, dir string) int {
	t.Helper()
	names := filesIn(t, dir, "new")
	whole := 0
	for i := range names {
		m := mustCompose(t, bigDraft(i))
		got, err := os.ReadFile(filepath.Join(dir, "new", mailer.IDHash(m.MailID)+".postroom"))
		if err != nil {
			t.Errorf("mail %d of %d: %v", i, len(names), err)
			continue
		}
		if !bytes.Equal(got, rawOf(t, m)) {
			t.Errorf("mail %d: %d bytes in new/, want %d", i, len(got), m.Size())
			continue
		}
		whole++
	}
	return whole
}
