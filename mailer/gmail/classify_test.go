package gmail_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/api/googleapi"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/gmail"
	"github.com/postroom/postroom/mailer/mailertest"
)

// now is the time of these tests, and later one that Gmail names.
var (
	now   = time.Date(2026, 3, 7, 18, 3, 0, 0, time.UTC)
	later = time.Date(2026, 3, 7, 18, 3, 15, 961_000_000, time.UTC)
)

// row is a row of the table "What an answer means" in the design.
type row struct {
	fault    mailertest.Fault
	class    mailer.Class
	code     int
	reason   string
	text     string // Within the error's text.
	remedy   string // Within the remedy.
	retryAt  time.Time
	accepted int
}

func rows() []row {
	const unnamed = "without a message"
	html := func(code int) mailertest.Fault { return mailertest.Answer(code, "text/html", "<p>quota exceeded</p>") }
	json := func(code int, body string) mailertest.Fault { return mailertest.Answer(code, "application/json", body) }
	return []row{
		{fault: mailertest.Cut(), class: mailer.Unknown, text: "EOF"},
		{fault: mailertest.Reset(), class: mailer.Unknown, text: "no answer from Gmail"},
		{fault: mailertest.AcceptThenCut(), class: mailer.Unknown, text: "EOF", accepted: 1},
		{fault: mailertest.AcceptThenBrokenJSON(), class: mailer.Unknown, code: 200, accepted: 1},
		{fault: mailertest.AcceptThenCutAnswer(), class: mailer.Unknown, code: 200, accepted: 1},
		{fault: mailertest.AcceptThen(json(200, `{"threadId":"1"}`)), class: mailer.Unknown, code: 200, text: "no message ID", accepted: 1},
		{fault: mailertest.AcceptThen(json(200, `{"id":7}`)), class: mailer.Unknown, code: 200, accepted: 1},
		{fault: mailertest.AcceptThen(html(200)), class: mailer.Unknown, code: 200, accepted: 1},
		{fault: mailertest.AcceptThen(json(202, ``)), class: mailer.Unknown, code: 202, accepted: 1},
		{fault: mailertest.AcceptThen(json(204, ``)), class: mailer.Unknown, code: 204, accepted: 1},

		{fault: mailertest.InternalError(), class: mailer.Temporary, code: 500, reason: "backendError", text: "Backend Error"},
		{fault: mailertest.BackendError(), class: mailer.Temporary, code: 503, reason: "backendError"},
		{fault: mailertest.BadGateway(), class: mailer.Temporary, code: 502, text: unnamed},
		{fault: mailertest.AcceptThen503(), class: mailer.Temporary, code: 503, reason: "backendError", accepted: 1},
		{fault: mailertest.CutAnswer(mailertest.BackendError()), class: mailer.Temporary, code: 503},
		{fault: json(599, `{"error":{"code":400,"message":"x","errors":[{"reason":"invalidArgument"}]}}`), class: mailer.Temporary, code: 599, reason: "invalidArgument"},
		{fault: json(304, ``), class: mailer.Temporary, code: 304},
		{fault: html(302), class: mailer.Temporary, code: 302, text: unnamed},
		{fault: html(408), class: mailer.Temporary, code: 408},
		{fault: html(421), class: mailer.Temporary, code: 421},
		{fault: html(425), class: mailer.Temporary, code: 425},
		{fault: mailertest.CutAnswer(mailertest.InvalidArgument("Invalid To header")), class: mailer.Temporary, code: 400},
		{fault: mailertest.CutAnswer(mailertest.InsufficientPermissions()), class: mailer.Temporary, code: 403},

		{fault: mailertest.TooManyRequests(later), class: mailer.Throttled, code: 429, reason: "rateLimitExceeded", retryAt: later},
		{fault: mailertest.TooManyRequests(now.Add(-time.Minute)), class: mailer.Throttled, code: 429, reason: "rateLimitExceeded"},
		{fault: mailertest.TooManyRequests(now.AddDate(9, 0, 0)), class: mailer.Throttled, code: 429, reason: "rateLimitExceeded", retryAt: now.Add(24 * time.Hour)},
		{fault: mailertest.TooManyRequestsNoTime(), class: mailer.Throttled, code: 429, reason: "rateLimitExceeded", text: "Resource has been exhausted"},
		{fault: mailertest.TooManyRequestsRetryAfter("30"), class: mailer.Throttled, code: 429, reason: "rateLimitExceeded", retryAt: now.Add(30 * time.Second)},
		{
			fault: mailertest.TooManyRequestsRetryAfter(now.Add(time.Minute).Format(http.TimeFormat)), class: mailer.Throttled, code: 429,
			reason: "rateLimitExceeded", retryAt: now.Add(time.Minute),
		},
		{fault: mailertest.TooManyConcurrent(), class: mailer.Throttled, code: 429, reason: "rateLimitExceeded", text: "Too many concurrent requests for user"},
		{fault: html(429), class: mailer.Throttled, code: 429},
		{fault: mailertest.CutAnswer(mailertest.TooManyConcurrent()), class: mailer.Throttled, code: 429},
		{fault: mailertest.ForbiddenRate(later), class: mailer.Throttled, code: 403, reason: "rateLimitExceeded", retryAt: later},
		{fault: mailertest.ForbiddenUserRate(), class: mailer.Throttled, code: 403, reason: "userRateLimitExceeded"},
		{fault: mailertest.ForbiddenDaily(), class: mailer.Throttled, code: 403, reason: "dailyLimitExceeded"},
		{fault: json(403, `{"error":{"code":403,"message":"x","errors":[{"reason":"quotaExceeded"}]}}`), class: mailer.Throttled, code: 403, reason: "quotaExceeded"},
		{fault: json(403, `{"error":{"code":403,"message":"User Rate Limit Exceeded","errors":[{"reason":"forbidden"}]}}`), class: mailer.Throttled, code: 403, reason: "forbidden"},
		{fault: mailertest.ForbiddenQuota(), class: mailer.Throttled, code: 403, reason: "forbidden", text: "Quota exceeded for quota metric"},
		{
			fault: json(403, `{"error":{"code":403,"message":"x","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"RATE_LIMIT_EXCEEDED"}]}}`),
			class: mailer.Throttled, code: 403, reason: "RATE_LIMIT_EXCEEDED",
		},

		{fault: mailertest.InsufficientPermissions(), class: mailer.Blocked, code: 403, reason: "insufficientPermissions", remedy: "worker auth login"},
		{
			fault: json(403, `{"error":{"code":403,"message":"x","status":"PERMISSION_DENIED","details":[{"reason":7},"x",{"reason":"ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]}}`),
			class: mailer.Blocked, code: 403, reason: "ACCESS_TOKEN_SCOPE_INSUFFICIENT", remedy: "worker auth login",
		},
		{fault: mailertest.AccessNotConfigured(), class: mailer.Blocked, code: 403, reason: "accessNotConfigured", remedy: "https://console.cloud.google.com/apis/library/gmail.googleapis.com"},
		{
			fault: json(403, `{"error":{"code":403,"message":"x","details":[{"reason":"SERVICE_DISABLED"}]}}`),
			class: mailer.Blocked, code: 403, reason: "SERVICE_DISABLED", remedy: "https://console.cloud.google.com/apis/library/gmail.googleapis.com",
		},
		{fault: mailertest.DomainPolicy(), class: mailer.Blocked, code: 403, reason: "domainPolicy", remedy: "administrator"},
		{fault: mailertest.MailServiceNotEnabled(), class: mailer.Blocked, code: 400, reason: "failedPrecondition", text: "Mail service not enabled", remedy: "mail.google.com"},
		{fault: mailertest.PreconditionFailed(), class: mailer.Blocked, code: 400, reason: "failedPrecondition", remedy: "mail.google.com"},
		{fault: json(400, `{"error":{"code":400,"message":"x","status":"FAILED_PRECONDITION"}}`), class: mailer.Blocked, code: 400, reason: "FAILED_PRECONDITION", remedy: "mail.google.com"},
		{fault: json(400, `{"error":{"code":400,"message":"Mail service not enabled"}}`), class: mailer.Blocked, code: 400, remedy: "mail.google.com"},

		{fault: mailertest.InvalidArgument("Recipient address required"), class: mailer.Permanent, code: 400, reason: "invalidArgument", text: "Recipient address required"},
		{fault: mailertest.InvalidArgument("Invalid To header: ada@example.org"), class: mailer.Permanent, code: 400, reason: "invalidArgument", text: "Invalid To header: ***@example.org"},
		{fault: mailertest.InvalidArgument("Header X-Note: quota exceeded, rate limit exceeded, retry after lunch"), class: mailer.Permanent, code: 400, reason: "invalidArgument"},
		{fault: mailertest.TooLarge(), class: mailer.Permanent, code: 413, reason: "uploadTooLarge"},
		{fault: html(400), class: mailer.Permanent, code: 400, text: "answered 400 Bad Request, " + unnamed},
		{fault: html(403), class: mailer.Permanent, code: 403},
		{fault: html(404), class: mailer.Permanent, code: 404},
		{fault: json(403, `{"error":{"code":403,"message":"no","errors":[{"reason":"forbidden"}]}}`), class: mailer.Permanent, code: 403, reason: "forbidden"},
		{fault: json(400, `[{"error":{"code":400,"message":"in a list","errors":[{"reason":"invalidArgument"}]}}]`), class: mailer.Permanent, code: 400, reason: "invalidArgument", text: "in a list"},
		{fault: json(400, `{"error":"text"}`), class: mailer.Permanent, code: 400, text: unnamed},
	}
}

// TestWhatAnAnswerMeans is the table, over HTTP.
func TestWhatAnAnswerMeans(t *testing.T) {
	t.Parallel()
	for i, c := range rows() {
		t.Run(fmt.Sprintf("%d %s", i, c.fault), func(t *testing.T) {
			t.Parallel()
			s := mailertest.NewServer(t)
			transport := gmail.NewTransport(1)
			t.Cleanup(transport.CloseIdleConnections)
			sender := newSenderOn(t, gmail.Config{
				Tokens: source(t, s.Fake, s.TokenURL), Endpoint: s.URL, Transport: transport, Now: func() time.Time { return now },
			})
			// The first mail opens the connection: net/http replays requests
			// on reused ones alone.
			if _, err := sender.Send(t.Context(), compose(t, "first", 0)); err != nil {
				t.Fatal(err)
			}
			s.Script(c.fault)
			_, err := sender.Send(t.Context(), compose(t, "x", 0))
			e := failure(t, err)
			if e.Class != c.class || e.Code != c.code || e.Reason != c.reason || !strings.Contains(e.Text, c.text) {
				t.Errorf("got %s, want %s %d %s: %s", e, c.class, c.code, c.reason, c.text)
			}
			if !e.RetryAt.Equal(c.retryAt) {
				t.Errorf("retry at %s, want %s", e.RetryAt, c.retryAt)
			}
			if (e.Remedy == "") != (c.class != mailer.Blocked) || !strings.Contains(e.Remedy, c.remedy) || e.Confirmed {
				t.Errorf("remedy %q, confirmed %t, want %q", e.Remedy, e.Confirmed, c.remedy)
			}
			if e.Text == "" || e.Err == nil && e.Code == 0 {
				t.Errorf("%#v has no text or no cause", e)
			}
			if n := s.CountByMailID("x"); n != c.accepted {
				t.Errorf("accepted %d times, want %d", n, c.accepted)
			}
			if n := s.Counts().Sends; n != 2 {
				t.Errorf("%d requests for two mails", n)
			}
		})
	}
}

// TestTokenErrors is what the token endpoint may say: no byte of the mail left.
func TestTokenErrors(t *testing.T) {
	t.Parallel()
	jwtStyle := mailertest.Answer(http.StatusUnauthorized, "text/plain", `{"error":"unauthorized_client","error_description":"Client is unauthorized."}`)
	for _, c := range []struct {
		fault  mailertest.Fault
		class  mailer.Class
		code   int
		reason string
		remedy string
	}{
		{mailertest.OAuthError("invalid_grant", "Token has been expired or revoked."), mailer.Blocked, 400, "invalid_grant", "worker auth login"},
		{mailertest.OAuthError("invalid_client", "The OAuth client was not found."), mailer.Blocked, 401, "invalid_client", "take its JSON anew from https://console.cloud.google.com/apis/credentials"},
		{mailertest.OAuthError("unauthorized_client", "Unauthorized"), mailer.Blocked, 401, "unauthorized_client", "delegation"},
		{mailertest.OAuthError("deleted_client", ""), mailer.Blocked, 400, "deleted_client", "worker auth login"},
		{mailertest.OAuthError("invalid_scope", ""), mailer.Blocked, 400, "invalid_scope", "worker auth login"},
		{jwtStyle, mailer.Blocked, 401, "unauthorized_client", "delegation"},
		{mailertest.OAuthError("temporarily_unavailable", ""), mailer.Unreachable, 400, "temporarily_unavailable", ""},
		{mailertest.OAuthError("server_error", ""), mailer.Unreachable, 400, "server_error", ""},
		{mailertest.Answer(408, "application/json", `{"error":"invalid_grant"}`), mailer.Unreachable, 408, "invalid_grant", ""},
		{mailertest.BackendError(), mailer.Unreachable, 503, "", ""},
		{mailertest.BadGateway(), mailer.Unreachable, 502, "", ""},
		{mailertest.Answer(500, "application/json", `{"error":"internal_failure"}`), mailer.Unreachable, 500, "internal_failure", ""},
		{mailertest.Answer(404, "text/html", "<p>not here"), mailer.Unreachable, 404, "", ""},
		{mailertest.Answer(429, "application/json", `{"error":"rate_limit_exceeded"}`), mailer.Unreachable, 429, "rate_limit_exceeded", ""},
		{mailertest.Answer(200, "application/json", `{"access_token":`), mailer.Unreachable, 0, "", ""},
		{mailertest.Answer(200, "application/json", `{}`), mailer.Unreachable, 0, "", ""},
		{mailertest.Cut(), mailer.Unreachable, 0, "", ""},
	} {
		t.Run(c.fault.String()+" "+c.reason, func(t *testing.T) {
			t.Parallel()
			s := mailertest.NewServer(t)
			s.ScriptTokens(c.fault)
			_, err := newSender(t, s).Send(t.Context(), compose(t, "x", 0))
			e := failure(t, err)
			if e.Class != c.class || e.Code != c.code || e.Reason != c.reason {
				t.Errorf("got %s, want %s %d %s", e, c.class, c.code, c.reason)
			}
			if blocked := c.class == mailer.Blocked; e.Confirmed != blocked || (e.Remedy != "") != blocked || !strings.Contains(e.Remedy, c.remedy) {
				t.Errorf("confirmed %t, remedy %q, want %q", e.Confirmed, e.Remedy, c.remedy)
			}
			if c := s.Counts(); c.Sends != 0 || c.Tokens != 1 {
				t.Errorf("counts %+v, want one token request and no send", c)
			}
		})
	}
}

// TestTokenRetryAt holds that the token endpoint, too, may name a time.
func TestTokenRetryAt(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t)
	s.ScriptTokens(mailertest.TooManyRequestsRetryAfter("30"))
	sender := newSenderOn(t, gmail.Config{Tokens: source(t, s.Fake, s.TokenURL), Endpoint: s.URL, Now: func() time.Time { return now }})
	_, err := sender.Send(t.Context(), compose(t, "x", 0))
	if e := failure(t, err); e.Class != mailer.Unreachable || !e.RetryAt.Equal(now.Add(30*time.Second)) {
		t.Errorf("got %v, retry at %s", e, e.RetryAt)
	}
}

// TestErrorsKeepSecrets looks at all that an error shows, where the answer
// repeats the address and the token.
func TestErrorsKeepSecrets(t *testing.T) {
	t.Parallel()
	const token = "ya29.a0hush-hush"
	for _, body := range []string{
		`{"error":{"message":"no ada@example.org, \"ada lovelace\"@example.org, <ada@example.org>: Bearer ` + token + `","errors":[{"reason":"ada@example.org ` + token + `"}]}}`,
		`{"error":{"message":"` + strings.Repeat("é", 140) + ` ada@example.org ` + token + `"}}`,
		`<html>` + token + ` ada@example.org`,
		`Bearer  ` + token,
		`{"error":{"message":"client_id=x&refresh_token=1%2F%2F0hush&token=1%2f%2f0hush and 1//0hush"}}`,
	} {
		for _, status := range []int{200, 302, 400, 401, 403, 429, 500} {
			sender := newSenderOn(t, gmail.Config{Tokens: fixed(token), Transport: answering(status, nil, body)})
			_, err := sender.Send(t.Context(), compose(t, "x", 0))
			e := failure(t, err)
			shown := e.Error() + e.Text + e.Reason + e.Remedy
			for _, secret := range []string{"hush", "ada@", "lovelace"} {
				if strings.Contains(shown, secret) {
					t.Errorf("%d %q: the error shows %q: %s", status, body, secret, shown)
				}
			}
			if len(e.Text) > 300 {
				t.Errorf("%d: the text has %d bytes", status, len(e.Text))
			}
		}
	}
}

// TestGoogleError holds that callers who know Google's type find it, with the
// status that came and not the one that the body speaks of.
func TestGoogleError(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t)
	s.Script(mailertest.InvalidArgument("Invalid To header"))
	_, err := newSender(t, s).Send(t.Context(), compose(t, "x", 0))
	if e, ok := errors.AsType[*googleapi.Error](err); !ok || e.Code != http.StatusBadRequest || e.Errors[0].Reason != "invalidArgument" {
		t.Errorf("got %v", err)
	}
	s.Script(mailertest.Answer(http.StatusServiceUnavailable, "application/json", `{"error":{"code":400,"message":"x"}}`))
	_, err = newSender(t, s).Send(t.Context(), compose(t, "x", 0))
	if e, ok := errors.AsType[*googleapi.Error](err); !ok || e.Code != http.StatusServiceUnavailable {
		t.Errorf("a 503 that says 400: got %v", err)
	}
}
