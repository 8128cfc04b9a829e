package accounts

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// Google's addresses of the consent page and of whom a token belongs to.
const (
	GoogleAuthURL     = "https://accounts.google.com/o/oauth2/v2/auth"
	GoogleUserinfoURL = "https://openidconnect.googleapis.com/v1/userinfo"
)

// The scopes that accounts are asked for. The last two say whose consent it is.
const (
	ScopeSend   = "https://www.googleapis.com/auth/gmail.send"
	ScopeRead   = "https://www.googleapis.com/auth/gmail.readonly"
	scopeOpenID = "openid"
	scopeEmail  = "email"
)

// ConsentConfig is what a Consent needs.
type ConsentConfig struct {
	// Client is the desktop client in whose name is asked.
	Client Client
	// RedirectURL is where the browser is sent with the answer: an address of
	// this machine.
	RedirectURL string
	// Read asks for reading mail too.
	Read bool
	// AuthURL and UserinfoURL are in place of Google's.
	AuthURL, UserinfoURL string
	// Transport carries the requests. Nil means http.DefaultTransport.
	Transport http.RoundTripper
	// Now is the time. Nil means time.Now.
	Now func() time.Time
}

// Consent is one question to an account's owner: the authorization code flow
// (RFC 6749 section 4.1) with PKCE (RFC 7636), as RFC 8252 has it for programs
// on one's own machine.
type Consent struct {
	cfg      ConsentConfig
	client   *http.Client
	state    string
	verifier Secret
}

// Granted is the owner's answer.
type Granted struct {
	// Address is whose consent it is, in lower case.
	Address string
	// Credential opens the account from now on.
	Credential Credential
	// Scopes are those that were granted, which may be fewer than asked for.
	Scopes []string
	// Expires is when the grant ends; zero where no end was named.
	Expires time.Time
}

// NewConsent makes a question. Nobody is asked before somebody opens its URL.
func NewConsent(c ConsentConfig) (*Consent, error) {
	for what, address := range map[string]string{"auth URL": c.AuthURL, "userinfo URL": c.UserinfoURL} {
		if address == "" {
			continue
		}
		if err := CheckURL(address); err != nil {
			return nil, fmt.Errorf("%s %w", what, err)
		}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Consent{
		cfg: c, state: rand.Text(), verifier: NewSecret(oauth2.GenerateVerifier()),
		client: newClient(c.Transport),
	}, nil
}

// URL is the page that the account's owner has to open.
func (c *Consent) URL() string {
	// Without these two Google gives a refresh token at the first consent alone.
	return c.config().AuthCodeURL(c.state, oauth2.AccessTypeOffline, oauth2.ApprovalForce,
		oauth2.S256ChallengeOption(c.verifier.Reveal()))
}

func (c *Consent) config() *oauth2.Config {
	config := Credential{ClientID: c.cfg.Client.ID, ClientSecret: c.cfg.Client.Secret, TokenURL: c.cfg.Client.TokenURL}.config()
	config.Endpoint.AuthURL = cmp.Or(c.cfg.AuthURL, GoogleAuthURL)
	config.RedirectURL = c.cfg.RedirectURL
	config.Scopes = []string{ScopeSend, scopeOpenID, scopeEmail}
	if c.cfg.Read {
		config.Scopes = append(config.Scopes, ScopeRead)
	}
	return config
}

// Two answers that are no grant.
var (
	// ErrWrongState is an answer to another question.
	ErrWrongState = errors.New("the answer belongs to another login: open the address that this one printed")
	// ErrDenied is a no.
	ErrDenied = errors.New("the consent was denied in the browser: log in again, and allow it")
)

// Answer takes the address that the browser was sent to, and gets the grant.
func (c *Consent) Answer(ctx context.Context, address string) (Granted, error) {
	code, err := c.code(address)
	if err != nil {
		return Granted{}, err
	}
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, oauth2.HTTPClient, c.client), refreshTimeout)
	defer cancel()
	config := c.config()
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(c.verifier.Reveal()))
	if err != nil {
		return Granted{}, c.exchangeFault(cleanFault(err, c.cfg.Client.Secret, NewSecret(code), c.verifier))
	}
	g := Granted{
		Credential: Credential{
			ClientID: c.cfg.Client.ID, ClientSecret: c.cfg.Client.Secret,
			RefreshToken: NewSecret(token.RefreshToken), TokenURL: c.cfg.Client.TokenURL,
		},
		Scopes: scopesOf(token, config.Scopes), Expires: expiryOf(token, c.cfg.Now()),
	}
	if err := c.check(g); err != nil {
		return Granted{}, err
	}
	if g.Address, err = c.whose(ctx, token); err != nil {
		return Granted{}, err
	}
	return g, nil
}

// code finds the answer in the address that the browser ended on.
func (c *Consent) code(address string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return "", errors.New("that is no address: copy all of what stands in the browser's address bar")
	}
	q := u.Query()
	if !c.isAnswer(q.Get("state")) {
		if !q.Has("state") {
			return "", errors.New("that address has no answer in it: copy the one that the browser is on after the consent; it begins with " + c.cfg.RedirectURL)
		}
		return "", ErrWrongState
	}
	switch reason := q.Get("error"); {
	case reason == "access_denied":
		return "", ErrDenied
	case reason != "":
		return "", fmt.Errorf("the consent page says %.60q: %.200q", reason, q.Get("error_description"))
	case q.Get("code") == "":
		return "", errors.New("that address has neither a code nor an error in it")
	}
	return q.Get("code"), nil
}

// isAnswer reports whether a state is this question's.
func (c *Consent) isAnswer(state string) bool {
	return subtle.ConstantTimeCompare([]byte(state), []byte(c.state)) == 1
}

// check says what a grant lacks.
func (c *Consent) check(g Granted) error {
	if !slices.Contains(g.Scopes, ScopeSend) {
		return errors.New("sending mail was not granted: log in again, and tick the box for sending mail")
	}
	if c.cfg.Read && !slices.Contains(g.Scopes, ScopeRead) {
		return errors.New("reading mail was not granted: log in again and tick its box, or log in without --with-read")
	}
	if g.Credential.RefreshToken.IsZero() {
		return errors.New("there is no refresh token in the answer, as if this client had the account's consent already: " +
			"revoke its access at https://myaccount.google.com/connections, and log in again")
	}
	return nil
}

// clockSlack is how wrong a clock may be before it is blamed.
const clockSlack = 5 * time.Minute

// exchangeFault says what went wrong with the code. Codes end within minutes,
// and a clock that is wrong is found out here.
func (c *Consent) exchangeFault(err error) error {
	e, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return fmt.Errorf("exchange the code for a token: %w", err)
	}
	if at, dateErr := http.ParseTime(e.Response.Header.Get("Date")); dateErr == nil {
		if off := c.cfg.Now().Sub(at).Round(time.Minute); off.Abs() >= clockSlack {
			return fmt.Errorf("this machine's clock is %v off: set it right and log in again (%s)", off, e.ErrorCode)
		}
	}
	switch e.ErrorCode {
	case "invalid_grant":
		return errors.New("the code was not taken: it may have been used already, or be too old; log in again")
	case "invalid_client", "unauthorized_client":
		return fmt.Errorf("the OAuth client was not taken (%s): it must be one of type Desktop app, with the secret that stands beside it: %s",
			e.ErrorCode, consoleURL)
	}
	return fmt.Errorf("exchange the code for a token: %w", err)
}
