package accounts

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	// refreshTimeout is how long the token endpoint may take to answer.
	refreshTimeout = 10 * time.Second

	// early is how long before its end an access token is refreshed.
	early = time.Minute
	// last is how long before its end it is not used any more, so that it
	// does not end on its way to Gmail.
	last = 5 * time.Second
)

// SourceConfig is what a Source needs.
type SourceConfig struct {
	// Credential opens the account. It must be valid.
	Credential Credential
	// Keeper has the credential, in place of Credential, where others use it
	// too: see Store.Keeper.
	Keeper Keeper
	// Transport carries the token requests. Nil means
	// http.DefaultTransport. Share one among accounts.
	Transport http.RoundTripper
	// Now is the time. Nil means time.Now.
	Now func() time.Time
}

// Source gets access tokens for one account and keeps the current one in
// memory. It is safe for concurrent use.
type Source struct {
	keeper Keeper
	client *http.Client
	now    func() time.Time
	flight singleflight.Group

	mu     sync.Mutex
	access access
}

// access is an access token and its times.
type access struct {
	token   Secret
	renew   time.Time // From here on another is fetched.
	useless time.Time // From here on it is not used.
}

var _ fmt.Formatter = (*Source)(nil)

// NewSource makes a Source. It asks Google for nothing yet.
func NewSource(c SourceConfig) (*Source, error) {
	if c.Keeper == nil {
		if err := c.Credential.Validate(); err != nil {
			return nil, fmt.Errorf("credential: %w", err)
		}
		c.Keeper = &memory{credential: c.Credential}
	}
	s := &Source{
		keeper: c.Keeper,
		client: newClient(c.Transport),
		now:    c.Now,
	}
	if s.now == nil {
		s.now = time.Now
	}
	return s, nil
}

// Token returns an access token that is good for some seconds at least.
//
// One that ends within the minute is returned while another is fetched beside
// it, so that a slow token endpoint delays no mail. Where there is none, all
// callers wait for one request, which goes on though ctx ends: others wait for
// it too. What the token endpoint said is an *oauth2.RetrieveError in the
// error's chain; else it was not reached or not understood.
func (s *Source) Token(ctx context.Context) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", fmt.Errorf("get access token: %w", err)
	}
	token, fresh := s.current()
	if fresh {
		return token, nil
	}
	fetched := s.flight.DoChan("", func() (any, error) { return s.fetch(context.WithoutCancel(ctx)) })
	if token != "" {
		return token, nil
	}
	select {
	case result := <-fetched:
		if result.Err != nil {
			return "", fmt.Errorf("get access token: %w", result.Err)
		}
		return revealed(result.Val), nil
	case <-ctx.Done():
		return "", fmt.Errorf("get access token: %w", ctx.Err())
	}
}

func revealed(v any) string {
	token, _ := v.(Secret) // It is what fetch returns.
	return token.Reveal()
}

// current returns the token that is cached, if it can still be used, and
// whether it need not be renewed yet.
func (s *Source) current() (token string, fresh bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if !now.Before(s.access.useless) {
		return "", false
	}
	return s.access.token.Reveal(), now.Before(s.access.renew)
}

// Invalidate forgets an access token that Gmail did not take, so that the next
// Token asks for another. It does nothing where the token has been replaced
// already: of many sends that meet the same 401 the first one counts.
func (s *Source) Invalidate(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.access.token.Reveal() == token {
		s.access = access{}
	}
}

// fetch asks the token endpoint, and keeps what it gives.
func (s *Source) fetch(ctx context.Context) (Secret, error) {
	if token, fresh := s.current(); fresh { // Another came between.
		return NewSecret(token), nil
	}
	ctx, cancel := context.WithTimeout(ctx, refreshTimeout)
	defer cancel()
	var grant Grant
	asked := s.now()
	err := s.keeper.Refresh(ctx, func(c Credential) (_ Grant, err error) {
		asked = s.now()
		grant, err = c.refresh(ctx, s.client, asked)
		return grant, err
	})
	if err != nil {
		return Secret{}, err //nolint:wrapcheck // Token says what was being done.
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.access = access{
		token:   grant.AccessToken,
		renew:   asked.Add(grant.Lifetime - min(early, grant.Lifetime/4)),
		useless: asked.Add(grant.Lifetime - min(last, grant.Lifetime/8)),
	}
	return s.access.token, nil
}

// Format prints no more than what it is, whatever the verb: reflection would
// race with a refresh.
func (s *Source) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprint(f, "accounts.Source") // fmt.State keeps no errors.
}
