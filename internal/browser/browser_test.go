package browser_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/postroom/postroom/internal/browser"
)

func TestCommand(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		system, variable, program string
		args                      int
	}{
		{"linux", "", "", 0}, // A server.
		{"linux", "DISPLAY", "xdg-open", 0},
		{"freebsd", "WAYLAND_DISPLAY", "xdg-open", 0},
		{"darwin", "", "open", 0},
		{"windows", "", "rundll32", 1},
		{"linux", "BROWSER", "x", 0},
		{"darwin", "BROWSER", "x", 0},
	} {
		program, args := browser.Command(row.system, func(name string) string {
			if name == row.variable {
				return "x"
			}
			return ""
		})
		if program != row.program || len(args) != row.args {
			t.Errorf("%s with %s: %q %q, want %q", row.system, row.variable, program, args, row.program)
		}
	}
}

// What is opened gets the address, and no setting of ours.
func TestOpen(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "browser")
	script := "#!/bin/sh\necho \"$1 key=$POSTROOM_KEY other=$OTHER\" >\"$SEEN\"\nexit ${FAIL:-0}\n"
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("BROWSER", program)
	t.Setenv("SEEN", filepath.Join(dir, "seen"))
	t.Setenv("POSTROOM_KEY", "secret")
	t.Setenv("OTHER", "1")
	ended, err := browser.Open(t.Context(), "http://127.0.0.1/")
	if err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	seen, err := os.ReadFile(filepath.Join(dir, "seen"))
	if err != nil || string(seen) != "http://127.0.0.1/ key= other=1\n" {
		t.Errorf("it saw %q (%v)", seen, err)
	}
	t.Setenv("FAIL", "3")
	ended, err = browser.Open(t.Context(), "http://127.0.0.1/")
	if err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("a browser that fails: %v", err)
	}
	t.Setenv("BROWSER", filepath.Join(dir, "nowhere"))
	if _, err := browser.Open(t.Context(), "http://127.0.0.1/"); err == nil || errors.Is(err, browser.ErrNone) {
		t.Errorf("a browser that is not there: %v", err)
	}
}
