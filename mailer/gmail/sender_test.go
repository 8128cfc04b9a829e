package gmail_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/accounts"
	"github.com/postroom/postroom/mailer/gmail"
	"github.com/postroom/postroom/mailer/mailertest"
)

// source gets access tokens from a fake.
func source(tb testing.TB, fake *mailertest.Fake, tokenURL string) *accounts.Source {
	tb.Helper()
	a := fake.Account(mailertest.DefaultAddress)
	s, err := accounts.NewSource(accounts.SourceConfig{Credential: accounts.Credential{
		ClientID: a.ClientID, ClientSecret: accounts.NewSecret(a.ClientSecret),
		RefreshToken: accounts.NewSecret(a.RefreshToken), TokenURL: tokenURL,
	}})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// newSender is a Sender on a transport of its own, which ends with the test.
func newSender(tb testing.TB, s *mailertest.Server) *gmail.Sender {
	tb.Helper()
	transport := gmail.NewTransport(4)
	tb.Cleanup(transport.CloseIdleConnections)
	return newSenderOn(tb, gmail.Config{Tokens: source(tb, s.Fake, s.TokenURL), Endpoint: s.URL, Transport: transport})
}

func newSenderOn(tb testing.TB, c gmail.Config) *gmail.Sender {
	tb.Helper()
	sender, err := gmail.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	return sender
}

// compose is a message with an attachment of size bytes, if size is not 0.
func compose(tb testing.TB, id string, size int) *mailer.Message {
	tb.Helper()
	d := mailer.Draft{
		MailID: id, From: mailer.Address{Address: mailertest.DefaultAddress}, To: []mailer.Address{{Name: "Ada", Address: "ada@example.org"}},
		Content: mailer.Content{Subject: "Grüße", Text: "Hello Ada", HTML: "<p>Hello Ada</p>"},
		Thread:  mailer.Thread{ID: "18c2f0a3b1d4aaaa"},
		Date:    time.Date(2026, 3, 7, 18, 0, 0, 0, time.UTC),
	}
	if size > 0 {
		d.Attachments = []mailer.Attachment{{Name: "a.bin", Type: "application/octet-stream", Content: bytes.Repeat([]byte("postroom"), size/8)}}
	}
	m, err := mailer.Compose(d)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func contentOf(tb testing.TB, m *mailer.Message) []byte {
	tb.Helper()
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// failure is the *mailer.Error that a Send must have ended with.
func failure(t *testing.T, err error) *mailer.Error {
	t.Helper()
	e, ok := errors.AsType[*mailer.Error](err)
	if !ok {
		t.Fatalf("got %T %v, want a *mailer.Error", err, err)
	}
	return e
}

func TestIsASender(t *testing.T) {
	t.Parallel()
	mailertest.TestSender(t, func(t *testing.T) (mailer.Sender, func() int) {
		t.Helper()
		s := mailertest.NewServer(t)
		return newSender(t, s), func() int { return s.Counts().Accepted }
	})
}

func TestSend(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		size int
		form mailertest.Form
	}{
		{0, mailertest.FormRaw},
		{3_000_000, mailertest.FormRaw},       // 4,107,000 bytes with base64, little under 4 MiB.
		{3_080_000, mailertest.FormMultipart}, // 4,216,000.
		{12 << 20, mailertest.FormMultipart},  // 17 MB, beyond where Google's client turns to several requests.
		{25_500_000, mailertest.FormMultipart},
	} {
		t.Run(strconv.Itoa(c.size), func(t *testing.T) {
			t.Parallel()
			s := mailertest.NewServer(t)
			m := compose(t, "order-1", c.size)
			sent, err := newSender(t, s).Send(t.Context(), m)
			if err != nil {
				t.Fatal(err)
			}
			accepted := s.AcceptedByMailID("order-1")
			if len(accepted) != 1 {
				t.Fatalf("accepted %d times", len(accepted))
			}
			a := accepted[0]
			if sent.ID != a.ID || sent.ThreadID != "18c2f0a3b1d4aaaa" || a.ThreadID != sent.ThreadID {
				t.Errorf("receipt %+v, accepted as %s in thread %s", sent, a.ID, a.ThreadID)
			}
			if a.Form != c.form || !bytes.Equal(a.Raw, contentOf(t, m)) {
				t.Errorf("%d bytes came as %s, %d bytes", m.Size(), a.Form, len(a.Raw))
			}
			if counts := s.Counts(); counts.Sends != 1 || counts.Resumable != 0 {
				t.Errorf("counts %+v, want one request", counts)
			}
		})
	}
}

func TestSendWithoutThread(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t)
	for _, size := range []int{0, 4 << 20} {
		m := compose(t, strconv.Itoa(size), size)
		m.ThreadID = ""
		sent, err := newSender(t, s).Send(t.Context(), m)
		if err != nil || sent.ThreadID != sent.ID {
			t.Errorf("%d: got %+v, %v, want a thread of its own", size, sent, err)
		}
	}
}

func TestUnauthorizedOnce(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t)
	sender := newSender(t, s)
	if _, err := sender.Send(t.Context(), compose(t, "first", 0)); err != nil {
		t.Fatal(err)
	}
	s.ExpireTokens(mailertest.DefaultAddress)
	if _, err := sender.Send(t.Context(), compose(t, "second", 0)); err != nil {
		t.Errorf("with an access token that had ended: %v", err)
	}
	if c := s.Counts(); c.Sends != 3 || c.Tokens != 2 || c.Answers[http.StatusUnauthorized] != 1 {
		t.Errorf("counts %+v", c)
	}
	s.Script(mailertest.Unauthorized(), mailertest.Unauthorized())
	_, err := sender.Send(t.Context(), compose(t, "third", 0))
	if e := failure(t, err); e.Class != mailer.Blocked || e.Code != http.StatusUnauthorized || e.Confirmed || !strings.Contains(e.Remedy, "worker auth login") {
		t.Errorf("twice: %+v", e)
	}
	if c := s.Counts(); c.Sends != 5 || c.Tokens != 3 {
		t.Errorf("counts %+v, want two requests and one refresh more", c)
	}
	// Between the two the refresh token may turn out dead.
	s.Script(mailertest.Unauthorized())
	s.ScriptTokens(mailertest.OAuthError("invalid_grant", "Token has been expired or revoked."))
	_, err = sender.Send(t.Context(), compose(t, "fourth", 0))
	if e := failure(t, err); e.Class != mailer.Blocked || !e.Confirmed || e.Reason != "invalid_grant" {
		t.Errorf("with a dead refresh token: %+v", e)
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t)
	tokens := source(t, s.Fake, s.TokenURL)
	for _, endpoint := range []string{"", "https://gmail.example.com", "http://localhost:1/", "http://127.0.0.1:1", "http://[::1]:1/some/path"} {
		if _, err := gmail.New(gmail.Config{Tokens: tokens, Endpoint: endpoint}); err != nil {
			t.Errorf("%q: %v", endpoint, err)
		}
	}
	for _, endpoint := range []string{
		"http://gmail.googleapis.com", "http://127.0.0.1.example.com", "http://10.0.0.1", "ftp://localhost", "gmail.googleapis.com",
		"https://me:hush@gmail.example.com", "https://", "https://x/?q=hush", "http://%zz hush",
	} {
		if _, err := gmail.New(gmail.Config{Tokens: tokens, Endpoint: endpoint}); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%q: got %v, want it refused without a secret", endpoint, err)
		}
	}
	if _, err := gmail.New(gmail.Config{}); err == nil {
		t.Error("a Sender without tokens")
	}
}

// TestEndpointPath holds what Google's client does too: an endpoint's path goes
// before the API's, and uploads start at the host's root.
func TestEndpointPath(t *testing.T) {
	t.Parallel()
	fake := mailertest.NewServer(t)
	var mu sync.Mutex
	var paths []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		paths = append(paths, r.URL.Path)
		mu.Unlock()
		_, _ = w.Write([]byte(`{"id":"1","threadId":"1"}`))
	}))
	t.Cleanup(s.Close)
	sender := newSenderOn(t, gmail.Config{Tokens: source(t, fake.Fake, fake.TokenURL), Endpoint: s.URL + "/proxy"})
	for _, size := range []int{0, 4 << 20} {
		if _, err := sender.Send(t.Context(), compose(t, "x", size)); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := fmt.Sprint(paths), "[/proxy/gmail/v1/users/me/messages/send /upload/gmail/v1/users/me/messages/send]"; got != want {
		t.Errorf("asked %s, want %s", got, want)
	}
}

func TestSendTimeout(t *testing.T) {
	t.Parallel()
	for size, want := range map[int64]time.Duration{
		0: 30 * time.Second, 1: 31 * time.Second, 128 << 10: 31 * time.Second, 128<<10 + 1: 32 * time.Second, mailer.MaxSize: 310 * time.Second,
	} {
		if got := gmail.SendTimeout(size); got != want {
			t.Errorf("%d bytes: %s, want %s", size, got, want)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		m := compose(t, "x", 1<<20)
		sender := newSenderOn(t, gmail.Config{Tokens: fixed("token"), Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})})
		begun := time.Now()
		_, err := sender.Send(context.Background(), m)
		if took := time.Since(begun); took != gmail.SendTimeout(m.Size()) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("ended after %s with %v", took, err)
		}
	})
}

// fixed is an access token that never ends, for tests without a fake.
type fixed string

func (f fixed) Token(context.Context) (string, error) { return string(f), nil }
func (fixed) Invalidate(string)                       {}

// roundTrip is an http.RoundTripper that needs no network.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
