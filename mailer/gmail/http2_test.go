package gmail_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/gmail"
	"github.com/postroom/postroom/mailer/mailertest"
)

// TestHTTP2 holds that HTTP/2, which Google speaks, is used, and that an answer
// which does not come is not asked for again.
func TestHTTP2(t *testing.T) {
	t.Parallel()
	fake := mailertest.NewServer(t) // For its token endpoint, without TLS.
	var protocols sync.Map
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protocols.Store(r.Proto, true)
		fake.ServeHTTP(w, r)
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	w := newWire(t)
	trust(w.Transport, s)
	sender := newSenderOn(t, gmail.Config{Tokens: source(t, fake.Fake, fake.TokenURL), Endpoint: s.URL, Transport: w})
	if _, err := sender.Send(t.Context(), compose(t, "first", 5<<20)); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if _, err := sender.Send(t.Context(), compose(t, strconv.Itoa(i), 0)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, fault := range []mailertest.Fault{mailertest.AcceptThenCut(), mailertest.AcceptThenCutAnswer(), mailertest.Cut()} {
		before := fake.Counts().Sends
		fake.Script(fault)
		_, err := sender.Send(t.Context(), compose(t, fault.String(), 0))
		if e := failure(t, err); e.Class != mailer.Unknown {
			t.Errorf("%s: got %v", fault, e)
		}
		if n := fake.Counts().Sends - before; n != 1 {
			t.Errorf("%s: %d requests", fault, n)
		}
	}
	if _, http1 := protocols.Load("HTTP/1.1"); http1 || w.conns.Load() != 1 {
		t.Errorf("HTTP/1 %t, %d connections, want one of HTTP/2", http1, w.conns.Load())
	}
}

// trust has a transport take the certificate of s.
func trust(transport *http.Transport, s *httptest.Server) {
	transport.TLSClientConfig.RootCAs = x509.NewCertPool()
	transport.TLSClientConfig.RootCAs.AddCert(s.Certificate())
}

// framer is a server that speaks HTTP/2 frame by frame, so that it can break a
// stream off at any of them. It takes whatever it does not break off.
type framer struct {
	*httptest.Server

	begun atomic.Int64 // Streams.
	whole atomic.Int64 // Those whose body came to its end.
	// breaks sees each DATA frame; true means that it ended the stream.
	breaks func(f *http2.Framer, d *http2.DataFrame) bool
}

func newFramer(t *testing.T, breaks func(f *http2.Framer, d *http2.DataFrame) bool) *framer {
	t.Helper()
	s := &framer{Server: httptest.NewUnstartedServer(nil), breaks: breaks}
	s.TLS = &tls.Config{NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS12}
	s.Config.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){
		"h2": func(_ *http.Server, conn *tls.Conn, _ http.Handler) { s.serve(conn) },
	}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// serve reads frames until the client has gone, which is its only error.
func (s *framer) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	if _, err := io.ReadFull(conn, make([]byte, len(http2.ClientPreface))); err != nil {
		return
	}
	f := http2.NewFramer(conn, conn)
	f.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	_ = f.WriteSettings()
	ended := map[uint32]bool{}
	for {
		frame, err := f.ReadFrame()
		if err != nil {
			return
		}
		switch frame := frame.(type) {
		case *http2.SettingsFrame:
			if !frame.IsAck() {
				_ = f.WriteSettingsAck()
			}
		case *http2.MetaHeadersFrame:
			s.begun.Add(1)
		case *http2.DataFrame:
			if frame.StreamEnded() {
				s.whole.Add(1)
			}
			_ = f.WriteWindowUpdate(0, max(1, frame.Length)) // The connection's room is for other streams too.
			if !ended[frame.StreamID] {
				ended[frame.StreamID] = s.breaks(f, frame) || s.take(f, frame)
			}
		default: // A ping has no answer either.
		}
	}
}

// take makes room for more of the body, and at its end answers with a receipt.
func (*framer) take(f *http2.Framer, d *http2.DataFrame) bool {
	if !d.StreamEnded() {
		_ = f.WriteWindowUpdate(d.StreamID, max(1, d.Length))
		return false
	}
	var header bytes.Buffer
	_ = hpack.NewEncoder(&header).WriteField(hpack.HeaderField{Name: ":status", Value: "200"})
	_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: d.StreamID, BlockFragment: header.Bytes(), EndHeaders: true})
	_ = f.WriteData(d.StreamID, true, []byte(`{"id":"1","threadId":"1"}`))
	return true
}

// reset ends a stream with a code.
func reset(code http2.ErrCode) func(*http2.Framer, uint32) {
	return func(f *http2.Framer, stream uint32) { _ = f.WriteRSTStream(stream, code) }
}

// goAway ends a connection, and says that its last stream was not looked at.
func goAway(f *http2.Framer, stream uint32) { _ = f.WriteGoAway(stream-2, http2.ErrCodeNo, nil) }

// TestHTTP2Replay holds the rule of the package's documentation for HTTP/2:
// once a whole mail has left it does not leave again, whatever the server says.
func TestHTTP2Replay(t *testing.T) {
	t.Parallel()
	const small, large = 0, 1 << 20 // More than the 64 KiB that leave before the server says more.
	for _, c := range []struct {
		name   string
		size   int
		whole  bool // It is broken off at the end, else in the middle.
		breaks func(*http2.Framer, uint32)
		times  int64
		begun  int64 // Streams.
		wholes int64 // Those that carry all of the mail.
		sent   bool
	}{
		{"whole, PROTOCOL_ERROR", small, true, reset(http2.ErrCodeProtocol), 1000, 1, 1, false},
		{"large and whole, PROTOCOL_ERROR", large, true, reset(http2.ErrCodeProtocol), 1000, 1, 1, false},
		{"whole, REFUSED_STREAM", small, true, reset(http2.ErrCodeRefusedStream), 1, 1, 1, false},
		{"whole, GOAWAY", small, true, goAway, 1, 1, 1, false},
		{"whole, INTERNAL_ERROR", small, true, reset(http2.ErrCodeInternal), 1, 1, 1, false},
		{"whole, CANCEL", small, true, reset(http2.ErrCodeCancel), 1, 1, 1, false},
		{"a part, PROTOCOL_ERROR", large, false, reset(http2.ErrCodeProtocol), 1, 2, 1, true},
		{"a part, REFUSED_STREAM", large, false, reset(http2.ErrCodeRefusedStream), 1, 2, 1, true},
		{"a part, GOAWAY", large, false, goAway, 1, 2, 1, true},
		{"a part, PROTOCOL_ERROR each time", large, false, reset(http2.ErrCodeProtocol), 1000, 3, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var breaking atomic.Int64
			s := newFramer(t, func(f *http2.Framer, d *http2.DataFrame) bool {
				if c.whole && !d.StreamEnded() || breaking.Add(-1) < 0 {
					return false
				}
				c.breaks(f, d.StreamID)
				return true
			})
			w := newWire(t)
			trust(w.Transport, s.Server)
			sender := newSenderOn(t, gmail.Config{Tokens: fixed("token"), Endpoint: s.URL, Transport: w})
			if _, err := sender.Send(t.Context(), compose(t, "first", 0)); err != nil {
				t.Fatal(err)
			}
			breaking.Store(c.times)
			_, err := sender.Send(t.Context(), compose(t, "x", c.size))
			if c.sent && err != nil || !c.sent && failure(t, err).Class != mailer.Unknown {
				t.Errorf("got %v", err)
			}
			if begun, wholes := s.begun.Load()-1, s.whole.Load()-1; begun != c.begun || wholes != c.wholes {
				t.Errorf("%d streams, %d of them with the whole mail, want %d and %d: %v", begun, wholes, c.begun, c.wholes, err)
			}
		})
	}
}

// TestHTTP2Ping has a connection die of which nobody says so.
func TestHTTP2Ping(t *testing.T) {
	t.Parallel()
	// It reads and keeps silent, to pings too.
	s := newFramer(t, func(*http2.Framer, *http2.DataFrame) bool { return true })
	transport := gmail.NewTransport(1)
	t.Cleanup(transport.CloseIdleConnections)
	trust(transport, s.Server)
	if p := transport.HTTP2; p.SendPingTimeout <= 0 || p.PingTimeout <= 0 || p.SendPingTimeout+p.PingTimeout > gmail.SendTimeout(0) {
		t.Fatalf("pings %+v find a dead connection too late or never", p)
	}
	transport.HTTP2.SendPingTimeout, transport.HTTP2.PingTimeout = 20*time.Millisecond, 20*time.Millisecond
	begun := time.Now()
	_, err := newSenderOn(t, gmail.Config{Tokens: fixed("token"), Endpoint: s.URL, Transport: transport}).Send(t.Context(), compose(t, "x", 0))
	if e := failure(t, err); e.Class != mailer.Unknown || time.Since(begun) > 10*time.Second {
		t.Errorf("after %s: %v", time.Since(begun), e)
	}
}
