package gmail_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/gmail"
)

// answering is a transport that always gives the same answer.
func answering(status int, header http.Header, body string) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return nil, err
		}
		return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	})
}

// FuzzAnswer has Gmail answer anything. Whatever it is, it has one class, which
// agrees with the status, and an error that can be shown.
func FuzzAnswer(f *testing.F) {
	f.Add(200, `{"id":"18c2f0a3b1d4e5f6","threadId":"18c2f0a3b1d4e5f6"}`)
	f.Add(429, `{"error":{"code":429,"message":"User-rate limit exceeded.  Retry after 2026-03-07T18:03:15.961Z (Mail sending)","errors":[{"reason":"rateLimitExceeded"}]}}`)
	f.Add(403, `{"error":{"details":[{"reason":"SERVICE_DISABLED"},7,null]}}`)
	f.Add(400, `[{"error":{"status":"FAILED_PRECONDITION","message":"a@b"}}]`)
	f.Add(400, `[null]`)
	f.Add(502, "<html>\xff")
	m := compose(f, "x", 0)
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 200 || status > 999 {
			return
		}
		sender := newSenderOn(t, gmail.Config{Tokens: fixed("token"), Transport: answering(status, nil, body), Now: func() time.Time { return now }})
		sent, err := sender.Send(t.Context(), m)
		if err == nil {
			if status > 299 || sent.ID == "" || !json.Valid([]byte(body)) {
				t.Errorf("%d %q was taken for a receipt, %+v", status, body, sent)
			}
			return
		}
		e, ok := errors.AsType[*mailer.Error](err)
		if !ok {
			t.Fatalf("got %T", err)
		}
		if want := allowed(status); !strings.Contains(want, e.Class.String()) {
			t.Errorf("%d %q: class %s, want %s", status, body, e.Class, want)
		}
		for _, text := range []string{e.Text, e.Reason} {
			if len(text) > 300 || !utf8.ValidString(text) || strings.ContainsAny(text, "\n\r\x00\x1b") {
				t.Errorf("%d %q: the error shows %q", status, body, text)
			}
		}
		if e.Code != status || e.Text == "" || (e.Class == mailer.Blocked) != (e.Remedy != "") {
			t.Errorf("%d %q: got %#v", status, body, e)
		}
		if !e.RetryAt.IsZero() && (!e.RetryAt.After(now) || e.RetryAt.After(now.Add(24*time.Hour))) {
			t.Errorf("%d %q: retry at %s", status, body, e.RetryAt)
		}
	})
}

// allowed lists the classes that a status may have.
func allowed(status int) string {
	switch {
	case status < 300:
		return "unknown"
	case status < 400 || status >= 500:
		return "temporary"
	case status == 429:
		return "throttled"
	case status == 401:
		return "blocked"
	case status == 400 || status == 403:
		return "blocked throttled permanent"
	default:
		return "permanent temporary throttled"
	}
}

// FuzzRetryAt feeds the readers of both times.
func FuzzRetryAt(f *testing.F) {
	f.Add("30", "Retry after 2026-03-07T18:03:15.961Z")
	f.Add("Sat, 07 Mar 2026 18:04:00 GMT", "retry after 2026-03-07T18:03:15+05:30 and Retry after 2026-03-07T18:05:00Z")
	f.Add("-1", "Retry after 2026-99-99T99:99:99Z")
	f.Add("99999999999999999999", "Retry after 0001-01-01T00:00:00Z")
	m := compose(f, "x", 0)
	f.Fuzz(func(t *testing.T, header, text string) {
		body, err := json.Marshal(map[string]any{"error": map[string]any{"message": text}})
		if err != nil {
			t.Fatal(err)
		}
		sender := newSenderOn(t, gmail.Config{
			Tokens: fixed("token"), Now: func() time.Time { return now },
			Transport: answering(429, http.Header{"Retry-After": {header}}, string(body)),
		})
		_, err = sender.Send(t.Context(), m)
		e, ok := errors.AsType[*mailer.Error](err)
		if !ok || e.Class != mailer.Throttled {
			t.Fatalf("got %v", err)
		}
		if !e.RetryAt.IsZero() && (!e.RetryAt.After(now) || e.RetryAt.After(now.Add(24*time.Hour))) {
			t.Errorf("%q %q: retry at %s", header, text, e.RetryAt)
		}
	})
}

func TestRetryAt(t *testing.T) {
	t.Parallel()
	second := func(n int) time.Time { return now.Add(time.Duration(n) * time.Second) }
	for _, c := range []struct {
		header, text string
		want         time.Time
	}{
		{"", "", time.Time{}},
		{"30", "", second(30)},
		{"30", "Retry after 2026-03-07T18:03:20.000Z", second(30)},
		{"10", "Retry after 2026-03-07T18:03:20.000Z", second(20)},
		{"", "User-rate limit exceeded.  Retry after 2026-03-07T18:03:20.500Z (Mail sending)", second(20).Add(500 * time.Millisecond)},
		{"", "retry after 2026-03-07T20:03:20+02:00.", second(20)},
		{"", "Retry after 2026-03-07T18:03:20Z or Retry after 2026-03-07T18:03:40Z", second(40)},
		{"Sat, 07 Mar 2026 18:04:00 GMT", "", second(60)},
		{"Sat, 07 Mar 2026 18:02:00 GMT", "Retry after 2026-03-07T18:02:00.000Z", time.Time{}},
		{"soon", "Retry after lunch", time.Time{}},
		{"-5", "Retry after 2026-13-07T18:03:20Z", time.Time{}},
		{"4294967295", "", second(24 * 3600)},
		{"99999999999", "", second(24 * 3600)},
		{"99999999999999999999999", "Retry after 2026-03-07T18:03:20Z", second(24 * 3600)},
	} {
		body, err := json.Marshal(map[string]any{"error": map[string]any{"message": c.text}})
		if err != nil {
			t.Fatal(err)
		}
		sender := newSenderOn(t, gmail.Config{
			Tokens: fixed("token"), Now: func() time.Time { return now },
			Transport: answering(429, http.Header{"Retry-After": {c.header}}, string(body)),
		})
		_, err = sender.Send(t.Context(), compose(t, "x", 0))
		if e := failure(t, err); e.RetryAt != c.want.UTC() {
			t.Errorf("%q %q: retry at %s, want %s", c.header, c.text, e.RetryAt, c.want)
		}
	}
}
