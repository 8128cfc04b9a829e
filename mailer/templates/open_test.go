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
	if _, err := templates.Open("nowhere"); err == nil || !strings.Contains(err.Error(), `POSTROOM_TEMPLATES "nowhere"`) {
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
}
