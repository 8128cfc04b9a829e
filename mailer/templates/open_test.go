package templates_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/postroom/postroom/mailer/templates"
)

// TestOpen changes the process's directory, so it runs by itself.
func TestOpen(t *testing.T) {
	empty := t.TempDir()
	t.Chdir(empty)
	set, err := templates.Open("")
	if err != nil || !slices.Equal(set.Names(), templates.Builtin().Names()) {
		t.Fatalf("Open in an empty folder = %v, %v; want the built-in set", set, err)
	}
	const built = `no such template; there are: welcome`
	_, err = set.Render("receipt", "", nil)
	if want := built + " (the built-in set: there is no ./templates here)"; err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("a template that the built-in set does not have = %v; want %s", err, want)
	}
	if _, err = templates.Builtin().Render("receipt", "", nil); err == nil || !strings.HasSuffix(err.Error(), built) {
		t.Errorf("the same of the built-in set itself = %v; want %s", err, built)
	}
	if _, err := templates.Open("nowhere"); err == nil || !strings.Contains(err.Error(), `POSTROOM_TEMPLATES (--templates) "nowhere"`) {
		t.Errorf("Open of a folder that is not there = %v; want an error that names it", err)
	}
	for name, content := range map[string]string{"hi.subject": "Hi", "hi.txt": "Hi."} {
		path := filepath.Join(empty, "templates", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set, err = templates.Open("")
	if err != nil || !slices.Equal(set.Names(), []string{"hi"}) {
		t.Errorf("Open beside ./templates = %v, %v; want its set", set, err)
	}
	if err := os.WriteFile(filepath.Join(empty, "templates", "hi.txt"), []byte("{{if}}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := templates.Open(""); err == nil || !strings.HasPrefix(err.Error(), "./templates: templates/hi.txt:1: ") {
		t.Errorf("Open beside a broken ./templates = %v; want an error that names no variable", err)
	}
}
