package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/templates"
	"github.com/postroom/postroom/tasks"
)

// previewCommand is `enqueue preview`.
type previewCommand struct {
	Template  string `arg:"" help:"The template's name."`
	Locale    string `placeholder:"TAG" help:"Its language, de-AT."`
	Data      string `placeholder:"JSON|@FILE" help:"Its data, an object. Default: the example that the template declares."`
	Out       string `placeholder:"DIR" help:"Write message.eml, message.html and message.txt there."`
	JSON      bool   `name:"json" help:"Print a JSON object."`
	Templates string `env:"POSTROOM_TEMPLATES" placeholder:"DIR" help:"Templates. Default: ./templates, else the built-in set."`
	From      string `env:"POSTROOM_FROM" default:"Postroom <postroom@localhost>" placeholder:"ADDRESS" help:"From of the previewed mail. Default: ${default}."`
}

// preview is the JSON object that is printed.
type preview struct {
	Subject  string      `json:"subject"`
	HTML     string      `json:"html"`
	Text     string      `json:"text"`
	Headers  mail.Header `json:"headers"`
	Size     int64       `json:"size"`
	Warnings []string    `json:"warnings"`
}

// Run renders and composes, as a worker would.
func (p *previewCommand) Run(to console) error {
	content, err := p.render()
	if err != nil {
		return err
	}
	message, err := p.compose(content)
	if err != nil {
		return err
	}
	if p.Out != "" {
		if err := write(p.Out, content, message); err != nil {
			return fmt.Errorf("--out: %w", err)
		}
	}
	seen, err := look(content, message)
	if err != nil {
		return err
	}
	if p.JSON {
		enc := json.NewEncoder(to.out)
		enc.SetEscapeHTML(false)
		return enc.Encode(seen)
	}
	for _, warning := range seen.Warnings {
		_, _ = fmt.Fprintln(to.err, "warning: "+warning) // Only a remark.
	}
	_, err = fmt.Fprintf(to.out, "Subject: %s\nSize: %d bytes\n\n%s\n--- HTML ---\n%s\n", seen.Subject, seen.Size, seen.Text, seen.HTML)
	return err
}

func (p *previewCommand) render() (mailer.Content, error) {
	set, err := templates.Open(p.Templates)
	if err != nil {
		return mailer.Content{}, usageError{err}
	}
	info, _ := set.Info(p.Template)
	data := info.Example
	if p.Data != "" {
		raw, err := readData(p.Data)
		if err != nil {
			return mailer.Content{}, err
		}
		// As it would be read from a payload: numbers keep their digits, and no
		// name is there twice.
		email, err := tasks.ParseEmail(slices.Concat([]byte(`{"data":`), raw, []byte(`}`)))
		if err != nil {
			return mailer.Content{}, usageError{fmt.Errorf("--%w", err)}
		}
		data, _ = email.Data.(map[string]any)
	}
	content, err := set.Render(p.Template, p.Locale, data)
	if err != nil {
		return content, usageError{err}
	}
	return content, nil
}

func (p *previewCommand) compose(content mailer.Content) (*mailer.Message, error) {
	from, err := tasks.ParseAddress(p.From)
	if err != nil {
		return nil, usageError{fmt.Errorf("--from: %w", err)}
	}
	return mailer.Compose(mailer.Draft{
		MailID: "preview", From: from, To: []mailer.Address{{Name: "You", Address: "you@example.org"}},
		Content: content, Date: time.Now(),
	})
}

// clipped is the size from which on Gmail shows an HTML body only in part.
const clipped = 102 << 10

func look(content mailer.Content, message *mailer.Message) (preview, error) {
	parsed, err := mail.ReadMessage(message.Reader())
	if err != nil {
		return preview{}, err
	}
	p := preview{
		Subject: content.Subject, HTML: content.HTML, Text: content.Text,
		Headers: parsed.Header, Size: message.Size(), Warnings: []string{},
	}
	if content.Text == "" {
		p.Warnings = append(p.Warnings, "no text part: some readers show only that, and filters miss it")
	}
	if len(content.HTML) > clipped {
		p.Warnings = append(p.Warnings, fmt.Sprintf("the HTML has %d bytes; Gmail clips it at %d", len(content.HTML), clipped))
	}
	return p, nil
}

func write(dir string, content mailer.Content, message *mailer.Message) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	var eml bytes.Buffer
	if _, err := message.WriteTo(&eml); err != nil {
		return err
	}
	for _, file := range []struct {
		name    string
		content []byte
	}{{"message.eml", eml.Bytes()}, {"message.html", []byte(content.HTML)}, {"message.txt", []byte(content.Text)}} {
		if err := os.WriteFile(filepath.Join(dir, file.name), file.content, 0o600); err != nil {
			return err
		}
	}
	return nil
}
