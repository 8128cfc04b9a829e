package preview

import (
	"fmt"
	"time"

	"github.com/postroom/postroom/mailer"
)

// Renderer is the set that the template is in: a *templates.Set.
type Renderer interface {
	Render(name, locale string, data map[string]any) (mailer.Content, error)
}

// Request says what to preview.
type Request struct {
	Template, Locale string
	// Data is the template's, as encoding/json decodes it with UseNumber.
	Data map[string]any
	// Bulk says that it is for many readers, who have to be able to leave.
	Bulk bool
	// From is the author; without one it is "Postroom <postroom@localhost>".
	From mailer.Address
	// Date is the mail's, never zero.
	Date time.Time
}

// Preview is what would be sent.
type Preview struct {
	mailer.Content

	// Message is the mail as its bytes go out, and Letter the same, taken apart.
	Message *mailer.Message
	Letter  *mailer.Letter
	// Warnings are what to look at before it is sent. There may be none.
	Warnings []string
}

// From and to whom a previewed mail is.
var (
	author = mailer.Address{Name: "Postroom", Address: "postroom@localhost"} //nolint:gochecknoglobals // A constant.
	reader = mailer.Address{Name: "You", Address: "you@example.org"}         //nolint:gochecknoglobals // A constant.
)

// Of renders and composes as a worker would. The error of a template, or of data
// that does not fit it, is the renderer's.
func Of(set Renderer, r Request) (*Preview, error) {
	content, err := set.Render(r.Template, r.Locale, r.Data)
	if err != nil {
		return nil, err
	}
	if r.From.Address == "" {
		r.From = author
	}
	message, err := mailer.Compose(mailer.Draft{
		MailID: "preview", From: r.From, To: []mailer.Address{reader}, Content: content, Date: r.Date,
	})
	if err != nil {
		return nil, fmt.Errorf("compose %q: %w", r.Template, err)
	}
	letter, err := message.Open()
	if err != nil {
		return nil, fmt.Errorf("open the composed %q: %w", r.Template, err)
	}
	return &Preview{Content: content, Message: message, Letter: letter, Warnings: warnings(letter, r.Bulk)}, nil
}
