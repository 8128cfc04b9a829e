//go:build bench

package bench_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	htmltemplate "html/template"
	"net/http"
	"testing"
	texttemplate "text/template"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	gomail "github.com/wneessen/go-mail"
	"go.uber.org/zap"
	"golang.org/x/oauth2"
	"google.golang.org/api/gmail/v1"
	"google.golang.org/api/option"
)

// plainTask is the plain handler's payload.
type plainTask struct {
	ID   string `json:"id"`
	To   string `json:"to"`
	Name string `json:"name"`
}

// plain is what one writes in an afternoon with asynq, and well.
type plain struct {
	service *gmail.Service
	html    *htmltemplate.Template
	text    *texttemplate.Template
	subject *texttemplate.Template
	log     *zap.Logger
	done    func()
}

func newPlain(tb testing.TB, g gmailAddress, log *zap.Logger, done func()) *plain {
	tb.Helper()
	transport, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		tb.Fatal("somebody replaced http.DefaultTransport")
	}
	transport = transport.Clone()
	transport.MaxIdleConnsPerHost = max(concurrency, handlers)
	config := oauth2.Config{ClientID: g.ClientID, ClientSecret: g.Secret, Endpoint: oauth2.Endpoint{TokenURL: g.TokenURL}}
	client := &http.Client{Transport: &oauth2.Transport{
		Base: transport, Source: config.TokenSource(context.Background(), &oauth2.Token{RefreshToken: g.Refresh}),
	}}
	service, err := gmail.NewService(tb.Context(), option.WithHTTPClient(client), option.WithEndpoint(g.URL))
	if err != nil {
		tb.Fatal(err)
	}
	files := readFiles(tb)
	return &plain{
		service: service, log: log, done: done,
		html:    htmltemplate.Must(htmltemplate.New("html").Parse(files.html)),
		text:    texttemplate.Must(texttemplate.New("text").Parse(files.text)),
		subject: texttemplate.Must(texttemplate.New("subject").Parse(files.subject)),
	}
}

// ProcessTask renders, composes and sends one mail.
func (p *plain) ProcessTask(ctx context.Context, t *asynq.Task) error {
	var task plainTask
	if err := json.Unmarshal(t.Payload(), &task); err != nil {
		return err
	}
	var subject, text, html bytes.Buffer
	data := map[string]any{"name": task.Name}
	if err := p.subject.Execute(&subject, data); err != nil {
		return err
	}
	if err := p.text.Execute(&text, data); err != nil {
		return err
	}
	if err := p.html.Execute(&html, data); err != nil {
		return err
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := m.FromFormat("Shop", sender); err != nil {
		return err
	}
	if err := m.To(task.To); err != nil {
		return err
	}
	m.Subject(subject.String())
	m.SetDate()
	m.SetBodyString(gomail.TypeTextPlain, text.String())
	m.AddAlternativeString(gomail.TypeTextHTML, html.String())
	var raw bytes.Buffer
	if _, err := m.WriteTo(&raw); err != nil {
		return err
	}
	sent, err := p.service.Users.Messages.
		Send("me", &gmail.Message{Raw: base64.URLEncoding.EncodeToString(raw.Bytes())}).Context(ctx).Do()
	if err != nil {
		return err
	}
	p.log.Info("sent", zap.String("mail_id", task.ID), zap.String("gmail_id", sent.Id), zap.String("thread_id", sent.ThreadId))
	p.done()
	return nil
}

// fillPlain queues so many mails for plain workers.
func fillPlain(tb testing.TB, rdb redis.UniversalClient, mails int) {
	tb.Helper()
	queue := asynq.NewClientFromRedisClient(rdb)
	for range mails {
		payload, err := json.Marshal(plainTask{ID: uuid.Must(uuid.NewV7()).String(), To: "Ada <ada@example.org>", Name: "Ada"})
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := queue.Enqueue(asynq.NewTask("mail", payload)); err != nil {
			tb.Fatal(err)
		}
	}
}

// start runs a plain worker of so many handlers until it is stopped.
func (p *plain) start(tb testing.TB, rdb redis.UniversalClient, handlers int) (stop func()) {
	tb.Helper()
	server := asynq.NewServerFromRedisClient(rdb, asynq.Config{
		Concurrency: handlers, Queues: map[string]int{"default": 1}, LogLevel: asynq.ErrorLevel,
	})
	if err := server.Start(p); err != nil {
		tb.Fatal(err)
	}
	return server.Shutdown
}
