package actions_test

import (
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"text/template"

	"github.com/postroom/postroom/mailer/templates/actions"
)

func TestRestore(t *testing.T) {
	t.Parallel()
	const token = "q7zaction000001z"
	for _, row := range []struct{ name, masked, want string }{
		{"bare", "<p title='" + token + "'>", "<p title='{{.x}}'>"},
		{"in a comment", "<table><!--" + token + "--><tr>", "<table>{{.x}}<tr>"},
		{"in a comment with more", "<!-- " + token + "--><!--" + token + "a-->", "<!-- {{.x}}--><!--{{.x}}a-->"},
		{"twice", token + token, "{{.x}}{{.x}}"},
		{"no token of the table", "q7zaction000002zq7zaction000000z", "q7zaction000002zq7zaction000000z"},
		{"no token at all", "q7zaction q7zaction00001z q7zaction00000az q7zaction", "q7zaction q7zaction00001z q7zaction00000az q7zaction"},
		{"braces that came with a step", "{{.y}}", "{ {{- /**/}}{.y}}"},
		{"many braces", "{{{" + token, "{ {{- /**/}}{ {{- /**/}}{ {{- .x}}"},
		{"braces around an action", "{" + token + "{{}", "{ {{- .x}}{ {{- /**/}}{}"},
		{"braces around a comment", "{<!--" + token + "-->{", "{ {{- .x}}{"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var table actions.Table
			if _, err := table.Cut("a.html", 1, "{{.x}}"); err != nil {
				t.Fatal(err)
			}
			got := table.Restore(row.masked).Text
			if got != row.want {
				t.Errorf("restored = %q, want %q", got, row.want)
			}
			// What text/template prints is the masked text, whatever braces it has.
			var b strings.Builder
			parsed := template.Must(template.New("").Parse(got))
			if err := parsed.Execute(&b, map[string]string{"x": "<!--" + token + "-->"}); err != nil {
				t.Fatal(err)
			}
			want := strings.NewReplacer("<!--"+token+"-->", "<!--"+token+"-->", token, "<!--"+token+"-->").Replace(row.masked)
			if b.String() != want {
				t.Errorf("printed = %q, want %q", b.String(), want)
			}
		})
	}
}

// Errors of text/template and html/template name a place in the restored text,
// and Origin the one in the file.
func TestOrigin(t *testing.T) {
	t.Parallel()
	var table actions.Table
	page, err := table.Cut("page.md", 10, "{{.good}}\n\n{{.good}} {{.good\n|\nfail}}\n<a {{.good}}='x' href='{{if .good}}/{{end}}{{.good}}'>")
	if err != nil {
		t.Fatal(err)
	}
	layout, err := table.Cut("layout.html", 1, "{{index .good 1}} {{.good}}\n{{fail .good}}")
	if err != nil {
		t.Fatal(err)
	}
	fails := map[string]any{"fail": func(any) (string, error) { return "", errors.New("failed") }}
	place := regexp.MustCompile(`^(?:html/)?template: ?a?:?a:(\d+):(\d+):`)
	for _, row := range []struct{ masked, file, action, line string }{
		{page, "page.md", "{{.good\n|\nfail}}", "14"},
		{"\n<p>" + layout, "layout.html", "{{index .good 1}}", "1"},
		{"<!--" + tokens(layout)[2] + "-->", "layout.html", "{{fail .good}}", "2"},
	} {
		restored := table.Restore(row.masked)
		err := template.Must(template.New("a").Funcs(fails).Parse(restored.Text)).Execute(io.Discard, map[string]any{"good": "g"})
		m := place.FindStringSubmatch(err.Error())
		if m == nil {
			t.Fatal(err)
		}
		line, _ := strconv.Atoi(m[1])
		column, _ := strconv.Atoi(m[2])
		got, ok := restored.Origin(line, column)
		if !ok || got.File != row.file || got.Action.Text != row.action || strconv.Itoa(got.Line) != row.line {
			t.Errorf("%v: Origin(%d, %d) = %+v, %v; want %s:%s", err, line, column, got, ok, row.file, row.line)
		}
	}

	restored := table.Restore("<a " + tokens(page)[3] + "><a\nhref=/" + page + ">")
	for _, row := range []struct {
		line, column int
		want         string
	}{
		{1, 0, "{{.good}} 15"},  // Text before it.
		{1, 3, "{{.good}} 15"},  // Its first byte.
		{1, 12, "{{.good}} 15"}, // Text after it.
		{1, 99, "{{.good}} 15"},
		{2, -1, "{{.good}} 10"}, // No column.
		{3, 0, "none"},          // A line without an action.
		{4, 12, "{{.good | fail}} 12"},
		{5, 0, "{{.good | fail}} 13"},
		{6, -1, "{{.good | fail}} 14"},
		{7, 30, "{{if .good}} 15"},
		{0, 0, "{{.good}} 15"},
		{8, 0, "none"},
		{99, 0, "none"},
	} {
		got := "none"
		if origin, ok := restored.Origin(row.line, row.column); ok {
			got = strings.Join(strings.Fields(origin.Action.Text), " ") + " " + strconv.Itoa(origin.Line)
		}
		if got != row.want {
			t.Errorf("Origin(%d, %d) = %s, want %s in\n%s", row.line, row.column, got, row.want, restored.Text)
		}
	}
	for _, offset := range []int{-1, 0, len(restored.Text), 1 << 30} {
		if origin, ok := restored.At(offset); ok {
			t.Errorf("At(%d) = %+v", offset, origin)
		}
	}
}
