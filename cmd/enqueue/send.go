package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/postroom/postroom/internal/clivalue"
	"github.com/postroom/postroom/mailer/templates"
	"github.com/postroom/postroom/tasks"
)

// sendCommand is `enqueue send`.
type sendCommand struct {
	queue `embed:""`

	To      []string `sep:"none" placeholder:"ADDRESS" help:"Recipient, 'Ada <ada@example.org>'; may be repeated." group:"Mail"`
	Cc      []string `sep:"none" placeholder:"ADDRESS" help:"Who gets a copy; may be repeated." group:"Mail"`
	Bcc     []string `sep:"none" placeholder:"ADDRESS" help:"Who gets one that the others don't see; may be repeated." group:"Mail"`
	From    string   `placeholder:"ADDRESS" help:"Default: the account." group:"Mail"`
	ReplyTo []string `sep:"none" placeholder:"ADDRESS" help:"Where answers go; may be repeated. Default: From." group:"Mail"`
	Account string   `placeholder:"ADDRESS" help:"The Gmail account that sends. Default: the default account." group:"Mail"`

	Subject     string   `help:"Subject line." group:"Mail"`
	Text        string   `help:"Plain text body." group:"Mail"`
	HTML        string   `name:"html" help:"HTML body." group:"Mail"`
	Template    string   `placeholder:"NAME" help:"In place of subject, text and html." group:"Mail"`
	Locale      string   `placeholder:"TAG" help:"The template's language, de-AT." group:"Mail"`
	Data        string   `placeholder:"JSON|@FILE" help:"The template's data, an object." group:"Mail"`
	Attach      []string `sep:"none" placeholder:"PATH" help:"Attach a file; may be repeated." group:"Mail"`
	Inline      []string `sep:"none" placeholder:"PATH" help:"Add an image that the HTML shows as cid: and its file name." group:"Mail"`
	Header      []string `sep:"none" placeholder:"'NAME: VALUE'" help:"Add a header; may be repeated." group:"Mail"`
	Unsubscribe string   `placeholder:"URL" help:"For List-Unsubscribe: a URL or mailto:." group:"Mail"`
	Thread      string   `placeholder:"ID" help:"The Gmail thread to answer in." group:"Mail"`

	Email string `placeholder:"FILE|-" help:"Payloads, one JSON object a line, in place of the mail's flags; - is standard input." group:"Many"`

	Lane         tasks.Lane        `default:"default" help:"critical, default or bulk." group:"How"`
	At           moment            `placeholder:"RFC3339" help:"Not before." group:"How" xor:"when"`
	In           clivalue.Duration `placeholder:"10m" help:"Not before so long from now." group:"How" xor:"when"`
	ExpiresIn    clivalue.Duration `placeholder:"1h" help:"Give up what has not left by then." group:"How"`
	ID           string            `name:"id" placeholder:"KEY" help:"The same mail under the same ID is sent once." group:"How"`
	OnUnknown    string            `placeholder:"resend|hold" help:"When nobody can tell whether Gmail took it. Default: hold on bulk, else resend." group:"How"`
	Freeze       bool              `help:"Render the template now, not when the mail is sent: no later change of it is in the mail." group:"How"`
	Templates    string            `env:"POSTROOM_TEMPLATES" placeholder:"DIR" help:"Templates, of --freeze. Default: ./templates, else the built-in set." group:"How"`
	Force        bool              `help:"Also for an account or template that no worker has published." group:"How"`
	WaitReplicas clivalue.Replicas `env:"POSTROOM_WAIT_REPLICAS" default:"0" help:"Return when so many of Redis's replicas have the mail; 0: none." group:"How"`
	JSON         bool              `name:"json" help:"Print one JSON object a mail." group:"How"`

	set    *templates.Set // Of --freeze alone.
	warned []string       // What was said on stderr already.
}

// Run hands over what was asked for.
func (s *sendCommand) Run(ctx context.Context, to console) error {
	if s.Freeze {
		set, err := templates.Open(s.Templates)
		if err != nil {
			return usageError{err}
		}
		s.set = set
	}
	if s.Email != "" {
		return s.sendMany(ctx, to)
	}
	email, err := s.email()
	if err != nil {
		return err
	}
	client, closer, err := s.open()
	if err != nil {
		return err
	}
	defer func() { _ = closer.Close() }() // The process ends here.
	receipt, err := client.Enqueue(ctx, email, append(s.options(), tasks.WithID(s.ID))...)
	if err != nil {
		return s.explain(email, s.where(err))
	}
	return s.print(to, receipt)
}

// options are those that hold for each mail of a call.
func (s *sendCommand) options() []tasks.Option {
	opts := []tasks.Option{tasks.OnLane(s.Lane), tasks.WaitReplicas(int(s.WaitReplicas))}
	if !s.At.IsZero() {
		opts = append(opts, tasks.At(s.At.Time))
	}
	if s.In != 0 {
		opts = append(opts, tasks.In(time.Duration(s.In)))
	}
	if s.ExpiresIn != 0 {
		opts = append(opts, tasks.ExpiresIn(time.Duration(s.ExpiresIn)))
	}
	if s.set != nil {
		opts = append(opts, tasks.Freeze(s.set.Render))
	}
	if s.Force {
		opts = append(opts, tasks.Force())
	}
	return opts
}

// moment is a point in time, as RFC 3339 writes it.
type moment struct{ time.Time }

func (m *moment) UnmarshalText(text []byte) error {
	t, err := time.Parse(time.RFC3339, string(text))
	if err != nil {
		return fmt.Errorf("%q: must be a time like 2026-11-20T09:30:00Z (RFC 3339)", text)
	}
	m.Time = t
	return nil
}

// email is what the flags say.
func (s *sendCommand) email() (tasks.Email, error) {
	e := tasks.Email{
		Account: s.Account, From: s.From, ReplyTo: s.ReplyTo, To: s.To, Cc: s.Cc, Bcc: s.Bcc,
		Subject: s.Subject, Text: s.Text, HTML: s.HTML, Template: s.Template, Locale: s.Locale,
		OnUnknown: tasks.OnUnknown(s.OnUnknown),
	}
	if s.Data != "" {
		data, err := readData(s.Data)
		if err != nil {
			return e, err
		}
		e.Data = data
	}
	for _, path := range s.Attach {
		e.Attachments = append(e.Attachments, tasks.Attachment{Path: path})
	}
	for _, path := range s.Inline {
		e.Attachments = append(e.Attachments, tasks.Attachment{Path: path, CID: filepath.Base(path)})
	}
	for _, header := range s.Header {
		name, value, ok := strings.Cut(header, ":")
		if !ok {
			return e, usageError{errors.New("--header: must be 'Name: value', and has no colon")}
		}
		if e.Headers == nil {
			e.Headers = map[string]string{}
		}
		if _, twice := e.Headers[name]; twice {
			return e, usageError{fmt.Errorf("--header: %s is there twice", name)}
		}
		e.Headers[name] = strings.TrimSpace(value)
	}
	if scheme, address, _ := strings.Cut(s.Unsubscribe, ":"); strings.EqualFold(scheme, "mailto") {
		e.Unsubscribe = &tasks.Unsubscribe{Mailto: address}
	} else if s.Unsubscribe != "" {
		e.Unsubscribe = &tasks.Unsubscribe{URL: s.Unsubscribe}
	}
	if s.Thread != "" {
		e.Thread = &tasks.Thread{ID: s.Thread}
	}
	return e, nil
}

// readData takes JSON as it stands, or from a file behind an @.
func readData(arg string) (json.RawMessage, error) {
	b := []byte(arg)
	if path, ok := strings.CutPrefix(arg, "@"); ok {
		var err error
		if b, err = os.ReadFile(path); err != nil { //nolint:gosec // The caller's own choice of file.
			return nil, usageError{fmt.Errorf("--data: %w", err)}
		}
	}
	if !json.Valid(b) {
		return nil, usageError{errors.New("--data: is not JSON; must be an object like '{\"name\":\"Ada\"}', or @FILE")}
	}
	return b, nil
}

// openInput opens a file, or standard input for "-".
func openInput(path string, stdin io.Reader) (io.ReadCloser, error) {
	if path == "-" {
		return io.NopCloser(stdin), nil
	}
	f, err := os.Open(path) //nolint:gosec // The caller's own choice of file.
	if err != nil {
		return nil, usageError{fmt.Errorf("--email: %w", err)}
	}
	return f, nil
}
