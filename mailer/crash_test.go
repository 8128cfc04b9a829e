package mailer_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/postroom/postroom/mailer"
)

// crashDirEnv tells a re-executed test binary to be the process that crashes.
const crashDirEnv = "POSTROOM_TEST_CRASH_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDirEnv); dir != "" {
		if err := storeInTurns(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1) // It should have been killed.
	}
	os.Exit(m.Run())
}

// storeInTurns stores the first two mails, for each line of its input again,
// and answers each line with one.
func storeInTurns(dir string) error {
	box, err := mailer.NewMaildir(dir)
	if err != nil {
		return err
	}
	var mails []*mailer.Message
	for i := range 2 {
		m, err := mailer.Compose(bigDraft(i))
		if err != nil {
			return err
		}
		mails = append(mails, m)
	}
	for turns := bufio.NewScanner(os.Stdin); turns.Scan(); fmt.Println() {
		for _, m := range mails {
			if _, err := box.Send(context.Background(), m); err != nil {
				return err
			}
		}
	}
	return nil
}

// bigDraft takes the disk long enough to be caught half way.
func bigDraft(i int) mailer.Draft {
	return newDraft(func(d *mailer.Draft) {
		d.MailID = "big-" + strconv.Itoa(i)
		d.Attachments = []mailer.Attachment{{Name: "big.bin", Content: bytes.Repeat([]byte{byte(i)}, 8<<20)}}
	})
}

// TestMaildirCrash kills a process with SIGKILL at each step of a Send. The
// step is read off the directory, so the Send is the real one.
func TestMaildirCrash(t *testing.T) {
	t.Parallel()
	whole := mustCompose(t, bigDraft(0)).Size()
	for name, reached := range map[string]func(dir string) bool{
		"file made":       func(dir string) bool { return sizeIn(dir, "tmp") >= 0 },
		"half written":    func(dir string) bool { size := sizeIn(dir, "tmp"); return size > whole/4 && size < whole },
		"whole in tmp":    func(dir string) bool { return sizeIn(dir, "tmp") == whole },
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

// maxTurns is how often a step may pass unseen.
const maxTurns = 1000

// killWhen has another process store two mails, and kills it as soon as a step
// is reached. Where that was not seen in time, the mails are deleted and it
// stores them once more, so that at no time there are more than two.
func killWhen(t *testing.T, dir string, reached func() bool) {
	t.Helper()
	cmd, in, turns := startStoring(t, dir)
	seen := false
	for range maxTurns {
		if _, err := io.WriteString(in, "\n"); err != nil {
			t.Fatal(err)
		}
		if seen = seenInTurn(t, turns, reached); seen {
			break
		}
		for _, name := range filesIn(t, dir, "new") {
			if err := os.Remove(filepath.Join(dir, "new", name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // Its status is of no interest: it is killed.
	if !seen {
		t.Errorf("the step was not seen in %d turns", maxTurns)
	}
}

// startStoring starts the other process. It is told to begin a turn by a line,
// and says on the channel that a turn has ended.
func startStoring(t *testing.T, dir string) (*exec.Cmd, io.Writer, <-chan struct{}) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self) // Killed with the test, at the latest.
	cmd.Env = append(os.Environ(), crashDirEnv+"="+dir)
	cmd.Stderr = t.Output()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	turns := make(chan struct{}, 1)
	go func() {
		defer close(turns)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			turns <- struct{}{}
		}
	}()
	return cmd, in, turns
}

func seenInTurn(t *testing.T, turns <-chan struct{}, reached func() bool) bool {
	t.Helper()
	for !reached() {
		select {
		case _, running := <-turns:
			if !running {
				t.Fatal("the process ended by itself")
			}
			return false
		case <-time.After(20 * time.Microsecond):
		}
	}
	return true
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
