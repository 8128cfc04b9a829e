package goldenmail_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postroom/postroom/tasks"
)

var update = flag.Bool("update", false, "write the golden files anew")

// All mails go the whole way, from their payload through Redis and a worker to
// Gmail, and arrive as they did before: each byte of them.
func TestMails(t *testing.T) {
	t.Parallel()
	all, set := goldens(t), shopTemplates(t)
	o := open(t, set)
	for _, g := range all {
		lane := lanes[g.name]
		if lane == "" {
			lane = tasks.Default
		}
		receipt, err := o.client.Enqueue(t.Context(), g.email, tasks.OnLane(lane))
		if err != nil {
			t.Fatalf("%s: %v", g.name, err)
		}
		if len(receipt.Warnings) > 0 {
			t.Errorf("%s: %v", g.name, receipt.Warnings)
		}
	}
	for _, g := range all {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			content, raw := g.content(t, set), o.await(t, g.email.ID)
			checkReadings(t, g, content, raw)
			compare(t, g.file(".eml"), raw)
			compare(t, g.file(".html"), content.HTML)
			compare(t, g.file(".txt"), content.Text)
		})
	}
}

// compare holds a golden file to what is there now. One without content is none.
func compare(t *testing.T, file, now string) {
	t.Helper()
	if *update {
		var err error
		if now == "" {
			err = os.RemoveAll(file)
		} else {
			err = os.WriteFile(file, []byte(now), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(file); now == "" && os.IsNotExist(err) {
		return
	}
	if diff := cmp.Diff(string(read(t, file)), now); diff != "" {
		t.Errorf("not as %s; see what go test ./internal/goldenmail -update changes (-want +got):\n%s", file, diff)
	}
}

// Each golden file is one of a mail.
func TestNoFileIsLeft(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, g := range goldens(t) {
		known[g.name] = true
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if ending := filepath.Ext(entry.Name()); !known[strings.TrimSuffix(entry.Name(), ending)] {
			t.Errorf("%s/%s is of no mail", folder, entry.Name())
		}
	}
}

// The shop is an example too: each of its templates is sent in one of the mails,
// in each of its languages.
func TestNoTemplateIsLeft(t *testing.T) {
	t.Parallel()
	set, used := shopTemplates(t), map[string]bool{}
	for _, g := range goldens(t) {
		language, _, _ := strings.Cut(g.email.Locale, "-")
		if info, _ := set.Info(g.email.Template); !slices.Contains(info.Locales, language) {
			language = "" // The default's.
		}
		used[g.email.Template+" "+language] = true
	}
	for _, name := range set.Names() {
		info, _ := set.Info(name)
		for _, locale := range append(info.Locales, "") {
			if !used[name+" "+locale] {
				t.Errorf("no mail has the template %s in the locale %q", name, locale)
			}
		}
	}
}
