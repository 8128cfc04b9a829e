package mailertest_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"
	"google.golang.org/api/gmail/v1"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/mailertest"
)

// client is Google's own Go client for an account of the fake.
func client(t *testing.T, s *mailertest.Server, a mailertest.Account) *gmail.Service {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	ctx := context.WithValue(t.Context(), oauth2.HTTPClient, &http.Client{Transport: transport})
	conf := oauth2.Config{
		ClientID: a.ClientID, ClientSecret: a.ClientSecret,
		Endpoint: oauth2.Endpoint{TokenURL: s.TokenURL, AuthStyle: oauth2.AuthStyleInParams},
	}
	service, err := gmail.NewService(ctx,
		option.WithHTTPClient(conf.Client(ctx, &oauth2.Token{RefreshToken: a.RefreshToken})), option.WithEndpoint(s.URL))
	if err != nil {
		t.Fatal(err)
	}
	return service
}

// text is a small message.
func text(id, from, to string) string {
	return "From: " + from + "\r\nTo: " + to + "\r\nBcc: hidden@example.org\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n" +
		"Message-ID: <ours@example.com>\r\nX-Postroom-ID: " + mailer.IDHash(id) + "\r\n\r\nHello\r\n"
}

func message(raw string) *gmail.Message {
	return &gmail.Message{Raw: base64.URLEncoding.EncodeToString([]byte(raw))}
}

func send(t *testing.T, service *gmail.Service, m *gmail.Message) (*gmail.Message, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	return service.Users.Messages.Send("me", m).Context(ctx).Do()
}

func TestSendRaw(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 7, 18, 3, 15, 0, time.UTC)
	s := mailertest.NewServer(t, mailertest.WithNow(func() time.Time { return now }))
	raw := text("order-1", "Shop <shop@example.com>", "Ada <ada@example.org>, bob@example.org")
	m := message(raw)
	m.ThreadId = "18c2f0a3b1d4aaaa"
	got, err := send(t, client(t, s, s.Account(mailertest.DefaultAddress)), m)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Id) != 16 || strings.Trim(got.Id, "0123456789abcdef") != "" {
		t.Errorf("id %q is not 16 hexadecimal digits", got.Id)
	}
	if got.ThreadId != m.ThreadId {
		t.Errorf("threadId %q, want the given %q", got.ThreadId, m.ThreadId)
	}
	accepted := s.AcceptedByMailID("order-1")
	if len(accepted) != 1 || s.CountByMailID("order-1") != 1 {
		t.Fatalf("accepted %d copies, counted %d, want 1", len(accepted), s.CountByMailID("order-1"))
	}
	a := accepted[0]
	if a.ID != got.Id || a.ThreadID != m.ThreadId || a.Account != mailertest.DefaultAddress || !a.At.Equal(now) {
		t.Errorf("accepted %+v does not fit the receipt %+v", a, got)
	}
	if string(a.Raw) != raw || a.Form != mailertest.FormRaw {
		t.Errorf("accepted as %s, %q", a.Form, a.Raw)
	}
	if want := []string{"ada@example.org", "bob@example.org", "hidden@example.org"}; strings.Join(a.Recipients, " ") != strings.Join(want, " ") {
		t.Errorf("recipients %q, want %q", a.Recipients, want)
	}
	if a.Subject() != "Grüße" {
		t.Errorf("subject %q", a.Subject())
	}
}

func TestGmailRewrites(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t, mailertest.WithAccount(mailertest.Account{
		Address: mailertest.DefaultAddress, Aliases: []string{"Billing@example.com"},
	}))
	service := client(t, s, s.Account(mailertest.DefaultAddress))
	for from, want := range map[string]string{
		"shop@example.com":              "shop@example.com",
		"Bills <billing@example.com>":   "billing@example.com",
		"Mallory <mallory@example.net>": "shop@example.com",
	} {
		if _, err := send(t, service, message(text(from, from, "ada@example.org"))); err != nil {
			t.Fatal(err)
		}
		a := s.AcceptedByMailID(from)[0]
		if a.From != want || !strings.Contains(a.Header.Get("From"), want) {
			t.Errorf("From %q went out as %q, header %q, want %q", from, a.From, a.Header.Get("From"), want)
		}
		if !strings.HasSuffix(a.MessageID, "@mail.gmail.com>") || a.Header.Get("Message-ID") != a.MessageID {
			t.Errorf("Message-ID %q, header %q, want Gmail's own", a.MessageID, a.Header.Get("Message-ID"))
		}
		if a.Header.Get("Bcc") != "" {
			t.Error("Bcc went out")
		}
	}
}

func TestSendMedia(t *testing.T) {
	t.Parallel()
	const size = 17 << 20
	s := mailertest.NewServer(t)
	service := client(t, s, s.Account(mailertest.DefaultAddress))
	raw := text("big", "shop@example.com", "ada@example.org") + strings.Repeat(strings.Repeat("x", 76)+"\r\n", size/78)
	upload := func(options ...googleapi.MediaOption) mailertest.AcceptedMail {
		t.Helper()
		options = append(options, googleapi.ContentType("message/rfc822"))
		_, err := service.Users.Messages.Send("me", &gmail.Message{ThreadId: "18c2f0a3b1d4bbbb"}).
			Media(strings.NewReader(raw), options...).Context(t.Context()).Do()
		if err != nil {
			t.Fatal(err)
		}
		all := s.AcceptedByMailID("big")
		return all[len(all)-1]
	}
	if a := upload(googleapi.ChunkSize(0)); a.Form != mailertest.FormMultipart || string(a.Raw) != raw || a.ThreadID != "18c2f0a3b1d4bbbb" {
		t.Errorf("in one request: came as %s, %d of %d bytes, thread %s", a.Form, len(a.Raw), len(raw), a.ThreadID)
	}
	if c := s.Counts(); c.Sends != 1 || c.Resumable != 0 {
		t.Errorf("in one request: %+v", c)
	}
	if a := upload(); a.Form != mailertest.FormResumable || string(a.Raw) != raw || a.ThreadID != "18c2f0a3b1d4bbbb" {
		t.Errorf("by the client's default: came as %s, %d of %d bytes, thread %s", a.Form, len(a.Raw), len(raw), a.ThreadID)
	}
	if c := s.Counts(); c.Sends != 4 || c.Resumable != 1 || c.Accepted != 2 {
		t.Errorf("by the client's default: %+v, want a start and two chunks more", c)
	}
}

// TestMediaAlone has no counterpart in Google's Go client.
func TestMediaAlone(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t)
	token := accessToken(t, s)
	post := func(contentType, body string) int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
			s.URL+"/upload/gmail/v1/users/me/messages/send?uploadType=media", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Content-Type", contentType)
		return do(t, req)
	}
	raw := text("m", "shop@example.com", "ada@example.org")
	if status := post("message/rfc822", raw); status != http.StatusOK {
		t.Errorf("message/rfc822: %d", status)
	}
	if a := s.AcceptedByMailID("m"); len(a) != 1 || a[0].Form != mailertest.FormMedia || string(a[0].Raw) != raw {
		t.Errorf("accepted %+v", a)
	}
	if status := post("image/png", raw); status != http.StatusBadRequest {
		t.Errorf("image/png: %d, want 400", status)
	}
	if status := post("message/rfc822", raw+strings.Repeat("x", mailer.MaxSize)); status != http.StatusRequestEntityTooLarge {
		t.Errorf("over the limit: %d, want 413", status)
	}
}

// TestResumableIsItsOwners has an account add to another's upload.
func TestResumableIsItsOwners(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t,
		mailertest.WithAccount(mailertest.Account{Address: "a@example.com"}), mailertest.WithAccount(mailertest.Account{Address: "b@example.com"}))
	tokens := map[string]string{}
	for _, address := range []string{"a@example.com", "b@example.com"} {
		tokens[address] = tokenOf(t, s, address)
	}
	request := func(method, url, address, body string) (int, http.Header) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+tokens[address])
		return answerTo(t, req)
	}
	_, begun := request(http.MethodPost, s.URL+"/upload/gmail/v1/users/me/messages/send?uploadType=resumable", "a@example.com", "{}")
	upload := begun.Get("Location")
	raw := text("m", "a@example.com", "ada@example.org")
	if status, _ := request(http.MethodPut, upload, "b@example.com", raw); status != http.StatusNotFound {
		t.Errorf("by another account: %d, want 404", status)
	}
	if status, _ := request(http.MethodPut, upload, "a@example.com", raw); status != http.StatusOK {
		t.Errorf("by its owner: %d", status)
	}
	if a := s.AcceptedByMailID("m"); len(a) != 1 || a[0].Account != "a@example.com" || string(a[0].Raw) != raw {
		t.Errorf("accepted %+v", a)
	}
}

// do makes a request and returns the status of its answer.
func do(t *testing.T, req *http.Request) int {
	t.Helper()
	status, _ := answerTo(t, req)
	return status
}

// answerTo makes a request and returns the status and the header of its answer.
func answerTo(t *testing.T, req *http.Request) (int, http.Header) {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header
}

// accessToken gets one from the fake's token endpoint.
func accessToken(t *testing.T, s *mailertest.Server) string {
	t.Helper()
	return tokenOf(t, s, mailertest.DefaultAddress)
}

func tokenOf(t *testing.T, s *mailertest.Server, address string) string {
	t.Helper()
	a := s.Account(address)
	token, err := refresh(t, s, a)
	if err != nil {
		t.Fatal(err)
	}
	return token.AccessToken
}

func refresh(t *testing.T, s *mailertest.Server, a mailertest.Account) (*oauth2.Token, error) {
	t.Helper()
	conf := oauth2.Config{
		ClientID: a.ClientID, ClientSecret: a.ClientSecret,
		Endpoint: oauth2.Endpoint{TokenURL: s.TokenURL, AuthStyle: oauth2.AuthStyleInParams},
	}
	return conf.TokenSource(t.Context(), &oauth2.Token{RefreshToken: a.RefreshToken}).Token()
}
