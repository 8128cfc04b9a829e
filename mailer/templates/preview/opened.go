package preview

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
)

//go:embed opened.html
var openedSource string

// openedPage escapes all that it shows for its place; the mail's own HTML stands in
// a frame that runs no script, and the page's policy holds in it too.
var openedPage = template.Must(template.New("opened").Parse(openedSource)) //nolint:gochecknoglobals // A constant.

// Page is a page of its own, for a file that a browser opens: subject, header
// fields, warnings, the HTML with its inline images, and the text beside it. It
// loads nothing from elsewhere.
func (p *Preview) Page() ([]byte, error) {
	var page bytes.Buffer
	err := openedPage.Execute(&page, map[string]any{
		"Subject": p.Letter.Field("Subject"), "Fields": p.Message.Fields(), "Warnings": p.Warnings, "Size": p.Message.Size(),
		"HTML": p.Letter.Frame(), "Text": p.Letter.Text, "Files": p.Letter.Files,
	})
	if err != nil {
		return nil, fmt.Errorf("make the page: %w", err)
	}
	return page.Bytes(), nil
}
