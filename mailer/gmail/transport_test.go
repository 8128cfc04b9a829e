package gmail_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/gmail"
	"github.com/postroom/postroom/mailer/mailertest"
)

// wire is a transport whose connections are counted and can be made to break.
type wire struct {
	*http.Transport

	conns  atomic.Int64
	writes atomic.Int64
	limit  atomic.Int64 // Bytes that may still be written; negative: any.
}

func newWire(t *testing.T) *wire {
	t.Helper()
	w := &wire{Transport: gmail.NewTransport(4)}
	w.limit.Store(-1)
	dial := w.DialContext
	w.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &wireConn{conn, w, w.conns.Add(1)}, nil
	}
	t.Cleanup(w.CloseIdleConnections)
	return w
}

// wireConn is the first connection, which breaks when told, or a later one.
type wireConn struct {
	net.Conn

	wire   *wire
	number int64
}

var errBroken = errors.New("broken wire")

func (c *wireConn) Write(p []byte) (int, error) {
	c.wire.writes.Add(1)
	limit := c.wire.limit.Load()
	if c.number > 1 || limit < 0 || int64(len(p)) <= limit {
		return c.Conn.Write(p)
	}
	n, _ := c.Conn.Write(p[:limit])
	return n, errBroken
}

// TestASmallMailIsOneWrite holds that header and body go out in one system call.
func TestASmallMailIsOneWrite(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t)
	w := newWire(t)
	sender := newSenderOn(t, gmail.Config{Tokens: source(t, s.Fake, s.TokenURL), Endpoint: s.URL, Transport: w})
	const mails = 3
	for range mails {
		if _, err := sender.Send(t.Context(), compose(t, "x", 0)); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.writes.Load(); got != mails {
		t.Errorf("%d writes for %d mails", got, mails)
	}
}

// TestConnectionsAreReused has four senders begin together, round by round, so
// that all their connections lie idle in between.
func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t)
	w := newWire(t)
	sender := newSenderOn(t, gmail.Config{Tokens: source(t, s.Fake, s.TokenURL), Endpoint: s.URL, Transport: w})
	var round sync.WaitGroup
	s.Decide(func(r mailertest.Request) mailertest.Fault {
		round.Done()
		round.Wait() // None is answered before all four have a connection.
		return []mailertest.Fault{{}, mailertest.BackendError(), mailertest.BadGateway(), mailertest.TooManyConcurrent()}[r.Number%4]
	})
	m := compose(t, "x", 0)
	const senders, rounds = 4, 25
	for range rounds {
		round.Add(senders)
		var wg sync.WaitGroup
		for range senders {
			wg.Go(func() { _, _ = sender.Send(t.Context(), m) }) // Most fail; their connections must live.
		}
		wg.Wait()
	}
	if c := s.Counts(); c.Sends != senders*rounds || c.Accepted != rounds {
		t.Errorf("counts %+v", c)
	}
	if n := w.conns.Load(); n != senders {
		t.Errorf("%d connections for %d senders and %d sends", n, senders, senders*rounds)
	}
}

// TestDeadThenUnreachable has the second connection, too, not come about: still
// no byte of the mail has left.
func TestDeadThenUnreachable(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t)
	w := newWire(t)
	sender := newSenderOn(t, gmail.Config{Tokens: source(t, s.Fake, s.TokenURL), Endpoint: s.URL, Transport: w})
	if _, err := sender.Send(t.Context(), compose(t, "first", 0)); err != nil {
		t.Fatal(err)
	}
	w.limit.Store(0)
	errAway := errors.New("network is unreachable")
	w.DialContext = func(context.Context, string, string) (net.Conn, error) { return nil, errAway }
	_, err := sender.Send(t.Context(), compose(t, "x", 0))
	if e := failure(t, err); e.Class != mailer.Unreachable || !errors.Is(err, errAway) {
		t.Errorf("got %v", err)
	}
}

// TestReplay holds the rule of the package's documentation for HTTP/1: a
// request takes a second connection only if no byte of it was written.
func TestReplay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		size    int
		written int64
		class   mailer.Class // Zero: it is sent.
	}{
		{"nothing written", 0, 0, 0},
		{"nothing written of a large one", 4 << 20, 0, 0},
		{"one byte written", 0, 1, mailer.Unknown},
		{"header written", 4 << 20, 500, mailer.Unknown},
		{"a part of the body written", 4 << 20, 4000, mailer.Unknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := mailertest.NewServer(t)
			w := newWire(t)
			sender := newSenderOn(t, gmail.Config{Tokens: source(t, s.Fake, s.TokenURL), Endpoint: s.URL, Transport: w})
			if _, err := sender.Send(t.Context(), compose(t, "first", 0)); err != nil {
				t.Fatal(err)
			}
			w.limit.Store(c.written)
			_, err := sender.Send(t.Context(), compose(t, "x", c.size))
			if c.class == 0 {
				if err != nil || s.CountByMailID("x") != 1 || w.conns.Load() != 2 {
					t.Errorf("got %v, accepted %d times, %d connections", err, s.CountByMailID("x"), w.conns.Load())
				}
				return
			}
			if e := failure(t, err); e.Class != c.class || !errors.Is(err, errBroken) {
				t.Errorf("got %v", err)
			}
			if s.CountByMailID("x") != 0 || w.conns.Load() != 1 {
				t.Errorf("accepted %d times, %d connections", s.CountByMailID("x"), w.conns.Load())
			}
		})
	}
}

// page is an answer without an end.
type page struct{ closed bool }

func (*page) Read(p []byte) (int, error) { return len(p), nil }

func (p *page) Close() error {
	p.closed = true
	return nil
}

func TestEndlessAnswer(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]mailer.Class{200: mailer.Unknown, 502: mailer.Temporary} {
		var endless page
		sender := newSenderOn(t, gmail.Config{Tokens: fixed("token"), Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Body: &endless, Request: r}, nil
		})})
		_, err := sender.Send(t.Context(), compose(t, "x", 0))
		if e := failure(t, err); e.Class != want || !endless.closed {
			t.Errorf("%d: got %v, closed %t", status, e, endless.closed)
		}
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(untrusted.Close)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	old := httptest.NewUnstartedServer(http.NotFoundHandler())
	old.Config.ErrorLog = log.New(io.Discard, "", 0)                                  // It complains of the handshake.
	old.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11} //nolint:gosec // This must not be spoken.
	old.StartTLS()
	t.Cleanup(old.Close)
	modern := gmail.NewTransport(1)
	trust(modern, old)
	noName := gmail.NewTransport(1)
	noName.DialContext = func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.DNSError{Err: "no such host", Name: "gmail.googleapis.com", IsNotFound: true}
	}
	for name, c := range map[string]gmail.Config{
		"nobody listens":     {Endpoint: gone.URL},
		"unknown name":       {Transport: noName},
		"unknown issuer":     {Endpoint: untrusted.URL},
		"an old TLS":         {Endpoint: old.URL, Transport: modern},
		"a token of no form": {Tokens: fixed("two\nlines-hush"), Endpoint: untrusted.URL},
	} {
		if c.Tokens == nil {
			c.Tokens = fixed("token")
		}
		_, err := newSenderOn(t, c).Send(t.Context(), compose(t, "x", 0))
		e := failure(t, err)
		if e.Class != mailer.Unreachable || e.Err == nil || !strings.Contains(e.Text, "not reached") || strings.Contains(e.Text, "hush") {
			t.Errorf("%s: got %v", name, e)
		}
	}
}

// TestEndedContext holds the class before and after a byte left.
func TestEndedContext(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t)
	sender := newSender(t, s)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := sender.Send(ended, compose(t, "before", 0))
	if e := failure(t, err); e.Class != mailer.Unreachable || !errors.Is(err, context.Canceled) {
		t.Errorf("before: %v", e)
	}
	if n := s.Counts().Sends; n != 0 {
		t.Errorf("%d requests", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s.Decide(func(mailertest.Request) mailertest.Fault {
		cancel()
		return mailertest.Slow(20 * time.Millisecond)
	})
	_, err = sender.Send(ctx, compose(t, "after", 0))
	if e := failure(t, err); e.Class != mailer.Unknown || !errors.Is(err, context.Canceled) {
		t.Errorf("after: %v", e)
	}
	for s.CountByMailID("after") == 0 {
		time.Sleep(time.Millisecond) // Gmail takes it all the same.
	}
}

// TestRedirectsAreNotFollowed holds that mail and token go nowhere else.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		var followed atomic.Int64
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/elsewhere" {
				followed.Add(1)
			}
			http.Redirect(w, r, "/elsewhere", status)
		}))
		t.Cleanup(s.Close)
		_, err := newSenderOn(t, gmail.Config{Tokens: fixed("token"), Endpoint: s.URL}).Send(t.Context(), compose(t, "x", 0))
		if e := failure(t, err); e.Class != mailer.Temporary || e.Code != status || followed.Load() != 0 {
			t.Errorf("%d: got %v, followed %d times", status, e, followed.Load())
		}
	}
}

// TestTimeouts has a server that never answers cut off by the transport, whose
// other timeouts are there too.
func TestTimeouts(t *testing.T) {
	t.Parallel()
	s := mailertest.NewServer(t)
	s.Script(mailertest.Slow(time.Hour))
	transport := gmail.NewTransport(1)
	if transport.ResponseHeaderTimeout <= 0 || transport.TLSHandshakeTimeout <= 0 || transport.IdleConnTimeout <= 0 {
		t.Fatalf("the transport has no timeouts: %+v", transport)
	}
	if d := gmail.NewDialer(); d.Timeout <= 0 || d.Timeout >= gmail.SendTimeout(0) {
		t.Errorf("a dial ends after %s", d.Timeout)
	}
	transport.ResponseHeaderTimeout = 20 * time.Millisecond
	_, err := newSenderOn(t, gmail.Config{Tokens: source(t, s.Fake, s.TokenURL), Endpoint: s.URL, Transport: transport}).Send(t.Context(), compose(t, "x", 0))
	if e := failure(t, err); e.Class != mailer.Unknown || s.Counts().Sends != 1 {
		t.Errorf("got %v after %d requests", e, s.Counts().Sends)
	}
}
