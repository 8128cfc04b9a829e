package mailertest_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/api/googleapi"

	"github.com/postroom/postroom/mailer/mailertest"
)

// TestFaults shows what Google's own client makes of each fault.
func TestFaults(t *testing.T) {
	t.Parallel()
	at := time.Date(2023, 3, 7, 18, 3, 15, 961_000_000, time.UTC)
	for _, c := range []struct {
		fault    mailertest.Fault
		code     int    // Of the googleapi.Error.
		reason   string // Of its first item.
		text     string // In its message.
		detail   string // In its details.
		accepted int
	}{
		{fault: mailertest.TooManyRequests(at), code: 429, reason: "rateLimitExceeded", text: "User-rate limit exceeded.  Retry after 2023-03-07T18:03:15.961Z"},
		{fault: mailertest.TooManyRequestsNoTime(), code: 429, reason: "rateLimitExceeded", text: "Resource has been exhausted (e.g. check quota)."},
		{fault: mailertest.TooManyRequestsRetryAfter("30"), code: 429, reason: "rateLimitExceeded", text: "Resource has been exhausted"},
		{fault: mailertest.TooManyConcurrent(), code: 429, reason: "rateLimitExceeded", text: "Too many concurrent requests for user"},
		{fault: mailertest.ForbiddenRate(at), code: 403, reason: "rateLimitExceeded", text: "Retry after 2023-03-07T18:03:15.961Z"},
		{fault: mailertest.ForbiddenUserRate(), code: 403, reason: "userRateLimitExceeded"},
		{fault: mailertest.ForbiddenDaily(), code: 403, reason: "dailyLimitExceeded"},
		{fault: mailertest.ForbiddenQuota(), code: 403, reason: "forbidden", text: "Quota exceeded for quota metric 'Queries'"},
		{fault: mailertest.InsufficientPermissions(), code: 403, reason: "insufficientPermissions", detail: "ACCESS_TOKEN_SCOPE_INSUFFICIENT"},
		{fault: mailertest.AccessNotConfigured(), code: 403, reason: "accessNotConfigured", detail: "SERVICE_DISABLED"},
		{fault: mailertest.DomainPolicy(), code: 403, reason: "domainPolicy"},
		{fault: mailertest.InvalidArgument("Invalid To header"), code: 400, reason: "invalidArgument", text: "Invalid To header"},
		{fault: mailertest.MailServiceNotEnabled(), code: 400, reason: "failedPrecondition", text: "Mail service not enabled"},
		{fault: mailertest.PreconditionFailed(), code: 400, reason: "failedPrecondition", text: "Precondition check failed."},
		{fault: mailertest.Unauthorized(), code: 401, reason: "authError", text: "Invalid Credentials"},
		{fault: mailertest.TooLarge(), code: 413, reason: "uploadTooLarge"},
		{fault: mailertest.InternalError(), code: 500, reason: "backendError"},
		{fault: mailertest.BackendError(), code: 503, reason: "backendError"},
		{fault: mailertest.BadGateway(), code: 502},
		{fault: mailertest.Answer(http.StatusTeapot, "text/plain", "no"), code: 418},
		{fault: mailertest.BackendError().After(time.Millisecond), code: 503, reason: "backendError"},
		{fault: mailertest.AcceptThen503(), code: 503, reason: "backendError", accepted: 1},
	} {
		t.Run(c.fault.String(), func(t *testing.T) {
			t.Parallel()
			s := mailertest.NewServer(t)
			s.Script(c.fault)
			service := client(t, s, s.Account(mailertest.DefaultAddress))
			_, err := send(t, service, message(text("x", "shop@example.com", "ada@example.org")))
			apiErr, ok := errors.AsType[*googleapi.Error](err)
			if !ok {
				t.Fatalf("the client saw %v", err)
			}
			if apiErr.Code != c.code || !strings.Contains(apiErr.Message, c.text) {
				t.Errorf("got %d %q, want %d %q", apiErr.Code, apiErr.Message, c.code, c.text)
			}
			if c.reason == "" && len(apiErr.Errors) > 0 || c.reason != "" && (len(apiErr.Errors) != 1 || apiErr.Errors[0].Reason != c.reason) {
				t.Errorf("errors %+v, want reason %q", apiErr.Errors, c.reason)
			}
			if details, _ := json.Marshal(apiErr.Details); !strings.Contains(string(details), c.detail) {
				t.Errorf("details %s, want %q", details, c.detail)
			}
			if n := s.CountByMailID("x"); n != c.accepted {
				t.Errorf("accepted %d times, want %d", n, c.accepted)
			}
			if counts := s.Counts(); counts.Sends != 1 || counts.Answers[c.code] != 1 {
				t.Errorf("counts %+v", counts)
			}
			if _, err := send(t, service, message(text("x", "shop@example.com", "ada@example.org"))); err != nil {
				t.Errorf("the next send: %v, want it to pass", err)
			}
		})
	}
}

// TestBrokenConnections shows what Google's client makes of an answer that
// does not come, or not whole.
func TestBrokenConnections(t *testing.T) {
	t.Parallel()
	syntax := func(err error) bool {
		_, ok := errors.AsType[*json.SyntaxError](err)
		return ok
	}
	netErr := func(err error) bool {
		_, ok := errors.AsType[*url.Error](err)
		return ok
	}
	wasReset := func(err error) bool { return netErr(err) && errors.Is(err, syscall.ECONNRESET) }
	eof := func(err error) bool { return netErr(err) && errors.Is(err, io.EOF) }
	halfway := func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }
	apiErr := func(err error) bool {
		e, ok := errors.AsType[*googleapi.Error](err)
		return ok && e.Code == 400 && len(e.Errors) == 0
	}
	for _, c := range []struct {
		fault    mailertest.Fault
		is       func(error) bool
		accepted int
		status   int
	}{
		{mailertest.Cut(), eof, 0, 0},
		{mailertest.Reset(), wasReset, 0, 0},
		{mailertest.AcceptThenCut(), eof, 1, 0},
		{mailertest.AcceptThen(mailertest.Reset()), wasReset, 1, 0},
		{mailertest.AcceptThenBrokenJSON(), syntax, 1, 200},
		{mailertest.AcceptThenCutAnswer(), halfway, 1, 200},
		{mailertest.CutAnswer(mailertest.InvalidArgument("Invalid To header")), apiErr, 0, 400},
	} {
		t.Run(c.fault.String(), func(t *testing.T) {
			t.Parallel()
			s := mailertest.NewServer(t)
			s.Script(c.fault)
			_, err := send(t, client(t, s, s.Account(mailertest.DefaultAddress)), message(text("x", "shop@example.com", "ada@example.org")))
			if err == nil || !c.is(err) {
				t.Errorf("the client saw %T %v", err, err)
			}
			if n := s.CountByMailID("x"); n != c.accepted {
				t.Errorf("accepted %d times, want %d", n, c.accepted)
			}
			if counts := s.Counts(); counts.Sends != 1 || counts.Answers[c.status] != 1 {
				t.Errorf("counts %+v", counts)
			}
		})
	}
}

func TestRetryAfterHeader(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t)
	s.Script(mailertest.TooManyRequestsRetryAfter("30"))
	_, err := send(t, client(t, s, s.Account(mailertest.DefaultAddress)), message(text("x", "shop@example.com", "ada@example.org")))
	apiErr, ok := errors.AsType[*googleapi.Error](err)
	if !ok || apiErr.Header.Get("Retry-After") != "30" {
		t.Errorf("the client saw %v", err)
	}
}

// TestSlow holds that a delay is one, that Close ends it, and whether the mail
// is taken before or after.
func TestSlow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fault    mailertest.Fault
		meantime int
	}{
		{mailertest.Slow(time.Hour), 0},
		{mailertest.AcceptThenSlow(time.Hour), 1},
	} {
		t.Run(c.fault.String(), func(t *testing.T) {
			t.Parallel()
			s := mailertest.NewServer(t)
			service := client(t, s, s.Account(mailertest.DefaultAddress))
			begun := make(chan struct{})
			s.Decide(func(mailertest.Request) mailertest.Fault {
				close(begun)
				return c.fault
			})
			answered := make(chan error, 1)
			go func() {
				_, err := send(t, service, message(text("x", "shop@example.com", "ada@example.org")))
				answered <- err
			}()
			<-begun
			for c.meantime > 0 && s.CountByMailID("x") == 0 {
				time.Sleep(time.Millisecond) // Until the fake has taken it.
			}
			if n := s.CountByMailID("x"); n != c.meantime {
				t.Errorf("accepted %d times while the client waits, want %d", n, c.meantime)
			}
			select {
			case err := <-answered:
				t.Errorf("answered at once: %v", err)
			default:
			}
			s.Fake.Close()
			if err := <-answered; err != nil {
				t.Errorf("after the delay: %v", err)
			}
			if n := s.CountByMailID("x"); n != 1 {
				t.Errorf("accepted %d times in the end, want 1", n)
			}
		})
	}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t, mailertest.WithFaults(func(r mailertest.Request) mailertest.Fault {
		if r.Account != mailertest.DefaultAddress || r.Size == 0 || r.PostroomID == "" || len(r.Recipients) != 2 {
			return mailertest.InvalidArgument("the request is not described")
		}
		if r.Attempt < 3 {
			return mailertest.BackendError()
		}
		return mailertest.Fault{}
	}))
	service := client(t, s, s.Account(mailertest.DefaultAddress))
	for attempt, want := range []int{503, 503, 200} {
		_, err := send(t, service, message(text("x", "shop@example.com", "ada@example.org")))
		if got := statusOf(err); got != want {
			t.Errorf("attempt %d: %v, want %d", attempt+1, err, want)
		}
	}
	s.Decide(nil)
	if _, err := send(t, service, message(text("y", "shop@example.com", "ada@example.org"))); err != nil {
		t.Errorf("without a function: %v", err)
	}
}

func TestMagicRecipients(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t, mailertest.WithFaults(mailertest.MagicRecipients))
	service := client(t, s, s.Account(mailertest.DefaultAddress))
	for to, want := range map[string]int{
		"temperror@example.org": 503, "permerror@example.org": 400, "ratelimit@example.org": 429,
		"cut@example.org": 0, "unknown@example.org": 0, "ada@example.org": 200,
	} {
		if _, err := send(t, service, message(text(to, "shop@example.com", to))); statusOf(err) != want {
			t.Errorf("to %s: %v, want %d", to, err, want)
		}
	}
	if n := s.CountByMailID("unknown@example.org"); n != 1 {
		t.Errorf("mail to unknown@ was taken %d times, want 1", n)
	}
	if n := s.CountByMailID("cut@example.org"); n != 0 {
		t.Errorf("mail to cut@ was taken %d times, want 0", n)
	}
	if got := mailertest.MagicRecipients(mailertest.Request{Recipients: []string{"ada@example.org", "slow@example.org"}}).String(); got != "slow 10s" {
		t.Errorf("mail to slow@ meets %q", got)
	}
}

// statusOf is the HTTP status that Google's client met, 0 where it met none.
func statusOf(err error) int {
	if err == nil {
		return http.StatusOK
	}
	if e, ok := errors.AsType[*googleapi.Error](err); ok {
		return e.Code
	}
	return 0
}
