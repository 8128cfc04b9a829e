package inline_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/postroom/postroom/mailer/templates/inline"
)

var linked = regexp.MustCompile(`<link rel="stylesheet" href="[^"]*foundation-emails.css">`)

// mails reads those that others wrote. A sheet beside them is put into its
// place, as their build does.
func mails(tb testing.TB) map[string]string {
	tb.Helper()
	found, err := filepath.Glob("testdata/mails/*/*.html")
	if err != nil || len(found) < 12 {
		tb.Fatalf("mails in testdata: %v, %v", found, err)
	}
	sheet, err := os.ReadFile("testdata/mails/foundation-emails/foundation-emails.css")
	if err != nil {
		tb.Fatal(err)
	}
	mails := map[string]string{}
	for _, file := range found {
		content, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		name := strings.ReplaceAll(strings.TrimPrefix(filepath.ToSlash(file), "testdata/mails/"), "/", "-")
		mails[name] = linked.ReplaceAllLiteralString(string(content), "<style>\n"+string(sheet)+"</style>")
	}
	return mails
}

// Most of what others wrote can be inlined.
func TestMails(t *testing.T) {
	t.Parallel()
	for name, source := range mails(t) {
		result, err := inline.CSS(source)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if before, after := strings.Count(source, "style="), strings.Count(result, "style="); after <= before {
			t.Errorf("%s: %d style attributes, %d before", name, after, before)
		}
		if again, err := inline.CSS(result); err != nil || again != result {
			t.Logf("%s: inlining it once more changes it: %v", name, err)
		}
	}
}
