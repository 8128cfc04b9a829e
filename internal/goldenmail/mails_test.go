package goldenmail_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/templates"
	"github.com/postroom/postroom/tasks"
)

const folder = "testdata/mails"

// sent is when all of them go out.
var sent = time.Date(2026, time.November, 20, 9, 30, 0, 0, time.UTC)

// lanes are those of the mails that are not on the default lane.
var lanes = map[string]tasks.Lane{
	"newsletter": tasks.Bulk, "weekly-digest": tasks.Bulk,
	"password-reset": tasks.Critical, "password-reset-japanese": tasks.Critical,
}

// A golden is one of the mails.
type golden struct {
	name  string
	email tasks.Email
}

// goldens reads what apps ask for.
func goldens(tb testing.TB) []golden {
	tb.Helper()
	files, err := filepath.Glob(folder + "/*.json")
	if err != nil || len(files) < 12 {
		tb.Fatalf("mails in %s: %v, %v; want a dozen", folder, files, err)
	}
	all := make([]golden, 0, len(files))
	for _, file := range files {
		email, err := tasks.ParseEmail(read(tb, file))
		if err != nil {
			tb.Fatalf("%s: %v", file, err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		email.ID = "golden:" + name
		all = append(all, golden{name, email})
	}
	return all
}

func shopTemplates(tb testing.TB) *templates.Set {
	tb.Helper()
	set, err := templates.LoadDir("testdata/templates")
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

// content is what a mail's reader is to read.
func (g golden) content(tb testing.TB, set *templates.Set) mailer.Content {
	tb.Helper()
	if g.email.Template == "" {
		return mailer.Content{Subject: g.email.Subject, Text: g.email.Text, HTML: g.email.HTML}
	}
	data, _ := g.email.Data.(map[string]any)
	content, err := set.Render(g.email.Template, g.email.Locale, data)
	if err != nil {
		tb.Fatal(err)
	}
	return content
}

// file is the golden file with that ending.
func (g golden) file(ending string) string { return filepath.Join(folder, g.name+ending) }

func read(tb testing.TB, file string) []byte {
	tb.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		tb.Fatalf("%v (go test ./internal/goldenmail -update writes what is missing)", err)
	}
	return content
}
