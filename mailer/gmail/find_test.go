package gmail_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/gmail"
	"github.com/postroom/postroom/mailer/mailertest"
)

// reading are an account's scopes with which its mail can be looked up.
var reading = []string{"https://www.googleapis.com/auth/gmail.send", "https://www.googleapis.com/auth/gmail.readonly"}

// newReader is a fake whose account has these scopes, and a Sender on it.
func newReader(t *testing.T, scopes []string, options ...mailertest.Option) (*mailertest.Server, *gmail.Sender) {
	t.Helper()
	s := mailertest.NewServer(t, append(options, mailertest.WithAccount(mailertest.Account{Address: mailertest.DefaultAddress, Scopes: scopes}))...)
	return s, newSender(t, s)
}

// soughtNow is a mail that may have left in the last minute.
func soughtNow(id string) mailer.Sought {
	return mailer.Sought{MailID: id, Recipients: []string{"ada@example.org"}, Since: time.Now().Add(-time.Minute), Until: time.Now()}
}

// clock is a fake's time.
type clock struct{ now atomic.Pointer[time.Time] }

func (c *clock) Now() time.Time   { return *c.now.Load() }
func (c *clock) set(to time.Time) { c.now.Store(&to) }

// mustFind is what a Find comes to.
func mustFind(t *testing.T, f mailer.Finder, s mailer.Sought) mailer.Found {
	t.Helper()
	found, err := f.Find(t.Context(), s)
	if err != nil {
		t.Fatalf("look %s up: %v", s.MailID, err)
	}
	return found
}

func TestIsAFinder(t *testing.T) {
	t.Parallel()
	mailertest.TestFinder(t, func(t *testing.T) (mailer.Finder, mailer.Sender) {
		t.Helper()
		_, sender := newReader(t, reading)
		return sender, sender
	})
}

// TestFindAfterEachFault looks mail up whose Send ended without a receipt. What
// Gmail took is found, by the ID that it has there, and what it did not is
// absent.
func TestFindAfterEachFault(t *testing.T) {
	t.Parallel()
	s, sender := newReader(t, reading)
	if _, err := sender.Send(t.Context(), compose(t, "another", 0)); err != nil {
		t.Fatal(err)
	}
	for _, fault := range []mailertest.Fault{
		mailertest.Cut(), mailertest.Reset(), mailertest.BackendError(), mailertest.BadGateway(), mailertest.TooManyRequestsNoTime(),
		mailertest.AcceptThenCut(), mailertest.AcceptThen503(), mailertest.AcceptThenBrokenJSON(), mailertest.AcceptThenCutAnswer(),
	} {
		id := fault.String()
		s.Script(fault)
		if _, err := sender.Send(t.Context(), compose(t, id, 0)); err == nil {
			t.Fatalf("%s: sent", id)
		}
		want := mailer.Found{Verdict: mailer.Absent}
		if accepted := s.AcceptedByMailID(id); len(accepted) > 0 {
			want = mailer.Found{Verdict: mailer.Present, Sent: mailer.Sent{ID: accepted[0].ID, ThreadID: accepted[0].ThreadID}}
		}
		if found := mustFind(t, sender, soughtNow(id)); found != want {
			t.Errorf("%s: found %+v, want %+v", id, found, want)
		}
	}
}

// TestFindByTimeAndRecipient holds which mail is looked at, by what is asked of
// Gmail: a get costs four times what a list does.
func TestFindByTimeAndRecipient(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 7, 18, 0, 0, 0, time.UTC)
	var clk clock
	clk.set(at)
	s, sender := newReader(t, reading, mailertest.WithTokenLifetime(24*time.Hour), mailertest.WithNow(clk.Now))
	if _, err := sender.Send(t.Context(), compose(t, "it", 0)); err != nil { // To ada@example.org.
		t.Fatal(err)
	}
	clk.set(at.Add(23 * time.Hour))
	for _, c := range []struct {
		name         string
		since, until time.Duration // From when it was sent.
		recipients   []string
		seen         bool
	}{
		{"its minute", -time.Minute, time.Minute, []string{"ada@example.org"}, true},
		{"another case", -time.Minute, time.Minute, []string{"Ada@Example.ORG", "bob@example.org"}, true},
		{"no end", -time.Minute, 0, []string{"ada@example.org"}, true},
		{"clocks that differ", 9 * time.Minute, 10 * time.Minute, []string{"ada@example.org"}, true},
		{"clocks that differ the other way", -10 * time.Minute, -9 * time.Minute, []string{"ada@example.org"}, true},
		{"no recipient", -time.Minute, time.Minute, nil, true},
		{"an address that is no word", -time.Minute, time.Minute, []string{`{o'neil}@example.org`, "-x@example.org", "a b@example.org"}, true},
		{"the first that is one", -time.Minute, time.Minute, []string{`"x"@example.org`, "bob@example.org"}, false},
		{"somebody else", -time.Minute, time.Minute, []string{"bob@example.org"}, false},
		{"later", 11 * time.Minute, 20 * time.Minute, []string{"ada@example.org"}, false},
		{"earlier", -20 * time.Minute, -11 * time.Minute, []string{"ada@example.org"}, false},
	} {
		before := s.Counts()
		sought := mailer.Sought{MailID: "it", Recipients: c.recipients, Since: at.Add(c.since), Until: at.Add(c.until)}
		if c.name == "no end" {
			sought.Until = time.Time{}
		}
		found := mustFind(t, sender, sought)
		if (found.Verdict == mailer.Present) != c.seen {
			t.Errorf("%s: %s", c.name, found.Verdict)
		}
		gets := 0
		if c.seen {
			gets = 1
		}
		if after := s.Counts(); after.Lists != before.Lists+1 || after.Gets != before.Gets+gets {
			t.Errorf("%s: counts %+v after %+v", c.name, after, before)
		}
	}
}

// TestFindCcAndBcc looks by whichever recipient comes first.
func TestFindCcAndBcc(t *testing.T) {
	t.Parallel()
	_, sender := newReader(t, reading)
	m, err := mailer.Compose(mailer.Draft{
		MailID: "it", From: mailer.Address{Address: mailertest.DefaultAddress}, Cc: []mailer.Address{{Address: "cc@example.org"}},
		Bcc: []mailer.Address{{Address: "bcc@example.org"}}, Content: mailer.Content{Text: "Hello"}, Date: time.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	sent, err := sender.Send(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"cc@example.org", "bcc@example.org"} {
		sought := soughtNow("it")
		sought.Recipients = []string{address}
		if found := mustFind(t, sender, sought); found.Verdict != mailer.Present || found.Sent != sent {
			t.Errorf("%s: found %+v, want %+v", address, found, sent)
		}
	}
}

// TestFindWithoutTheHeader holds that a candidate without our header decides
// nothing, neither for the mail itself nor for another one.
func TestFindWithoutTheHeader(t *testing.T) {
	t.Parallel()
	_, sender := newReader(t, reading, mailertest.WithoutXHeaders())
	if found := mustFind(t, sender, soughtNow("it")); found != (mailer.Found{Verdict: mailer.Absent}) {
		t.Errorf("nothing was sent: %+v", found)
	}
	if _, err := sender.Send(t.Context(), compose(t, "it", 0)); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"it", "another"} {
		if found := mustFind(t, sender, soughtNow(id)); found != (mailer.Found{Verdict: mailer.Undecided}) {
			t.Errorf("%s: %+v, want it undecided", id, found)
		}
	}
}

// TestFindLateInSent holds that absence is no more than what Sent shows now.
func TestFindLateInSent(t *testing.T) {
	t.Parallel()
	var clk clock
	clk.set(time.Now())
	_, sender := newReader(t, reading, mailertest.WithNow(clk.Now), mailertest.WithSentDelay(time.Minute))
	sent, err := sender.Send(t.Context(), compose(t, "it", 0))
	if err != nil {
		t.Fatal(err)
	}
	if found := mustFind(t, sender, soughtNow("it")); found != (mailer.Found{Verdict: mailer.Absent}) {
		t.Errorf("at once: %+v", found)
	}
	clk.set(clk.Now().Add(time.Minute))
	if found := mustFind(t, sender, soughtNow("it")); found != (mailer.Found{Verdict: mailer.Present, Sent: sent}) {
		t.Errorf("a minute later: %+v", found)
	}
}

// TestFindAmongMany holds the bound on what a look-up asks for. The newest mail
// comes first.
func TestFindAmongMany(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		page, mails int
		lists, gets int // For a mail that is not there.
		absent      bool
		oldest      bool // Is found.
	}{
		{page: 500, mails: 20, lists: 1, gets: 20, absent: true, oldest: true},
		{page: 500, mails: 21, lists: 1, gets: 20},
		{page: 7, mails: 20, lists: 3, gets: 20, absent: true, oldest: true},
		{page: 7, mails: 23, lists: 3, gets: 20},
		{page: 1, mails: 5, lists: 5, gets: 5, absent: true, oldest: true},
		{page: 1, mails: 6, lists: 5, gets: 5},
	} {
		t.Run(fmt.Sprintf("%d by %d", c.mails, c.page), func(t *testing.T) {
			t.Parallel()
			s, sender := newReader(t, reading, mailertest.WithShortPages(c.page))
			for i := range c.mails {
				if _, err := sender.Send(t.Context(), compose(t, strconv.Itoa(i), 0)); err != nil {
					t.Fatal(err)
				}
			}
			want := mailer.Found{Verdict: mailer.Undecided}
			if c.absent {
				want.Verdict = mailer.Absent
			}
			if found := mustFind(t, sender, soughtNow("it")); found != want {
				t.Errorf("found %+v, want %+v", found, want)
			}
			if n := s.Counts(); n.Lists != c.lists || n.Gets != c.gets {
				t.Errorf("counts %+v, want %d lists and %d gets", n, c.lists, c.gets)
			}
			if found := mustFind(t, sender, soughtNow(strconv.Itoa(c.mails-1))); found.Verdict != mailer.Present {
				t.Errorf("the newest: %+v", found)
			}
			if n := s.Counts(); n.Gets != c.gets+1 {
				t.Errorf("counts %+v: the newest took more than one get", n)
			}
			if found := mustFind(t, sender, soughtNow("0")); (found.Verdict == mailer.Present) != c.oldest {
				t.Errorf("the oldest: %+v", found)
			}
		})
	}
}

// lookUpRows are what may come of a look-up, with its class and whether it says
// how reading is allowed.
func lookUpRows() []row {
	html := func(code int) mailertest.Fault { return mailertest.Answer(code, "text/html", "<p>") }
	json := func(body string) mailertest.Fault { return mailertest.Answer(http.StatusOK, "application/json", body) }
	const withRead = "worker auth login --with-read"
	return []row{
		{fault: mailertest.Cut(), class: mailer.Temporary, text: "no answer from Gmail"},
		{fault: mailertest.Reset(), class: mailer.Temporary, text: "no answer from Gmail"},
		{fault: mailertest.BackendError(), class: mailer.Temporary, code: 503, reason: "backendError"},
		{fault: mailertest.BadGateway(), class: mailer.Temporary, code: 502},
		{fault: html(302), class: mailer.Temporary, code: 302},
		{fault: html(200), class: mailer.Temporary, code: 200, text: "cannot be read"},
		{fault: json(`{"messages":[{"id":"18`), class: mailer.Temporary, code: 200, text: "cannot be read"},
		{fault: json(`{"messages":[{"threadId":"1"}],"payload":7}`), class: mailer.Temporary, code: 200, text: "cannot be read"},
		{fault: mailertest.CutAnswer(json(`{"messages":[]}`)), class: mailer.Temporary, code: 200, text: "cannot be read"},
		{fault: mailertest.CutAnswer(mailertest.InsufficientPermissions()), class: mailer.Temporary, code: 403},

		{fault: mailertest.TooManyRequests(later), class: mailer.Throttled, code: 429, reason: "rateLimitExceeded", retryAt: later},
		{fault: mailertest.TooManyRequestsRetryAfter("30"), class: mailer.Throttled, code: 429, reason: "rateLimitExceeded", retryAt: now.Add(30 * time.Second)},
		{fault: mailertest.TooManyConcurrent(), class: mailer.Throttled, code: 429, reason: "rateLimitExceeded"},
		{fault: mailertest.ForbiddenRate(later), class: mailer.Throttled, code: 403, reason: "rateLimitExceeded", retryAt: later},
		{fault: mailertest.ForbiddenQuota(), class: mailer.Throttled, code: 403, reason: "forbidden"},

		{fault: mailertest.InsufficientPermissions(), class: mailer.Permanent, code: 403, reason: "insufficientPermissions", remedy: withRead},
		{fault: mailertest.DomainPolicy(), class: mailer.Permanent, code: 403, reason: "domainPolicy", remedy: withRead},
		{fault: mailertest.Answer(http.StatusForbidden, "text/html", "<p>"), class: mailer.Permanent, code: 403, remedy: withRead},
		{fault: mailertest.InvalidArgument("Invalid q"), class: mailer.Permanent, code: 400, reason: "invalidArgument"},

		{fault: mailertest.AccessNotConfigured(), class: mailer.Blocked, code: 403, reason: "accessNotConfigured", remedy: "switch the Gmail API on"},
		{fault: mailertest.MailServiceNotEnabled(), class: mailer.Blocked, code: 400, reason: "failedPrecondition", remedy: "https://mail.google.com"},
	}
}

// TestFindErrors goes through what may come of both requests of a look-up. None
// of it is taken for absence, nor keeps the next one from finding the mail.
func TestFindErrors(t *testing.T) {
	t.Parallel()
	for i, c := range lookUpRows() {
		for passed, request := range []string{"list", "get"} {
			t.Run(fmt.Sprintf("%d %s %s", i, request, c.fault), func(t *testing.T) {
				t.Parallel()
				s, _ := newReader(t, reading)
				transport := gmail.NewTransport(1)
				transport.DisableKeepAlives = true // On reused connections net/http repeats what changes nothing.
				sender := newSenderOn(t, gmail.Config{
					Tokens: source(t, s.Fake, s.TokenURL), Endpoint: s.URL, Transport: transport, Now: func() time.Time { return now },
				})
				if _, err := sender.Send(t.Context(), compose(t, "it", 0)); err != nil {
					t.Fatal(err)
				}
				s.ScriptLookUps(make([]mailertest.Fault, passed)...)
				s.ScriptLookUps(c.fault)
				found, err := sender.Find(t.Context(), soughtNow("it"))
				e := failure(t, err)
				if found != (mailer.Found{}) {
					t.Errorf("found %+v beside the error", found)
				}
				if e.Class != c.class || e.Code != c.code || e.Reason != c.reason || !strings.Contains(e.Text, c.text) || e.Text == "" {
					t.Errorf("got %s, want %s %d %s: %s", e, c.class, c.code, c.reason, c.text)
				}
				if !e.RetryAt.Equal(c.retryAt) {
					t.Errorf("retry at %s, want %s", e.RetryAt, c.retryAt)
				}
				if (e.Remedy == "") != (c.remedy == "") || !strings.Contains(e.Remedy, c.remedy) || e.Confirmed {
					t.Errorf("remedy %q, confirmed %t, want %q", e.Remedy, e.Confirmed, c.remedy)
				}
				if found := mustFind(t, sender, soughtNow("it")); found.Verdict != mailer.Present {
					t.Errorf("the next look-up: %+v", found)
				}
			})
		}
	}
}

// TestFindNeedsAScope holds that who may only send can send on.
func TestFindNeedsAScope(t *testing.T) {
	t.Parallel()
	const prefix = "https://www.googleapis.com/auth/gmail."
	for _, c := range []struct {
		scopes []string
		reason string // Empty where it is allowed.
	}{
		{[]string{prefix + "send"}, "insufficientPermissions"},
		{[]string{prefix + "send", prefix + "metadata"}, "forbidden"},
		{[]string{prefix + "send", prefix + "readonly", prefix + "metadata"}, "forbidden"},
		{[]string{prefix + "send", prefix + "readonly"}, ""},
		{[]string{prefix + "modify"}, ""},
		{[]string{"https://mail.google.com/"}, ""},
	} {
		s, sender := newReader(t, c.scopes)
		found, err := sender.Find(t.Context(), soughtNow("it"))
		if c.reason == "" {
			if err != nil || found.Verdict != mailer.Absent {
				t.Errorf("%v: got %+v, %v", c.scopes, found, err)
			}
		} else if e := failure(t, err); e.Class != mailer.Permanent || e.Reason != c.reason || !strings.Contains(e.Remedy, "--with-read") {
			t.Errorf("%v: got %s, remedy %q", c.scopes, e, e.Remedy)
		}
		if _, err := sender.Send(t.Context(), compose(t, "it", 0)); err != nil {
			t.Errorf("%v: sending afterwards: %v", c.scopes, err)
		}
		if n := s.Counts().Tokens; n != 1 {
			t.Errorf("%v: %d tokens, want one for both", c.scopes, n)
		}
	}
}

// TestFindRefreshesTheToken holds that a look-up, too, outlives an access token,
// and says what the token endpoint says.
func TestFindRefreshesTheToken(t *testing.T) {
	t.Parallel()
	s, sender := newReader(t, reading)
	if _, err := sender.Send(t.Context(), compose(t, "it", 0)); err != nil {
		t.Fatal(err)
	}
	s.ExpireTokens(mailertest.DefaultAddress)
	if found := mustFind(t, sender, soughtNow("it")); found.Verdict != mailer.Present {
		t.Errorf("found %+v", found)
	}
	s.ScriptLookUps(mailertest.Unauthorized(), mailertest.Unauthorized())
	_, err := sender.Find(t.Context(), soughtNow("it"))
	if e := failure(t, err); e.Class != mailer.Blocked || e.Code != http.StatusUnauthorized || e.Confirmed {
		t.Errorf("a token that is not taken: %+v", e)
	}
	s.Revoke(mailertest.DefaultAddress)
	_, err = sender.Find(t.Context(), soughtNow("it"))
	if e := failure(t, err); e.Class != mailer.Blocked || e.Reason != "invalid_grant" || !e.Confirmed {
		t.Errorf("a grant that has ended: %+v", e)
	}
	s.Restore(mailertest.DefaultAddress)
	s.ExpireTokens(mailertest.DefaultAddress)
	s.ScriptTokens(mailertest.BackendError())
	_, err = sender.Find(t.Context(), soughtNow("it"))
	if e := failure(t, err); e.Class != mailer.Unreachable || e.Everyone {
		t.Errorf("a token endpoint with a fault: %+v", e)
	}
}

// TestFindDeletedMeanwhile holds that a candidate which is gone by the time it is
// looked at decides nothing.
func TestFindDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	s, sender := newReader(t, reading)
	if _, err := sender.Send(t.Context(), compose(t, "another", 0)); err != nil {
		t.Fatal(err)
	}
	s.ScriptLookUps(mailertest.Fault{}, mailertest.Answer(http.StatusNotFound, "application/json", `{"error":{"code":404}}`))
	if found := mustFind(t, sender, soughtNow("it")); found != (mailer.Found{Verdict: mailer.Undecided}) {
		t.Errorf("found %+v, want it undecided", found)
	}
	s.ScriptLookUps(mailertest.Answer(http.StatusNotFound, "text/html", "<p>"))
	_, err := sender.Find(t.Context(), soughtNow("it"))
	if e := failure(t, err); e.Class != mailer.Permanent || e.Code != http.StatusNotFound {
		t.Errorf("a 404 to the search: %+v", e)
	}
}

// TestFindNotReached holds that a look-up which did not leave says so.
func TestFindNotReached(t *testing.T) {
	t.Parallel()
	dialed := errors.New("no route to host")
	sender := newSenderOn(t, gmail.Config{Tokens: fixed("token"), Transport: roundTrip(func(*http.Request) (*http.Response, error) { return nil, dialed })})
	_, err := sender.Find(t.Context(), soughtNow("it"))
	if e := failure(t, err); e.Class != mailer.Unreachable || !e.Everyone || !errors.Is(err, dialed) {
		t.Errorf("got %+v", e)
	}
}

// TestFindTimeout holds that all of a look-up's requests have one time together.
func TestFindTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const each = 20 * time.Second
		pages := 0
		sender := newSenderOn(t, gmail.Config{Tokens: fixed("token"), Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			pages++
			select {
			case <-time.After(each):
				return answering(http.StatusOK, nil, `{"nextPageToken":"x"}`).RoundTrip(r)
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
		})})
		begun := time.Now()
		_, err := sender.Find(context.Background(), soughtNow("it"))
		if took := time.Since(begun); took != gmail.FindTimeout || !errors.Is(err, context.DeadlineExceeded) || pages != 2 {
			t.Errorf("ended after %s and %d pages with %v", took, pages, err)
		}
	})
}

// TestFindRequests holds what goes to Google, as its reference has it.
func TestFindRequests(t *testing.T) {
	t.Parallel()
	var asked []*http.Request
	answers := []string{`{"messages":[{"id":"18c2f0a3b1d40001","threadId":"t"}]}`, `{"payload":{"headers":[{"name":"x-postroom-id","value":"` + mailer.IDHash("it") + `"}]}}`}
	sender := newSenderOn(t, gmail.Config{Tokens: fixed("the token"), Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		asked = append(asked, r)
		return answering(http.StatusOK, nil, answers[len(asked)-1]).RoundTrip(r)
	})})
	since := time.Unix(1_772_906_400, 0)
	found := mustFind(t, sender, mailer.Sought{MailID: "it", Recipients: []string{"ada@example.org", "bob@example.org"}, Since: since, Until: since.Add(time.Minute)})
	if found.Sent != (mailer.Sent{ID: "18c2f0a3b1d40001", ThreadID: "t"}) || len(asked) != 2 {
		t.Fatalf("found %+v after %d requests", found, len(asked))
	}
	for i, want := range []struct{ path, name, value string }{
		{"/gmail/v1/users/me/messages", "q", "in:sent after:1772905800 before:1772907060 {to:ada@example.org cc:ada@example.org bcc:ada@example.org}"},
		{"/gmail/v1/users/me/messages", "labelIds", "SENT"},
		{"/gmail/v1/users/me/messages", "includeSpamTrash", "true"},
		{"/gmail/v1/users/me/messages/18c2f0a3b1d40001", "format", "metadata"},
		{"/gmail/v1/users/me/messages/18c2f0a3b1d40001", "metadataHeaders", "X-Postroom-ID"},
	} {
		r := asked[i/3]
		if r.Method != http.MethodGet || r.URL.Path != want.path || r.URL.Query().Get(want.name) != want.value {
			t.Errorf("%s %s, want %s with %s=%s", r.Method, r.URL, want.path, want.name, want.value)
		}
		if r.Header.Get("Authorization") != "Bearer the token" || !strings.HasPrefix(r.Header.Get("User-Agent"), "postroom ") {
			t.Errorf("header %v", r.Header)
		}
	}
}

// TestFindErrorsKeepSecrets does for look-ups what TestErrorsKeepSecrets does
// for sends: the address is in the request, and in what is said of it.
func TestFindErrorsKeepSecrets(t *testing.T) {
	t.Parallel()
	const body = `{"error":{"message":"no results for to:ada@example.org with ya29.hush","errors":[{"reason":"x"}]}}`
	transports := map[string]http.RoundTripper{
		"cut": roundTrip(func(r *http.Request) (*http.Response, error) { return nil, fmt.Errorf("dial %s", r.URL.Host) }),
	}
	for _, status := range []int{200, 302, 400, 401, 403, 404, 429, 500} {
		transports[strconv.Itoa(status)] = answering(status, nil, body)
	}
	for name, transport := range transports {
		sender := newSenderOn(t, gmail.Config{Tokens: fixed("ya29.hush"), Transport: transport})
		found, err := sender.Find(t.Context(), soughtNow("it"))
		if name == "200" { // It has no messages.
			if err != nil || found.Verdict != mailer.Absent {
				t.Errorf("%s: %+v, %v", name, found, err)
			}
			continue
		}
		e := failure(t, err)
		shown := e.Error() + e.Text + e.Reason + e.Remedy
		if strings.Contains(shown, "hush") || strings.Contains(shown, "ada@") || strings.Contains(shown, "ada%40") {
			t.Errorf("%s: the error shows %q", name, shown)
		}
	}
}
