package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	"github.com/postroom/postroom/mailer/accounts"
	"github.com/postroom/postroom/mailer/mailertest"
)

// clock is a time that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

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

func TestTokenIsKept(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t)
	clk := &clock{now: time.Date(2026, 3, 7, 18, 0, 0, 0, time.UTC)}
	source := newSource(t, accounts.SourceConfig{Credential: credential(s), Now: clk.Now})
	first := token(t, source)
	clk.Pass(59*time.Minute - time.Millisecond)
	if token(t, source) != first || s.Counts().Tokens != 1 {
		t.Errorf("%d requests for a token that had a minute left", s.Counts().Tokens)
	}
	// In its last minute it still serves, while another is fetched.
	s.ScriptTokens(mailertest.BackendError())
	clk.Pass(time.Millisecond)
	if token(t, source) != first {
		t.Error("the token was not used to its end")
	}
	waitFor(t, func() bool { return s.Counts().Tokens == 2 })
	waitFor(t, func() bool { return token(t, source) != first })
	second := token(t, source)
	// After its end it serves nobody.
	clk.Pass(time.Hour - 5*time.Second)
	s.ScriptTokens(mailertest.BackendError())
	if got, err := source.Token(t.Context()); err == nil {
		t.Errorf("got %q, second %q, after its end", got, second)
	}
	if token(t, source) == second {
		t.Error("a token was used after its end")
	}
}

// waitFor waits for what another goroutine does.
func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	for range 2000 {
		if done() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("waited for too long")
}

func TestOneRefreshForAll(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t)
	s.ScriptTokens(mailertest.Slow(200 * time.Millisecond))
	source := newSource(t, accounts.SourceConfig{Credential: credential(s)})
	impatient, cancel := context.WithCancel(t.Context())
	first := make(chan error)
	go func() {
		_, err := source.Token(impatient)
		first <- err
	}()
	waitFor(t, func() bool { return s.Counts().Tokens == 1 })
	cancel() // The one for whom the request was begun.
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("the impatient one: %v", err)
	}
	var wg sync.WaitGroup
	tokens := make([]string, 50)
	for i := range tokens {
		wg.Go(func() { tokens[i], _ = source.Token(t.Context()) })
	}
	wg.Wait()
	for _, got := range tokens {
		if got == "" || got != tokens[0] {
			t.Fatalf("got %q and %q", got, tokens[0])
		}
	}
	if n := s.Counts().Tokens; n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
	if _, err := source.Token(impatient); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
}

func TestInvalidate(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t)
	source := newSource(t, accounts.SourceConfig{Credential: credential(s)})
	first := token(t, source)
	source.Invalidate("another")
	if token(t, source) != first {
		t.Error("another token's end ended this one")
	}
	source.Invalidate(first)
	second := token(t, source)
	if second == first {
		t.Error("an invalid token was given again")
	}
	source.Invalidate(first) // A second send that met the same 401.
	if token(t, source) != second {
		t.Error("an old token's end ended the new one")
	}
	if n := s.Counts().Tokens; n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
}

func TestTokenErrors(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t)
	source := newSource(t, accounts.SourceConfig{Credential: credential(s)})
	s.ScriptTokens(mailertest.BackendError(), mailertest.Cut())
	_, err := source.Token(t.Context())
	if e, ok := errors.AsType[*oauth2.RetrieveError](err); !ok || e.Response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("503: %v", err)
	}
	if _, err = source.Token(t.Context()); !errors.Is(err, io.EOF) {
		t.Errorf("cut: %v", err)
	}
	s.Revoke(mailertest.DefaultAddress)
	_, err = source.Token(t.Context())
	if e, ok := errors.AsType[*oauth2.RetrieveError](err); !ok || e.ErrorCode != "invalid_grant" {
		t.Errorf("revoked: %v", err)
	}
	if n := s.Counts().Tokens; n != 3 {
		t.Errorf("%d requests, want one for each error", n)
	}
	if _, err := accounts.NewSource(accounts.SourceConfig{}); err == nil {
		t.Error("an empty credential made a source")
	}
}

// TestTokenRedirect holds that secrets are not taken elsewhere.
func TestTokenRedirect(t *testing.T) {
	t.Parallel()
	elsewhere := mailertest.NewServer(t)
	redirect := httptest.NewServer(http.RedirectHandler(elsewhere.TokenURL, http.StatusTemporaryRedirect))
	t.Cleanup(redirect.Close)
	c := credential(elsewhere)
	c.TokenURL = redirect.URL
	_, err := newSource(t, accounts.SourceConfig{Credential: c}).Token(t.Context())
	if e, ok := errors.AsType[*oauth2.RetrieveError](err); !ok || e.Response.StatusCode != http.StatusTemporaryRedirect || elsewhere.Counts().Tokens != 0 {
		t.Errorf("got %v, followed %d times", err, elsewhere.Counts().Tokens)
	}
}

// roundTrip is an http.RoundTripper that needs no network.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestTokenTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := newSource(t, accounts.SourceConfig{
			Credential: accounts.Credential{ClientID: "x", ClientSecret: accounts.NewSecret("x"), RefreshToken: accounts.NewSecret("x")},
			Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				if r.URL.String() != accounts.GoogleTokenURL {
					t.Errorf("asked %s", r.URL)
				}
				<-r.Context().Done()
				return nil, r.Context().Err()
			}),
		})
		begun := time.Now()
		_, err := source.Token(t.Context())
		if took := time.Since(begun); took != 10*time.Second || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %s: %v", took, err)
		}
	})
}

// TestRotation has a token endpoint that gives a new refresh token with each
// access token and takes only the newest.
func TestRotation(t *testing.T) {
	t.Parallel()
	valid := "r0"
	requests := 0
	source := newSource(t, accounts.SourceConfig{
		Credential: accounts.Credential{ClientID: "x", ClientSecret: accounts.NewSecret("x"), RefreshToken: accounts.NewSecret(valid)},
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if err := r.ParseForm(); err != nil {
				return nil, err
			}
			if got := r.PostForm.Get("refresh_token"); got != valid {
				t.Errorf("came with %q, want %q", got, valid)
			}
			requests++
			valid += "'"
			return &http.Response{
				StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
				Body: io.NopCloser(strings.NewReader(`{"access_token":"a` + valid + `","token_type":"Bearer","refresh_token":"` + valid + `"}`)),
			}, nil
		}),
	})
	for range 3 {
		source.Invalidate(token(t, source))
	}
	if requests != 3 {
		t.Errorf("%d requests, want 3", requests)
	}
}

// answering is a token endpoint that names no lifetime, and counts.
func answering(requests *int) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		*requests++
		return &http.Response{
			StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
			Body: io.NopCloser(strings.NewReader(fmt.Sprintf(`{"access_token":"a%d","token_type":"Bearer"}`, *requests))),
		}, nil
	}
}

// TestDefaultLifetime has an answer without expires_in taken for an hour.
func TestDefaultLifetime(t *testing.T) {
	t.Parallel()
	requests := 0
	clk := &clock{now: time.Date(2026, 3, 7, 18, 0, 0, 0, time.UTC)}
	source := newSource(t, accounts.SourceConfig{
		Credential: accounts.Credential{ClientID: "x", ClientSecret: accounts.NewSecret("x"), RefreshToken: accounts.NewSecret("x")},
		Transport:  answering(&requests), Now: clk.Now,
	})
	for _, c := range []struct {
		pass time.Duration
		want string
	}{{0, "a1"}, {59*time.Minute - 1, "a1"}, {time.Minute, "a2"}} {
		clk.Pass(c.pass)
		if got := token(t, source); got != c.want {
			t.Errorf("%s after the last look: got %s, want %s", c.pass, got, c.want)
		}
	}
}

// TestSecondLook has a token that is there by the time at which the request for
// it would begin. The clock stands for whoever fetched it: at the first look the
// token has ended, at the second it has not.
func TestSecondLook(t *testing.T) {
	t.Parallel()
	requests, ended := 0, false
	source := newSource(t, accounts.SourceConfig{
		Credential: accounts.Credential{ClientID: "x", ClientSecret: accounts.NewSecret("x"), RefreshToken: accounts.NewSecret("x")},
		Transport:  answering(&requests),
		Now: func() time.Time {
			now := time.Date(2026, 3, 7, 18, 0, 0, 0, time.UTC)
			if ended {
				ended = false
				return now.Add(2 * time.Hour)
			}
			return now
		},
	})
	first := token(t, source)
	ended = true
	if again := token(t, source); again != first || requests != 1 {
		t.Errorf("got %s, then %s, by %d requests", first, again, requests)
	}
}

func ExampleSource() {
	credential, err := accounts.FromEnvironment(func(string) (string, bool) { return "", false }) // os.LookupEnv
	if errors.Is(err, accounts.ErrNoCredential) {
		return // Say how to log in.
	}
	source, err := accounts.NewSource(accounts.SourceConfig{Credential: credential})
	if err != nil {
		return
	}
	_, _ = source.Token(context.Background()) // For the Authorization header.
	// Output:
}
