package mailertest_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/api/gmail/v1"
	"google.golang.org/api/googleapi"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/mailertest"
)

const scopePrefix = "https://www.googleapis.com/auth/gmail."

// sentBox is a fake whose account may read, and Google's client for it.
func sentBox(t *testing.T, options ...mailertest.Option) (*mailertest.Server, *gmail.Service) {
	t.Helper()
	a := mailertest.Account{Address: mailertest.DefaultAddress, Aliases: []string{"hello@example.com"}, Scopes: []string{scopePrefix + "send", scopePrefix + "readonly"}}
	s := mailertest.NewServer(t, append(options, mailertest.WithAccount(a))...)
	return s, client(t, s, s.Account(a.Address))
}

func mustSend(t *testing.T, service *gmail.Service, raw string) string {
	t.Helper()
	m, err := send(t, service, message(raw))
	if err != nil {
		t.Fatal(err)
	}
	return m.Id
}

// ids are the messages that a search finds, in order.
func ids(t *testing.T, service *gmail.Service, q string) string {
	t.Helper()
	list, err := service.Users.Messages.List("me").Q(q).LabelIds("SENT").Context(t.Context()).Do()
	if err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	found := make([]string, 0, len(list.Messages))
	for _, m := range list.Messages {
		found = append(found, m.Id)
	}
	if list.ResultSizeEstimate != int64(len(found)) {
		t.Errorf("%s: an estimate of %d for %d", q, list.ResultSizeEstimate, len(found))
	}
	return strings.Join(found, " ")
}

func TestSearch(t *testing.T) {
	t.Parallel()
	clk := newClock() // 2026-03-07 18:00 UTC.
	s, service := sentBox(t, mailertest.WithNow(clk.Now), mailertest.WithTokenLifetime(48*time.Hour))
	ada := mustSend(t, service, text("1", "shop@example.com", `"Ada, L." <ada@example.org>`))
	clk.Pass(24 * time.Hour)
	bob := mustSend(t, service, "From: Hello <hello@example.com>\r\nTo: BOB@example.org, eve@example.org\r\nCc: cc@example.org\r\n\r\nHello\r\n")
	other := s.AddAccount(mailertest.Account{Address: "news@example.com", Scopes: []string{"https://mail.google.com/"}})
	news := client(t, s, other)
	theirs := mustSend(t, news, text("1", "news@example.com", "ada@example.org"))
	for _, c := range []struct{ q, want string }{
		{"", bob + " " + ada},
		{"in:sent", bob + " " + ada},
		{"in:anywhere", bob + " " + ada},
		{"in:inbox", ""},
		{"to:ada@example.org", ada},
		{"TO:Ada@Example.org", ada},
		{`to:"ada@example.org"`, ada},
		{"to:eve@example.org", bob},
		{"to:ada", ""},
		{"to:cc@example.org", ""},
		{"cc:cc@example.org", bob},
		{"bcc:hidden@example.org", ada},
		{"from:hello@example.com", bob},
		{"from:shop@example.com", ada},
		{"to:ada@example.org to:bob@example.org", ""},
		{"{to:ada@example.org to:bob@example.org}", bob + " " + ada},
		{"in:sent {to:ada@example.org cc:ada@example.org bcc:ada@example.org} from:shop@example.com", ada},
		{"{in:inbox {cc:cc@example.org}}", bob},
		{"{}", ""},
		{"after:1772906400", bob + " " + ada}, // The second in which Ada's was sent.
		{"after:1772906401", bob},
		{"before:1772906400", ""},
		{"before:1772906401", ada},
		{"after:1772906400 before:1772906401", ada},
		{"after:2026/03/08", bob}, // Midnight in Pacific time is 08:00 UTC.
		{"before:2026/3/8", ada},
	} {
		if got := ids(t, service, c.q); got != c.want {
			t.Errorf("%s: found %s, want %s", c.q, got, c.want)
		}
	}
	if got := ids(t, news, ""); got != theirs {
		t.Errorf("another account has %s in Sent, want %s", got, theirs)
	}
	for _, q := range []string{"hello", "subject:x", "after:soon", "{to:ada@example.org", "to:ada@example.org}", `to:"ada@example.org`} {
		_, err := service.Users.Messages.List("me").Q(q).Context(t.Context()).Do()
		if statusOf(err) != http.StatusBadRequest {
			t.Errorf("%s: got %v, want it refused", q, err)
		}
	}
	list, err := service.Users.Messages.List("me").LabelIds("INBOX").Context(t.Context()).Do()
	if err != nil || len(list.Messages) != 0 {
		t.Errorf("the inbox has %v, %v", list, err)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		short int
		asked int64
		pages string // Their lengths.
	}{{500, 3, "3 3 1"}, {2, 500, "2 2 2 1"}, {500, 7, "7"}, {500, 0, "7"}} {
		_, service := sentBox(t, mailertest.WithShortPages(c.short))
		var want []string
		for i := range 7 {
			want = append([]string{mustSend(t, service, text(strconv.Itoa(i), "shop@example.com", "ada@example.org"))}, want...)
		}
		call := service.Users.Messages.List("me").Q("in:sent")
		if c.asked > 0 {
			call = call.MaxResults(c.asked)
		}
		var got, lengths []string
		err := call.Pages(t.Context(), func(page *gmail.ListMessagesResponse) error {
			lengths = append(lengths, strconv.Itoa(len(page.Messages)))
			for _, m := range page.Messages {
				got = append(got, m.Id)
			}
			if len(got) == 3 { // What comes meanwhile is on no later page.
				mustSend(t, service, text("late", "shop@example.com", "ada@example.org"))
			}
			return nil
		})
		if err != nil || strings.Join(got, " ") != strings.Join(want, " ") || strings.Join(lengths, " ") != c.pages {
			t.Errorf("%d of %d a page: pages of %v, %v, want %s", c.asked, c.short, lengths, err, c.pages)
		}
	}
	_, service := sentBox(t)
	if _, err := service.Users.Messages.List("me").PageToken("nonsense").Context(t.Context()).Do(); statusOf(err) != http.StatusBadRequest {
		t.Errorf("a token that is none: %v", err)
	}
}

func TestGetMessage(t *testing.T) {
	t.Parallel()
	clk := newClock()
	s, service := sentBox(t, mailertest.WithNow(clk.Now))
	raw := text("it", "Eve <eve@example.net>", "ada@example.org")
	id := mustSend(t, service, raw)
	m, err := service.Users.Messages.Get("me", id).Format("metadata").Context(t.Context()).Do()
	if err != nil {
		t.Fatal(err)
	}
	a := s.AcceptedByMailID("it")[0]
	if m.Id != a.ID || m.ThreadId != a.ThreadID || fmt.Sprint(m.LabelIds) != "[SENT]" || m.InternalDate != clk.Now().UnixMilli() || m.SizeEstimate != int64(len(raw)) {
		t.Errorf("got %+v, want %+v", m, a)
	}
	fields := map[string]string{}
	for _, h := range m.Payload.Headers {
		fields[strings.ToLower(h.Name)] = h.Value
	}
	for name, want := range map[string]string{
		"from": mailertest.DefaultAddress, "to": "ada@example.org", "bcc": "hidden@example.org", "message-id": a.MessageID,
		"x-postroom-id": mailer.IDHash("it"),
	} {
		if fields[name] != want {
			t.Errorf("%s: %q, want %q", name, fields[name], want)
		}
	}
	if a.Header.Get("Bcc") != "" {
		t.Error("what recipients get has Bcc")
	}
	m, err = service.Users.Messages.Get("me", id).Format("metadata").MetadataHeaders("X-Postroom-ID", "Date").Context(t.Context()).Do()
	if err != nil || len(m.Payload.Headers) != 1 || m.Payload.Headers[0].Value != mailer.IDHash("it") {
		t.Errorf("one field: %+v, %v", m, err)
	}
	m, err = service.Users.Messages.Get("me", id).Format("minimal").Context(t.Context()).Do()
	if err != nil || m.Payload != nil || m.Id != id {
		t.Errorf("minimal: %+v, %v", m, err)
	}
	for format, want := range map[string]int{"full": http.StatusNotImplemented, "raw": http.StatusNotImplemented} {
		if _, err := service.Users.Messages.Get("me", id).Format(format).Context(t.Context()).Do(); statusOf(err) != want {
			t.Errorf("%s: got %v, want %d", format, err, want)
		}
	}
	s.AddAccount(mailertest.Account{Address: "news@example.com", Scopes: []string{scopePrefix + "readonly"}})
	for name, c := range map[string]struct {
		account, id string
	}{"no such mail": {mailertest.DefaultAddress, "18c2f0a3b1d4ffff"}, "another's mail": {"news@example.com", id}} {
		_, err := client(t, s, s.Account(c.account)).Users.Messages.Get("me", c.id).Format("metadata").Context(t.Context()).Do()
		if statusOf(err) != http.StatusNotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := s.CountsOf(mailertest.DefaultAddress); n.Gets != 6 || n.Lists != 0 || n.Sends != 1 {
		t.Errorf("counts %+v", n)
	}
}

// TestWhatSentShows holds that Sent has what was accepted, however that was
// answered, and nothing else.
func TestWhatSentShows(t *testing.T) {
	t.Parallel()
	s, service := sentBox(t)
	for _, fault := range []mailertest.Fault{
		{},
		mailertest.AcceptThen503(), mailertest.AcceptThenCut(), mailertest.AcceptThenBrokenJSON(), mailertest.AcceptThenCutAnswer(),
		mailertest.AcceptThenSlow(time.Millisecond), mailertest.Slow(time.Millisecond),
		mailertest.Cut(), mailertest.BackendError(), mailertest.TooManyRequestsNoTime(), mailertest.Unauthorized(),
	} {
		s.Script(fault)
		_, _ = send(t, service, message(text(fault.String(), "shop@example.com", "ada@example.org"))) // What is said is another test's.
	}
	var want []string
	for _, a := range s.Accepted() {
		want = append([]string{a.ID}, want...)
	}
	if got := ids(t, service, "in:sent"); got != strings.Join(want, " ") || len(want) != 7 {
		t.Errorf("Sent has %s, want %v", got, want)
	}
}

func TestSentDelay(t *testing.T) {
	t.Parallel()
	clk := newClock()
	_, service := sentBox(t, mailertest.WithNow(clk.Now), mailertest.WithSentDelay(time.Minute))
	id := mustSend(t, service, text("it", "shop@example.com", "ada@example.org"))
	look := func() (string, int) {
		_, err := service.Users.Messages.Get("me", id).Format("metadata").Context(t.Context()).Do()
		return ids(t, service, "in:sent"), statusOf(err)
	}
	clk.Pass(59 * time.Second)
	if got, status := look(); got != "" || status != http.StatusNotFound {
		t.Errorf("before: %q, %d", got, status)
	}
	clk.Pass(time.Second)
	if got, status := look(); got != id || status != http.StatusOK {
		t.Errorf("after: %q, %d", got, status)
	}
}

func TestWithoutXHeaders(t *testing.T) {
	t.Parallel()
	s, service := sentBox(t, mailertest.WithoutXHeaders())
	id := mustSend(t, service, text("it", "shop@example.com", "ada@example.org"))
	m, err := service.Users.Messages.Get("me", id).Format("metadata").MetadataHeaders("X-Postroom-ID", "To").Context(t.Context()).Do()
	if err != nil || len(m.Payload.Headers) != 1 || m.Payload.Headers[0].Name != "To" {
		t.Errorf("got %+v, %v, want To alone", m, err)
	}
	if s.AcceptedByMailID("it")[0].Header.Get("X-Postroom-ID") == "" {
		t.Error("what recipients get lacks it too")
	}
}

// TestScopesOfLookUps is what Google's reference says of each method.
func TestScopesOfLookUps(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		scopes               []string
		list, search, get    int
		full                 int
		searchText, fullText string
	}{
		{[]string{"send"}, 403, 403, 403, 403, "insufficientPermissions", "insufficientPermissions"},
		{[]string{"send", "compose"}, 403, 403, 403, 403, "insufficientPermissions", "insufficientPermissions"},
		{[]string{"metadata"}, 200, 403, 200, 403, "Metadata scope does not support 'q' parameter", "Metadata scope doesn't allow format FULL"},
		{[]string{"readonly", "metadata"}, 200, 403, 200, 403, "Metadata scope does not support 'q' parameter", "Metadata scope doesn't allow format FULL"},
		{[]string{"readonly"}, 200, 200, 200, 501, "", "mailertest"},
		{[]string{"modify"}, 200, 200, 200, 501, "", "mailertest"},
	} {
		a := mailertest.Account{Address: mailertest.DefaultAddress}
		for _, scope := range c.scopes {
			a.Scopes = append(a.Scopes, scopePrefix+scope)
		}
		s := mailertest.NewServer(t, mailertest.WithAccount(a))
		service := client(t, s, s.Account(a.Address))
		id := mustSend(t, service, text("it", "shop@example.com", "ada@example.org"))
		messages := service.Users.Messages
		_, list := messages.List("me").Context(t.Context()).Do()
		_, search := messages.List("me").Q("in:sent").Context(t.Context()).Do()
		_, get := messages.Get("me", id).Format("metadata").Context(t.Context()).Do()
		_, full := messages.Get("me", id).Format("full").Context(t.Context()).Do()
		if got, want := fmt.Sprint(statusOf(list), statusOf(search), statusOf(get), statusOf(full)), fmt.Sprint(c.list, c.search, c.get, c.full); got != want {
			t.Errorf("%v: %s, want %s", c.scopes, got, want)
		}
		if !strings.Contains(fmt.Sprint(search), c.searchText) || !strings.Contains(fmt.Sprint(full), c.fullText) {
			t.Errorf("%v: %v; %v", c.scopes, search, full)
		}
	}
}

// TestLookUpsUseQuota holds their prices: a send is 100 units, a list 5, a get
// 20.
func TestLookUpsUseQuota(t *testing.T) {
	t.Parallel()
	clk := newClock()
	s, service := sentBox(t, mailertest.WithNow(clk.Now))
	id := mustSend(t, service, text("it", "shop@example.com", "ada@example.org"))
	s.SetLimits(mailertest.DefaultAddress, mailertest.Limits{PerMinute: 60, Burst: 1})
	list := func() int {
		_, err := service.Users.Messages.List("me").Context(t.Context()).Do()
		return statusOf(err)
	}
	get := func() int {
		_, err := service.Users.Messages.Get("me", id).Format("minimal").Context(t.Context()).Do()
		return statusOf(err)
	}
	for range 4 { // 4×20 and 4×5 is all of it.
		if a, b := get(), list(); a != http.StatusOK || b != http.StatusOK {
			t.Fatalf("within 100 units: %d, %d", a, b)
		}
	}
	if a, b := get(), list(); a != http.StatusTooManyRequests || b != http.StatusTooManyRequests {
		t.Errorf("beyond 100 units: %d, %d", a, b)
	}
	if _, err := send(t, service, message(text("more", "shop@example.com", "ada@example.org"))); statusOf(err) != http.StatusTooManyRequests {
		t.Errorf("a send beyond 100 units: %v", err)
	}
	clk.Pass(50 * time.Millisecond)
	if status := list(); status != http.StatusOK {
		t.Errorf("after 5 units' time: %d", status)
	}
	clk.Pass(time.Second)
	mustSend(t, service, text("more", "shop@example.com", "ada@example.org"))
}

// TestFaultsOfLookUps holds that they are apart from those of sends, in order,
// and come before what is chosen for each request.
func TestFaultsOfLookUps(t *testing.T) {
	t.Parallel()
	s, service := sentBox(t)
	var seen []mailertest.LookUp
	s.DecideLookUps(func(l mailertest.LookUp) mailertest.Fault {
		seen = append(seen, l) // One after another.
		if l.ID != "" {
			return mailertest.InternalError()
		}
		return mailertest.Fault{}
	})
	s.ScriptLookUps(mailertest.TooManyRequestsNoTime(), mailertest.Fault{})
	id := mustSend(t, service, text("it", "shop@example.com", "ada@example.org")) // Meets none of them.
	got := make([]int, 0, 5)
	for range 3 {
		_, err := service.Users.Messages.List("me").Q("in:sent").Context(t.Context()).Do()
		got = append(got, statusOf(err))
	}
	_, err := service.Users.Messages.Get("me", id).Format("metadata").Context(t.Context()).Do()
	got = append(got, statusOf(err))
	s.DecideLookUps(nil)
	begun := time.Now()
	s.ScriptLookUps(mailertest.Slow(50 * time.Millisecond))
	_, err = service.Users.Messages.Get("me", id).Format("metadata").Context(t.Context()).Do()
	got = append(got, statusOf(err))
	if took := time.Since(begun); took < 50*time.Millisecond {
		t.Errorf("a slow one took %s", took)
	}
	if want := "[429 200 200 500 200]"; fmt.Sprint(got) != want {
		t.Errorf("answers %v, want %s", got, want)
	}
	if want := (mailertest.LookUp{Account: mailertest.DefaultAddress, Number: 3, Query: "in:sent"}); len(seen) != 2 || seen[0] != want || seen[1].ID != id {
		t.Errorf("asked for %+v, want %+v and the get", seen, want)
	}
	s.ScriptLookUps(mailertest.Cut())
	status, body := raw(t, s, "/gmail/v1/users/me/messages")
	if status != 0 {
		t.Errorf("a cut one: %d %s", status, body)
	}
}

// TestLookUpsAndSendsShareAConcurrencyLimit has one of each at once.
func TestLookUpsAndSendsShareAConcurrencyLimit(t *testing.T) {
	t.Parallel()
	s, service := sentBox(t)
	s.SetLimits(mailertest.DefaultAddress, mailertest.Limits{Concurrent: 1})
	s.Script(mailertest.AcceptThenSlow(time.Minute)) // It ends with the server.
	go func() { _, _ = send(t, service, message(text("it", "shop@example.com", "ada@example.org"))) }()
	for deadline := time.Now().Add(10 * time.Second); s.CountByMailID("it") == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the send did not come")
		}
	}
	_, err := service.Users.Messages.List("me").Context(t.Context()).Do()
	if statusOf(err) != http.StatusTooManyRequests || !strings.Contains(err.Error(), "Too many concurrent requests for user") {
		t.Errorf("beside a send: %v", err)
	}
}

// TestLookUpsAreTheAccountsOwn holds whose mail may be asked for.
func TestLookUpsAreTheAccountsOwn(t *testing.T) {
	t.Parallel()
	s, service := sentBox(t)
	mustSend(t, service, text("it", "shop@example.com", "ada@example.org"))
	if list, err := service.Users.Messages.List("Shop@example.com").Context(t.Context()).Do(); err != nil || len(list.Messages) != 1 {
		t.Errorf("by its address: %v", err)
	}
	_, err := service.Users.Messages.List("news@example.com").Context(t.Context()).Do()
	if e, ok := err.(*googleapi.Error); !ok || e.Code != http.StatusForbidden { //nolint:errorlint // It is Google's own.
		t.Errorf("of another: %v", err)
	}
	s.ExpireTokens(mailertest.DefaultAddress)
	if _, err := service.Users.Messages.List("me").Context(t.Context()).Do(); statusOf(err) != http.StatusUnauthorized {
		t.Errorf("with a token that has ended: %v", err)
	}
}

// TestCountOnlyHasNoSent holds that nothing is taken for absent there.
func TestCountOnlyHasNoSent(t *testing.T) {
	t.Parallel()
	_, service := sentBox(t, mailertest.CountOnly())
	mustSend(t, service, text("it", "shop@example.com", "ada@example.org"))
	if _, err := service.Users.Messages.List("me").Context(t.Context()).Do(); statusOf(err) != http.StatusNotImplemented {
		t.Errorf("got %v, want 501", err)
	}
}

// raw makes a request of the fake on a connection of its own; 0 is no answer.
func raw(t *testing.T, s *mailertest.Server, path string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+accessToken(t, s))
	res, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		return 0, err.Error()
	}
	_ = res.Body.Close()
	return res.StatusCode, ""
}
