package gmail_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"runtime"
	"testing"

	"golang.org/x/oauth2"
	google "google.golang.org/api/gmail/v1"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/gmail"
	"github.com/postroom/postroom/mailer/mailertest"
)

// plain is Google's own client, used well: one service for all, its transport
// keeps connections, and uploads are one request.
func plain(b *testing.B, s *mailertest.Server) *google.Service {
	b.Helper()
	ctx := context.WithValue(b.Context(), oauth2.HTTPClient, &http.Client{Transport: gmail.NewTransport(4)})
	service, err := google.NewService(ctx, option.WithHTTPClient(oauth2.NewClient(ctx, oauthSource(b, s))), option.WithEndpoint(s.URL))
	if err != nil {
		b.Fatal(err)
	}
	return service
}

func oauthSource(b *testing.B, s *mailertest.Server) oauth2.TokenSource {
	b.Helper()
	token, err := source(b, s.Fake, s.TokenURL).Token(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	return oauth2.StaticTokenSource(&oauth2.Token{AccessToken: token})
}

func plainSend(ctx context.Context, service *google.Service, m *mailer.Message) error {
	var raw bytes.Buffer
	if _, err := m.WriteTo(&raw); err != nil {
		return err
	}
	_, err := service.Users.Messages.Send("me", &google.Message{
		Raw: base64.URLEncoding.EncodeToString(raw.Bytes()), ThreadId: m.ThreadID,
	}).Context(ctx).Do()
	return err
}

func plainUpload(ctx context.Context, service *google.Service, m *mailer.Message) error {
	_, err := service.Users.Messages.Send("me", &google.Message{ThreadId: m.ThreadID}).
		Media(m.Reader(), googleapi.ChunkSize(0), googleapi.ContentType("message/rfc822")).Context(ctx).Do()
	return err
}

// BenchmarkSend compares the Sender with Google's client, over HTTP through the
// fake, which is the same for both.
func BenchmarkSend(b *testing.B) {
	for _, size := range []int{0, 100 << 10, 2 << 20, 7 << 20} {
		m := compose(b, "x", size)
		run := func(name string, send func(context.Context, *mailer.Message) error) {
			b.Run(fmt.Sprintf("%s/%dKiB", name, m.Size()>>10), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := send(b.Context(), m); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		s := mailertest.NewServer(b, mailertest.CountOnly())
		sender := newSender(b, s)
		run("ours", func(ctx context.Context, m *mailer.Message) error {
			_, err := sender.Send(ctx, m)
			return err
		})
		service := plain(b, s)
		run("google-raw", func(ctx context.Context, m *mailer.Message) error { return plainSend(ctx, service, m) })
		run("google-upload", func(ctx context.Context, m *mailer.Message) error { return plainUpload(ctx, service, m) })
	}
}

// BenchmarkSendAlone is the client's part alone: the transport reads the body
// and answers at once.
func BenchmarkSendAlone(b *testing.B) {
	transport := answering(http.StatusOK, nil, `{"id":"1","threadId":"1"}`)
	service, err := google.NewService(b.Context(), option.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		b.Fatal(err)
	}
	sender := newSenderOn(b, gmail.Config{Tokens: fixed("token"), Transport: transport})
	for _, size := range []int{0, 100 << 10, 7 << 20} {
		m := compose(b, "x", size)
		run := func(name string, send func() error) {
			b.Run(fmt.Sprintf("%s/%dKiB", name, m.Size()>>10), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := send(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		run("ours", func() error {
			_, err := sender.Send(b.Context(), m)
			return err
		})
		run("google-raw", func() error { return plainSend(b.Context(), service, m) })
		run("google-upload", func() error { return plainUpload(b.Context(), service, m) })
	}
}

// TestMemory holds that a message is never copied whole to be sent.
func TestMemory(t *testing.T) { //nolint:paralleltest // It measures the process's allocations.
	sender := newSenderOn(t, gmail.Config{Tokens: fixed("token"), Transport: answering(http.StatusOK, nil, `{"id":"1"}`)})
	for _, size := range []int{2 << 20, 7 << 20, 25_500_000} {
		m := compose(t, "x", size)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := sender.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 256<<10 {
			t.Errorf("%d bytes allocated to send %d", allocated, m.Size())
		}
	}
}
