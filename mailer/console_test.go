package mailer_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postroom/postroom/mailer"
)

func TestConsoleGolden(t *testing.T) {
	t.Parallel()
	for name, d := range drafts() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			if _, err := mailer.NewConsole(&out).Send(t.Context(), mustCompose(t, d)); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", name+".console")
			if *update {
				if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("%v: run go test -update", err)
			}
			if diff := cmp.Diff(string(want), out.String()); diff != "" {
				t.Errorf("not as %s (-want +got):\n%s", path, diff)
			}
		})
	}
}

func TestConsoleShowsNoControlCharacters(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	d := newDraft(func(d *mailer.Draft) {
		d.MailID = "a\x1b[31m"
		d.Text = "one\ttwo\r\n\x1b]0;title\x07\x1b[2J\u009b1A"
	})
	if _, err := mailer.NewConsole(&out).Send(t.Context(), mustCompose(t, d)); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); strings.ContainsAny(got, "\x1b\x07\r\u009b") || !strings.Contains(got, "one\ttwo\n") {
		t.Errorf("printed %q", got)
	}
}

type brokenWriter struct{ err error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.err }

func TestConsoleFailsTemporarily(t *testing.T) {
	t.Parallel()
	cause := errors.New("terminal gone")
	_, err := mailer.NewConsole(brokenWriter{cause}).Send(t.Context(), mailOf(t, "a"))
	if mailer.ClassOf(err) != mailer.Temporary || !errors.Is(err, cause) {
		t.Errorf("error %v", err)
	}
}
