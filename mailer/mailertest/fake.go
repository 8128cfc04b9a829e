package mailertest

import (
	"cmp"
	"crypto/rand"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// defaultTokenLifetime is that of Google's access tokens.
const defaultTokenLifetime = time.Hour

// Fake is a Gmail in memory, an http.Handler for its API and for Google's OAuth:
// the consent page at /auth, the token endpoint at /token, /userinfo and
// /revoke. It is safe for concurrent use, and holds no lock while it
// reads or parses a mail.
type Fake struct {
	counter

	mux       *http.ServeMux
	now       func() time.Time
	latency   time.Duration
	lifetime  time.Duration
	countOnly bool
	sentRules sentRules
	nonce     string // Makes one fake's tokens worthless at another.

	ids      idSource
	inFlight atomic.Int64
	script   script
	log      acceptedLog
	uploads  uploads
	closed   chan struct{}
	close    func()

	mu       sync.RWMutex // Of all that follows, never held while a mail is read.
	accounts map[string]*account
	tokens   map[string]grant
	consents map[string]*consent // By refresh token.
	codes    map[string]code
	robots   map[string]robot // By their own addresses.
	owner    Owner
	issued   []string // All secrets.
}

var _ http.Handler = (*Fake)(nil)

// Option sets up a Fake.
type Option func(*Fake)

// WithAccount adds an account. Without any, the fake has one without limits:
// DefaultAddress.
func WithAccount(a Account) Option { return func(f *Fake) { f.AddAccount(a) } }

// WithLimits gives DefaultAddress an account with these limits.
func WithLimits(l Limits) Option {
	return WithAccount(Account{Address: DefaultAddress, Limits: l})
}

// WithNow takes the time from now, for quotas and tokens. Delays are real.
func WithNow(now func() time.Time) Option { return func(f *Fake) { f.now = now } }

// WithLatency lets every send and every look-up take d.
func WithLatency(d time.Duration) Option { return func(f *Fake) { f.latency = d } }

// WithTokenLifetime lets access tokens end after d, in whole seconds. Zero
// means an hour, as at Google.
func WithTokenLifetime(d time.Duration) Option {
	return func(f *Fake) { f.lifetime = cmp.Or(d, defaultTokenLifetime) }
}

// WithFaults chooses the fault of each request, as Fake.Decide does.
func WithFaults(decide DecideFunc) Option { return func(f *Fake) { f.script.decide = decide } }

// WithSentDelay shows mail in Sent only d after it was taken, as Gmail may.
func WithSentDelay(d time.Duration) Option { return func(f *Fake) { f.sentRules.delay = d } }

// WithoutXHeaders drops the header's fields that begin with X- from mail in Sent:
// whether Gmail keeps them is documented nowhere.
func WithoutXHeaders() Option { return func(f *Fake) { f.sentRules.dropX = true } }

// WithShortPages puts n messages on a page of Sent mail at most, whatever was
// asked for, as Gmail may.
func WithShortPages(n int) Option { return func(f *Fake) { f.sentRules.page = n } }

// CountOnly keeps of each accepted mail only that it was: for benchmarks, and
// runs whose mail would not fit into memory. Accepted is empty then, and asking
// for Sent mail is answered 501; CountByMailID and Counts still work.
func CountOnly() Option { return func(f *Fake) { f.countOnly = true } }

// NewFake returns a Gmail that is ready to serve. NewServer is simpler where
// there is a test to end it with.
func NewFake(options ...Option) *Fake {
	f := &Fake{
		now: time.Now, lifetime: defaultTokenLifetime, nonce: rand.Text(), closed: make(chan struct{}),
		accounts: map[string]*account{}, tokens: map[string]grant{}, consents: map[string]*consent{},
		codes: map[string]code{}, robots: map[string]robot{},
	}
	f.close = sync.OnceFunc(func() { close(f.closed) })
	f.script.attempts = map[string]int{}
	f.log.byID = map[string][]int{}
	f.log.copies = map[string]int{}
	f.uploads.open = map[string]*upload{}
	for _, option := range options {
		option(f)
	}
	if len(f.accounts) == 0 {
		f.AddAccount(Account{Address: DefaultAddress})
	}
	f.routes()
	return f
}

func (f *Fake) routes() {
	f.mux = http.NewServeMux()
	f.mux.HandleFunc("GET /auth", f.serveConsent)
	f.mux.HandleFunc("POST /token", f.serveToken)
	f.mux.HandleFunc("GET /userinfo", f.serveUserinfo)
	f.mux.HandleFunc("POST /revoke", f.serveRevoke)
	f.mux.HandleFunc("POST /gmail/v1/users/{userId}/messages/send", f.serveSend)
	f.mux.HandleFunc("POST /upload/gmail/v1/users/{userId}/messages/send", f.serveSend)
	f.mux.HandleFunc("GET /gmail/v1/users/{userId}/messages", f.serveList)
	f.mux.HandleFunc("GET /gmail/v1/users/{userId}/messages/{id}", f.serveGet)
	f.mux.HandleFunc("PUT /upload/gmail/v1/users/{userId}/messages/send", f.serveSend)
}

// ServeHTTP answers as Google would.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) { f.mux.ServeHTTP(w, r) }

// Close ends all delays that are under way, so that a server of this fake can
// be closed at once.
func (f *Fake) Close() { f.close() }

// wait is a delay, unless the fake is closed.
func (f *Fake) wait(d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-f.closed:
	}
}

// bearer returns the access token of a request.
func bearer(r *http.Request) string {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return token
}
