package mailertest_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/api/googleapi"

	"github.com/postroom/postroom/mailer/mailertest"
)

// clock is a time that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 7, 18, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func TestRateQuota(t *testing.T) {
	t.Parallel()
	clk := newClock()
	s := mailertest.NewServer(t, mailertest.WithNow(clk.Now), mailertest.WithTokenLifetime(24*time.Hour),
		mailertest.WithLimits(mailertest.Limits{PerMinute: 60, Burst: 2}))
	service := client(t, s, s.Account(mailertest.DefaultAddress))
	try := func(want int) error {
		t.Helper()
		_, err := send(t, service, message(text("x", "shop@example.com", "ada@example.org")))
		if statusOf(err) != want {
			t.Errorf("%s: got %v, want %d", clk.Now().Format(time.TimeOnly), err, want)
		}
		return err
	}
	_, _ = try(200), try(200) // The burst.
	err := try(429)
	if want := "User-rate limit exceeded.  Retry after 2026-03-07T18:00:01.000Z"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
	clk.Pass(999 * time.Millisecond)
	_ = try(429)
	clk.Pass(time.Millisecond)
	_, _ = try(200), try(429)
	clk.Pass(time.Hour) // Fills no more than the burst.
	_, _ = try(200), try(200)
	_ = try(429)

	s.SetLimits(mailertest.DefaultAddress, mailertest.Limits{PerMinute: 60, Burst: 2, NoRetryTime: true})
	if err := try(429); err == nil || strings.Contains(err.Error(), "Retry after") {
		t.Errorf("got %v, want no time", err)
	}
	s.SetLimits(mailertest.DefaultAddress, mailertest.Limits{})
	_ = try(200)
}

func TestDayLimit(t *testing.T) {
	t.Parallel()
	for name, l := range map[string]mailertest.Limits{
		"mails":      {Daily: 2, Window: time.Minute},
		"recipients": {DailyRecipients: 4, Window: time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clk := newClock()
			s := mailertest.NewServer(t, mailertest.WithNow(clk.Now), mailertest.WithLimits(l))
			service := client(t, s, s.Account(mailertest.DefaultAddress))
			try := func(want int) error { // A mail has two recipients.
				t.Helper()
				_, err := send(t, service, message(text("x", "shop@example.com", "ada@example.org")))
				if statusOf(err) != want {
					t.Errorf("%s: got %v, want %d", clk.Now().Format(time.TimeOnly), err, want)
				}
				return err
			}
			_ = try(200)
			clk.Pass(20 * time.Second)
			_ = try(200)
			err := try(429)
			if want := "Retry after 2026-03-07T18:01:00.000Z (Mail sending)"; err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %q", err, want)
			}
			clk.Pass(40 * time.Second)
			_, _ = try(200), try(429)
		})
	}
}

func TestConcurrencyLimit(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t, mailertest.WithLimits(mailertest.Limits{Concurrent: 2}))
	service := client(t, s, s.Account(mailertest.DefaultAddress))
	begun := make(chan struct{}, 2)
	s.Decide(func(mailertest.Request) mailertest.Fault {
		begun <- struct{}{}
		return mailertest.Slow(time.Hour)
	})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if _, err := send(t, service, message(text("x", "shop@example.com", "ada@example.org"))); err != nil {
				t.Error(err)
			}
		})
		<-begun
	}
	_, err := send(t, service, message(text("x", "shop@example.com", "ada@example.org")))
	e, ok := errors.AsType[*googleapi.Error](err)
	if !ok || e.Code != 429 || e.Message != "Too many concurrent requests for user" {
		t.Errorf("a third at once: %v", err)
	}
	s.Fake.Close()
	wg.Wait()
	s.Decide(nil)
	for range 3 {
		if _, err := send(t, service, message(text("x", "shop@example.com", "ada@example.org"))); err != nil {
			t.Errorf("one after the other: %v", err)
		}
	}
	if c := s.Counts(); c.Accepted != 5 || c.Peak != 3 {
		t.Errorf("counts %+v, want 5 accepted and a peak of 3", c)
	}
}

func TestAccountsAreApart(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t,
		mailertest.WithAccount(mailertest.Account{Address: "a@example.com", Limits: mailertest.Limits{Daily: 1}}),
		mailertest.WithAccount(mailertest.Account{Address: "b@example.com"}))
	for _, address := range []string{"a@example.com", "b@example.com"} {
		service := client(t, s, s.Account(address))
		for range 2 {
			_, _ = send(t, service, message(text(address, address, "ada@example.org")))
		}
	}
	if a, b := s.CountsOf("a@example.com"), s.CountsOf("B@example.com"); a.Answers[200] != 1 || a.Answers[429] != 1 || b.Answers[200] != 2 {
		t.Errorf("a %+v, b %+v", a, b)
	}
	for _, m := range s.AcceptedByMailID("b@example.com") {
		if m.Account != "b@example.com" {
			t.Errorf("b's mail went out as %s", m.Account)
		}
	}
	if s.Account("c@example.com").Address != "" {
		t.Error("there is no account c")
	}
}

func TestInvalidMail(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t)
	service := client(t, s, s.Account(mailertest.DefaultAddress))
	for raw, want := range map[string]string{
		"From: shop@example.com\r\nSubject: x\r\n\r\nHello":                    "Recipient address required",
		"From: shop@example.com\r\nTo: not an address\r\n\r\nHello":            "Invalid To header",
		"From: shop@example.com\r\nTo: a@example.org\r\nCc: @@\r\n\r\nHello":   "Invalid Cc header",
		"From: shop@example.com\r\nno colon\r\nTo: a@example.org\r\n\r\nHello": "Invalid message header",
	} {
		_, err := send(t, service, message(raw))
		e, ok := errors.AsType[*googleapi.Error](err)
		if !ok || e.Code != 400 || e.Message != want || e.Errors[0].Reason != "invalidArgument" {
			t.Errorf("%q: %v, want %q", raw, err, want)
		}
	}
	m := message(text("x", "shop@example.com", "ada@example.org"))
	m.Raw = strings.NewReplacer("-", "+", "_", "/").Replace(m.Raw) + "+/=="
	if _, err := send(t, service, m); statusOf(err) != 400 {
		t.Errorf("raw that is not base64url: %v, want 400", err)
	}
	if _, err := service.Users.Messages.Send("other@example.com", m).Context(t.Context()).Do(); statusOf(err) != 403 {
		t.Errorf("another user: %v, want 403", err)
	}
	if n := len(s.Accepted()); n != 0 {
		t.Errorf("%d mails were taken", n)
	}
}
