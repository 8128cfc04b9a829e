package gmail

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/postroom/postroom/mailer"
)

// DefaultEndpoint is the Gmail API.
const DefaultEndpoint = "https://gmail.googleapis.com/"

// maxAnswer bounds what is read of an answer. Gmail's take a few hundred bytes;
// a proxy's page may take more.
const maxAnswer = 64 << 10

// Tokens gets access tokens for the account.
type Tokens interface {
	// Token returns one that is good now.
	Token(ctx context.Context) (string, error)
	// Invalidate says that Gmail did not take this one.
	Invalidate(token string)
}

// Config is what a Sender needs.
type Config struct {
	// Tokens opens the account. It is required, and says whose account it is.
	Tokens Tokens
	// Endpoint is the API's address. Empty means DefaultEndpoint; plain http is
	// taken for this machine alone. Uploads go to /upload/ at its root.
	Endpoint string
	// Transport carries the requests. Nil means a NewTransport of its own; share
	// one among accounts.
	Transport http.RoundTripper
	// Now is the time, for "retry after 30 seconds". Nil means time.Now.
	Now func() time.Time
}

// Sender sends for one account. It is safe for concurrent use.
type Sender struct {
	tokens      Tokens
	client      http.Client
	now         func() time.Time
	rawURL      string
	uploadURL   string
	messagesURL string
}

var _ mailer.Sender = (*Sender)(nil)

// New makes a Sender. It asks Google for nothing yet.
func New(c Config) (*Sender, error) {
	if c.Tokens == nil {
		return nil, errors.New("gmail: Config.Tokens is nil")
	}
	endpoint, err := parseEndpoint(cmp.Or(c.Endpoint, DefaultEndpoint))
	if err != nil {
		return nil, err
	}
	// Only what is read of the answer is asked for.
	const query = "alt=json&fields=id%2CthreadId&prettyPrint=false"
	upload := endpoint.ResolveReference(&url.URL{Path: "/upload/gmail/v1/users/me/messages/send"})
	s := &Sender{
		tokens:      c.Tokens,
		now:         c.Now,
		rawURL:      endpoint.JoinPath("gmail/v1/users/me/messages/send").String() + "?" + query,
		uploadURL:   upload.String() + "?uploadType=multipart&" + query,
		messagesURL: endpoint.JoinPath("gmail/v1/users/me/messages").String(),
		client: http.Client{
			Transport: c.Transport,
			// A redirect would take the mail and its token elsewhere.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	if c.Transport == nil {
		s.client.Transport = NewTransport(defaultConns)
	}
	if s.now == nil {
		s.now = time.Now
	}
	return s, nil
}

// parseEndpoint refuses addresses to which a token must not be sent.
func parseEndpoint(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" {
		// The address is not shown: one that does not parse may hold a password.
		return nil, errors.New("gmail: the endpoint is not an address such as " + DefaultEndpoint)
	}
	ip := net.ParseIP(u.Hostname())
	loopback := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback) {
		return nil, fmt.Errorf("gmail: the endpoint has scheme %q and host %q: it must be https, or http to this machine (127.0.0.1, ::1, localhost)", u.Scheme, u.Hostname())
	}
	if !strings.HasSuffix(u.Path, "/") {
		u.Path += "/"
	}
	return u, nil
}

// Send takes m to Gmail and returns its IDs, or a *mailer.Error. It ends when
// ctx does and after SendTimeout of the message's size at the latest, all that
// it does included.
//
// Where ctx ends before a byte left the error is of class Unreachable, after
// that of class Unknown; errors.Is finds the context's error in both.
func (s *Sender) Send(ctx context.Context, m *mailer.Message) (mailer.Sent, error) {
	ctx, cancel := context.WithTimeout(ctx, SendTimeout(m.Size()))
	defer cancel()
	happened := s.exchange(ctx, func(ctx context.Context, token string, seen *watch) (*http.Request, error) {
		req, err := s.request(ctx, m, token)
		if err == nil {
			seen.guard(req)
		}
		return req, err
	})
	if sent, ok := happened.receipt(); ok {
		return sent, nil
	}
	return mailer.Sent{}, classify(happened, s.now())
}

// exchange is what happened when a message was to be sent or looked for: the
// facts from which the error's class follows.
type exchange struct {
	token    string
	tokenErr error // There was no token to be had; nothing else happened.
	left     bool  // The request had a connection: bytes of it may have left.
	status   int   // Of the answer, 0 for none.
	header   http.Header
	body     []byte
	err      error // Of the connection, also while the body was read.
}

// requestFunc makes a request with an access token. seen sees what becomes of
// it.
type requestFunc func(ctx context.Context, token string, seen *watch) (*http.Request, error)

// exchange makes a request, and once more with a fresh token after a 401.
func (s *Sender) exchange(ctx context.Context, request requestFunc) exchange {
	happened := s.attempt(ctx, request)
	if happened.status == http.StatusUnauthorized {
		s.tokens.Invalidate(happened.token)
		happened = s.attempt(ctx, request)
	}
	return happened
}

// attempt makes the one request.
func (s *Sender) attempt(ctx context.Context, request requestFunc) (x exchange) {
	x.token, x.tokenErr = s.tokens.Token(ctx)
	if x.tokenErr != nil {
		return x
	}
	var seen watch
	req, err := request(seen.trace(ctx), x.token, &seen)
	if err != nil {
		x.err = err
		return x
	}
	res, err := s.client.Do(req)
	x.left = seen.left.Load()
	if err != nil {
		x.err = err
		return x
	}
	x.status, x.header = res.StatusCode, res.Header
	x.body, x.err = io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	_ = res.Body.Close() // All that is needed has been read, or the error is known.
	return x
}

// answered reports whether the answer is whole and no error.
func (x *exchange) answered() bool { return x.status >= 200 && x.status <= 299 && x.err == nil }

// receipt reads the IDs of a mail that Gmail took.
func (x *exchange) receipt() (mailer.Sent, bool) {
	if !x.answered() {
		return mailer.Sent{}, false
	}
	var message struct {
		ID       string `json:"id"`
		ThreadID string `json:"threadId"`
	}
	if err := json.Unmarshal(x.body, &message); err != nil || message.ID == "" {
		return mailer.Sent{}, false
	}
	return mailer.Sent{ID: message.ID, ThreadID: message.ThreadID}, true
}
