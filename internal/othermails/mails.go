// Package othermails has mails that others wrote, from public packages: what
// people will bring to the loader, which has to leave their looks alone.
package othermails

import (
	"embed"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"
)

//go:embed testdata
var files embed.FS

var linked = regexp.MustCompile(`<link rel="stylesheet" href="[^"]*foundation-emails.css">`)

// All are the mails by package and name, such as "ghost/welcome". A sheet beside
// one is put into its place, as its build does.
func All(tb testing.TB) map[string]string {
	tb.Helper()
	sheet := read(tb, "testdata/foundation-emails/foundation-emails.css")
	found, err := fs.Glob(files, "testdata/*/*.html")
	if err != nil {
		tb.Fatal(err)
	}
	mails := map[string]string{}
	for _, file := range found {
		name := path.Base(path.Dir(file)) + "/" + strings.TrimSuffix(path.Base(file), ".html")
		mails[name] = linked.ReplaceAllLiteralString(read(tb, file), "<style>\n"+sheet+"</style>")
	}
	return mails
}

func read(tb testing.TB, file string) string {
	tb.Helper()
	content, err := files.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	return string(content)
}
