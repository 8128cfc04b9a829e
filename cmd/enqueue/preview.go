package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"time"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/templates"
	"github.com/postroom/postroom/mailer/templates/preview"
	"github.com/postroom/postroom/tasks"
)

// previewCommand is `enqueue preview`.
type previewCommand struct {
	Template  string     `arg:"" help:"The template's name."`
	Locale    string     `placeholder:"TAG" help:"Its language, de-AT."`
	Data      string     `placeholder:"JSON|@FILE" help:"Its data, an object. Default: the example that the template declares."`
	Lane      tasks.Lane `default:"default" placeholder:"critical|default|bulk" help:"How urgent: bulk mail is looked at for a way to unsubscribe."`
	Open      bool       `help:"Open it in the browser."`
	Out       string     `placeholder:"DIR" help:"Write message.eml, message.html and message.txt there."`
	JSON      bool       `name:"json" help:"Print a JSON object."`
	Templates string     `env:"POSTROOM_TEMPLATES" placeholder:"DIR" help:"Templates. Default: ./templates, else the built-in set."`
	From      string     `env:"POSTROOM_FROM" default:"Postroom <postroom@localhost>" placeholder:"ADDRESS" help:"From of the previewed mail. Default: ${default}."`
}

// previewed is the JSON object that is printed.
type previewed struct {
	Subject  string      `json:"subject"`
	HTML     string      `json:"html"`
	Text     string      `json:"text"`
	Headers  mail.Header `json:"headers"`
	Size     int64       `json:"size"`
	Warnings []string    `json:"warnings"`
}

// Run renders and composes, as a worker would.
func (p *previewCommand) Run(ctx context.Context, to console) error {
	seen, err := p.look()
	if err != nil {
		return err
	}
	if p.Out != "" {
		if err := write(p.Out, seen); err != nil {
			return fmt.Errorf("--out: %w", err)
		}
	}
	if err := p.print(seen, to); err != nil {
		return err
	}
	if p.Open {
		return show(ctx, seen, p.Out, to.err)
	}
	return nil
}

func (p *previewCommand) print(seen *preview.Preview, to console) error {
	if p.JSON {
		enc := json.NewEncoder(to.out)
		enc.SetEscapeHTML(false)
		return enc.Encode(previewed{
			Subject: seen.Subject, HTML: seen.HTML, Text: seen.Text,
			Headers: seen.Letter.Header, Size: seen.Message.Size(), Warnings: seen.Warnings,
		})
	}
	_, err := fmt.Fprintf(to.out, "Subject: %s\n%sSize: %d bytes\n\n%s\n--- HTML ---\n%s\n",
		seen.Subject, unsubscribing(seen.Letter), seen.Message.Size(), seen.Text, seen.HTML)
	for _, warning := range seen.Warnings { // Last, where a terminal shows them.
		_, _ = fmt.Fprintln(to.err, "warning: "+warning) // Only a remark.
	}
	return err
}

// unsubscribing is a line on how its reader leaves the list; none where there is no way.
func unsubscribing(l *mailer.Letter) string {
	ways := l.Field("List-Unsubscribe")
	if ways == "" {
		return ""
	}
	if l.Header.Get("List-Unsubscribe-Post") != "" {
		ways += ", one click"
	}
	return "Unsubscribe: " + ways + "\n"
}

func (p *previewCommand) look() (*preview.Preview, error) {
	set, err := templates.Open(p.Templates)
	if err != nil {
		return nil, usageError{err}
	}
	data, err := p.data(set)
	if err != nil {
		return nil, err
	}
	from, err := tasks.ParseAddress(p.From)
	if err != nil {
		return nil, usageError{fmt.Errorf("--from: %w", err)}
	}
	seen, err := preview.Of(set, preview.Request{
		Template: p.Template, Locale: p.Locale, Data: data, Bulk: p.Lane == tasks.Bulk, From: from, Date: time.Now(),
	})
	if err != nil {
		return nil, usageError{err}
	}
	return seen, nil
}

// data is what was given, or the template's example.
func (p *previewCommand) data(set *templates.Set) (map[string]any, error) {
	if p.Data == "" {
		info, _ := set.Info(p.Template)
		return info.Example, nil
	}
	raw, err := readData(p.Data)
	if err != nil {
		return nil, err
	}
	data, err := tasks.ParseData(raw)
	if err != nil {
		return nil, usageError{fmt.Errorf("--%w", err)}
	}
	return data, nil
}

func write(dir string, seen *preview.Preview) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	var eml bytes.Buffer
	if _, err := seen.Message.WriteTo(&eml); err != nil {
		return err
	}
	for _, file := range []struct {
		name    string
		content []byte
	}{{"message.eml", eml.Bytes()}, {"message.html", []byte(seen.HTML)}, {"message.txt", []byte(seen.Text)}} {
		if err := os.WriteFile(filepath.Join(dir, file.name), file.content, 0o600); err != nil {
			return err
		}
	}
	return nil
}
